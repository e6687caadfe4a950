"""What prices are reckoned from, and the ones in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, exists, select, text
from sqlalchemy.orm import Session

from hq.routing.policy import Kind
from hq.routing.prices.models import PriceRun
from hq.routing.queries import scopes_of
from hq.rules.models import RuleSet
from shared.dealers.series import SeriesBook

WINDOW = timedelta(days=28)

# By county: GPS points of one county are one place here, in their middle. Each time for the people of one consent who
# want one model.
_PLACES = text(
    """
    SELECT scope_id, wish ->> 'model' AS model, place ->> 'code' AS code,
           avg((place ->> 'lng')::float8) AS lng, avg((place ->> 'lat')::float8) AS lat,
           avg((place ->> 'uncertainty_km')::float8) AS off_km, count(*) FILTER (WHERE opened_at >= :since) AS came,
           count(*) FILTER (WHERE state = 'waiting' AND due_at <= :now) AS waits
    FROM leads
    WHERE (opened_at >= :since OR state = 'waiting') AND place ? 'lng'
    GROUP BY 1, 2, 3 ORDER BY 3, 1, 2
    """
)
_HOURS = text(
    """
    SELECT extract(hour FROM opened_at AT TIME ZONE 'Asia/Shanghai')::int, count(*), min(opened_at)
    FROM leads WHERE opened_at >= :since GROUP BY 1
    """
)


class Place(NamedTuple):
    """People of one kind in one county; None: they may go to any store.

    Attributes:
        lng, lat: WGS-84 degrees.
        came, waits: how many came, and how many wait now.
    """

    lng: float
    lat: float
    off_km: float
    came: int
    waits: int
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Lately:
    """What came in the window.

    Attributes:
        places: who came, by county and by the stores that they may go to.
        hours: people by hour of the day in Beijing, 24 numbers.
        days: over how many days.
    """

    places: Sequence[Place]
    hours: Sequence[int]
    days: float


def due(now: datetime) -> Select[Any]:
    """The newest run when it is time for another, and the rules in force use prices."""
    wanted = exists().where(
        RuleSet.kind == "routing", RuleSet.status == "active", RuleSet.body["price_percent"].as_float() > 0
    )
    return select(PriceRun.run_id).where(
        PriceRun.prices.is_not(None), PriceRun.aside_at.is_(None), PriceRun.next_at <= now, wanted
    )


def lately(session: Session, series: SeriesBook, *, now: datetime) -> Lately:
    """What came in the last four weeks, by place and by hour (three statements).

    Args:
        series: without any, what people want does not matter.
    """
    since = now - WINDOW
    rows = session.execute(_PLACES, {"since": since, "now": now}).all()
    dealers = scopes_of(session, {row.scope_id for row in rows})
    code_of = cache(series.code_of)
    kinds = [Kind(dealers.get(row.scope_id, frozenset()), code_of(row.model)) for row in rows]
    places = joined(
        (row.code, Place(row.lng, row.lat, row.off_km or 0.0, row.came, row.waits, kind))
        for row, kind in zip(rows, kinds, strict=True)
    )
    hours, first = [0] * 24, now
    for hour, count, earliest in session.execute(_HOURS, {"since": since}):
        hours[hour] = count
        first = min(first, earliest)
    return Lately(places, hours, max(1.0, (now - first) / timedelta(days=1)))


def joined(places: Iterable[tuple[str, Place]]) -> list[Place]:
    """Places with the code of their county: those of one kind in one county as one, in their middle."""
    groups: dict[tuple[str, Kind | None], list[Place]] = defaultdict(list)
    for code, place in places:
        groups[code, place.kind].append(place)
    return [_middle(each) if len(each) > 1 else each[0] for each in groups.values()]


def _middle(places: Sequence[Place]) -> Place:
    came, waits = sum(each.came for each in places), sum(each.waits for each in places)
    weights = [each.came + each.waits for each in places]
    whole = sum(weights) or 1
    lng, lat, off = (
        sum(getattr(each, name) * weight for each, weight in zip(places, weights, strict=True)) / whole
        for name in ("lng", "lat", "off_km")
    )
    return Place(lng, lat, off, came, waits, places[0].kind)


def newest(session: Session) -> tuple[UUID, Mapping[str, float]]:
    """The run in force and its prices, km by store id."""
    run_id, prices = session.execute(select(PriceRun.run_id, PriceRun.prices).where(PriceRun.prices.is_not(None))).one()
    return run_id, prices
