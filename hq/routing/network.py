"""The stores as routing and scoring see them: who is where, and the nearest to a place."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.routing.policy import StoreFacts
from shared.dealers.hours import DEFAULT_HOURS, WeeklyHours
from shared.regions.distance import NearestIndex, great_circle_km

if TYPE_CHECKING:
    from hq.routing.field import Field

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
           s.closed_days, s.weight, s.series
    FROM stores s JOIN dealers d USING (dealer_id) WHERE s.status <> 'closed' ORDER BY s.store_id
    """  # noqa: S608 (a constant)
)


@dataclass(frozen=True)
class Network:
    """All stores that are not closed.

    Attributes:
        stores, by_code: by id (in order of `position`), and by the code that people scan.
        of_dealer: the stores of each dealer.
        hours: opening hours by id.
        capacity: leads a day by id, None without a limit; active stores only.
    """

    stores: Mapping[UUID, StoreFacts]
    by_code: Mapping[str, StoreFacts]
    of_dealer: Mapping[UUID, Sequence[StoreFacts]]
    hours: Mapping[UUID, WeeklyHours]
    capacity: Mapping[UUID, int | None]
    _on_map: Sequence[StoreFacts]
    _index: NearestIndex
    _nearest: dict[tuple[float, float], float | None] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[Any]) -> "Network":
        """From rows of id, dealer, code, longitude, latitude (WGS-84 or None), active, hours, capacity, closed days,
        weight, series."""
        stores = [_store(row, position) for position, row in enumerate(rows)]
        hours = {row[0]: _hours(row[6], row[8]) for row in rows}
        of_dealer: dict[UUID, list[StoreFacts]] = defaultdict(list)
        for store in stores:
            of_dealer[store.dealer_id].append(store)
        on_map = [store for store in stores if store.lng is not None and store.lat is not None]
        points = [(store.lng or 0.0, store.lat or 0.0) for store in on_map]
        by_code = {store.code: store for store in stores}
        capacity = {row[0]: row[7] for row in rows if row[5]}
        by_id = {store.store_id: store for store in stores}
        return cls(by_id, by_code, dict(of_dealer), hours, capacity, on_map, NearestIndex(points))

    @cached_property
    def any_series(self) -> bool:
        """Whether some store may sell only some series."""
        return any(store.series for store in self.stores.values())

    @cached_property
    def field(self) -> "Field":
        """The stores as arrays, for many leads at once."""
        # numpy and scipy are loaded where a batch is routed, not with every web server that shows a store
        from hq.routing.field import Field

        return Field(list(self.stores.values()), [self.hours[store_id] for store_id in self.stores])

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


def _store(row: Any, position: int) -> StoreFacts:
    store_id, dealer_id, code, lng, lat, active, _hours, _capacity, _closed, weight, series = row
    return StoreFacts(store_id, dealer_id, code, lng, lat, active, position, weight, frozenset(series or ()))


def _hours(week: Mapping[str, Any] | None, closed_days: Sequence[str] | None = None) -> WeeklyHours:
    """Equal hours are one object: whoever reckons with them does it once for all stores that keep them."""
    return _kept(json.dumps(week), tuple(closed_days or ()))


@lru_cache(maxsize=50_000)
def _kept(stored: str, closed_days: tuple[str, ...]) -> WeeklyHours:
    week = json.loads(stored)
    if week:
        return WeeklyHours.from_json(week, closed_days)
    return DEFAULT_HOURS.shut_on(map(date.fromisoformat, closed_days))


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
