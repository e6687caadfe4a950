"""What prices are reckoned from, and the ones in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select, text
from sqlalchemy.orm import Session

from hq.routing.prices.models import PriceRun
from hq.rules.models import RuleSet

WINDOW = timedelta(days=28)

# By county: GPS points of one county are one place here, in their middle.
_PLACES = text(
    """
    SELECT avg((place ->> 'lng')::float8), avg((place ->> 'lat')::float8),
           avg((place ->> 'uncertainty_km')::float8), count(*) FILTER (WHERE opened_at >= :since),
           count(*) FILTER (WHERE state = 'waiting' AND due_at <= :now)
    FROM leads
    WHERE (opened_at >= :since OR state = 'waiting') AND place ? 'lng'
    GROUP BY place ->> 'code' ORDER BY place ->> 'code'
    """
)
_HOURS = text(
    """
    SELECT extract(hour FROM opened_at AT TIME ZONE 'Asia/Shanghai')::int, count(*), min(opened_at)
    FROM leads WHERE opened_at >= :since GROUP BY 1
    """
)


@dataclass(frozen=True, slots=True)
class Lately:
    """What came in the window.

    Attributes:
        places: longitude, latitude, uncertainty in km, people who came, people who wait now; per county.
        hours: people by hour of the day in Beijing, 24 numbers.
        days: over how many days.
    """

    places: Sequence[tuple[float, float, float, int, int]]
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


def lately(session: Session, *, now: datetime) -> Lately:
    """What came in the last four weeks, by place and by hour (two statements)."""
    since = now - WINDOW
    places = [(*row,) for row in session.execute(_PLACES, {"since": since, "now": now})]
    hours, first = [0] * 24, now
    for hour, count, earliest in session.execute(_HOURS, {"since": since}):
        hours[hour] = count
        first = min(first, earliest)
    return Lately(places, hours, max(1.0, (now - first) / timedelta(days=1)))


def newest(session: Session) -> tuple[UUID, Mapping[str, float]]:
    """The run in force and its prices, km by store id."""
    run_id, prices = session.execute(select(PriceRun.run_id, PriceRun.prices).where(PriceRun.prices.is_not(None))).one()
    return run_id, prices
