"""The stores as routing and scoring see them: who is where, and the nearest to a place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.routing.policy import StoreFacts
from shared.dealers.hours import DEFAULT_HOURS, WeeklyHours
from shared.regions.distance import NearestIndex, great_circle_km

_KEPT = 20_000
_RESTS = "coalesce(s.paused_until > (now() AT TIME ZONE 'Asia/Shanghai')::date, false)"
# Changes whenever a store or the standing of a dealer does, and when a store's own pause begins or is over.
_FINGERPRINT = text(
    f"""
    SELECT count(*), sum(hashtextextended(concat_ws('|', s.store_id, s.changed_at, s.status, s.lng, s.lat, s.hours,
                                                    s.daily_capacity, s.weekly_capacity, s.weight, s.series,
                                                    d.status, {_RESTS}), 0))
    FROM stores s JOIN dealers d USING (dealer_id)
    """  # noqa: S608 (a constant)
)
_STORES = text(
    f"""
    SELECT s.store_id, s.dealer_id, s.code, s.lng, s.lat,
           s.status = 'active' AND d.status = 'active' AND NOT {_RESTS}, s.hours, s.daily_capacity,
           s.closed_days
    FROM stores s JOIN dealers d USING (dealer_id) WHERE s.status <> 'closed' ORDER BY s.store_id
    """  # noqa: S608 (a constant)
)


@dataclass(frozen=True, slots=True)
class Network:
    """All stores that are not closed.

    Attributes:
        stores, by_code: by id, and by the code that people scan.
        hours: opening hours by id.
        capacity: leads a day by id, None without a limit; active stores only.
    """

    stores: Mapping[UUID, StoreFacts]
    by_code: Mapping[str, StoreFacts]
    hours: Mapping[UUID, WeeklyHours]
    capacity: Mapping[UUID, int | None]
    _on_map: Sequence[StoreFacts]
    _index: NearestIndex
    _nearest: dict[tuple[float, float], float | None] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[Any]) -> "Network":
        """From rows of id, dealer, code, longitude, latitude (WGS-84 or None), active, hours, capacity, closed days."""
        stores = [StoreFacts(*row[:6]) for row in rows]
        hours = {row[0]: _hours(*row[6::2]) for row in rows}
        on_map = [store for store in stores if store.lng is not None and store.lat is not None]
        points = [(store.lng or 0.0, store.lat or 0.0) for store in on_map]
        by_code = {store.code: store for store in stores}
        capacity = {row[0]: row[7] for row in rows if row[5]}
        by_id = {store.store_id: store for store in stores}
        return cls(by_id, by_code, hours, capacity, on_map, NearestIndex(points))

    def only(self, store_ids: Iterable[UUID]) -> "Network":
        """The same with only these stores on the map."""
        wanted = set(store_ids)
        on_map = [store for store in self._on_map if store.store_id in wanted]
        points = [(store.lng or 0.0, store.lat or 0.0) for store in on_map]
        return replace(self, _on_map=on_map, _index=NearestIndex(points), _nearest={})

    def near(self, lng: float, lat: float) -> Iterator[tuple[float, StoreFacts]]:
        """Kilometres and store, the nearest first."""
        return ((km, self._on_map[number]) for km, number in self._index.nearest(lng, lat))

    def nearest_km(self, lng: float, lat: float) -> float | None:
        """Kilometres to the nearest store that is active; kept, since most people name one of few places."""
        if (lng, lat) not in self._nearest:
            if len(self._nearest) > _KEPT:
                self._nearest.clear()
            self._nearest[lng, lat] = next((km for km, store in self.near(lng, lat) if store.active), None)
        return self._nearest[lng, lat]


def _hours(week: Mapping[str, Any] | None, closed_days: Sequence[str] | None = None) -> WeeklyHours:
    if week:
        return WeeklyHours.from_json(week, closed_days or ())
    return DEFAULT_HOURS.shut_on(map(date.fromisoformat, closed_days or ()))


def km_to(store: StoreFacts, lng: float, lat: float) -> float | None:
    """Kilometres from a place to a store; None when nobody knows where the store is."""
    if store.lng is None or store.lat is None:
        return None
    return great_circle_km(lng, lat, store.lng, store.lat)


class Atlas:
    """Keeps the last network, so that a batch reads the stores only after a change."""

    def __init__(self) -> None:
        self._seen: tuple[Any, ...] | None = None
        self._network = Network.of([])

    def network(self, session: Session) -> Network:
        """The stores as they are now; one statement, two after a change."""
        seen = tuple(session.execute(_FINGERPRINT).one())
        if seen != self._seen:
            self._network = Network.of(session.execute(_STORES).all())
            self._seen = seen
        return self._network


ATLAS = Atlas()
"""Of this process. What it keeps is derived from the database and checked before each use."""
