"""How evenly leads are spread over stores, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.platform.clock import BEIJING, beijing_day

DAYS = 14

# Gini's coefficient of n numbers in order is (2 Σ i·x / n Σ x) − (n + 1) / n; stores without a lead come first, with 0.
_DAYS = text(
    """
    WITH open_stores AS (
        SELECT s.store_id, s.daily_capacity FROM stores s JOIN dealers d USING (dealer_id)
        WHERE s.status = 'active' AND d.status = 'active'
    ), given AS (
        SELECT (a.offered_at AT TIME ZONE 'Asia/Shanghai')::date AS day, a.store_id, count(*) AS leads
        FROM assignments a JOIN open_stores USING (store_id)
        WHERE a.offered_at >= :since AND a.offered_at < :until
          AND coalesce(a.offer -> 'why' ->> 'code', '') NOT IN ('store', 'pool')
        GROUP BY 1, 2
    ), ranked AS (
        SELECT day, leads, (SELECT count(*) FROM open_stores) AS stores,
               count(*) OVER (PARTITION BY day) AS served,
               row_number() OVER (PARTITION BY day ORDER BY leads) AS place
        FROM given
    )
    SELECT day, sum(leads)::int AS leads, max(served)::int AS served,
           (2 * sum((stores - served + place) * leads) / (max(stores) * sum(leads))
            - (max(stores) + 1)::numeric / max(stores))::float8 AS gini
    FROM ranked GROUP BY day ORDER BY day
    """
)
_LIMITS = text(
    """
    SELECT count(*) AS stores, sum(daily_capacity)::int AS most,
           (2 * sum(place * daily_capacity) / nullif(count(*) * sum(daily_capacity), 0)
            - (count(*) + 1)::numeric / nullif(count(*), 0))::float8 AS gini
    FROM (SELECT s.daily_capacity, row_number() OVER (ORDER BY s.daily_capacity) AS place
          FROM stores s JOIN dealers d USING (dealer_id)
          WHERE s.status = 'active' AND d.status = 'active' AND s.daily_capacity IS NOT NULL) AS ranked
    """
)
_OVER = text("SELECT count(DISTINCT store_id) FROM store_days WHERE day >= :since AND taken > cap")


@dataclass(frozen=True, slots=True)
class Day:
    """One Beijing day: leads offered, stores that got some, and Gini's coefficient over all stores that are open."""

    day: date
    leads: int
    served: int
    gini: float


@dataclass(frozen=True, slots=True)
class Spread:
    """The days, oldest first; and how uneven the stores' own limits are.

    Attributes:
        stores: that are open and have a limit; most: leads a day they take together.
        of_limits: Gini's coefficient of the limits: what even the fairest spread has when all are full. None without
            limits.
        over: stores that claimed more than their limit on any of the days.
    """

    days: Sequence[Day]
    stores: int
    most: int
    of_limits: float | None
    over: int

    @property
    def gini(self) -> float | None:
        """Of all days, by their leads."""
        leads = sum(each.leads for each in self.days)
        return sum(each.gini * each.leads for each in self.days) / leads if leads else None


def of_days(session: Session, *, now: datetime, days: int = DAYS) -> Spread:
    """The last days with the present one (three statements)."""
    today = beijing_day(now)
    since = today - timedelta(days=days - 1)
    midnight = datetime.combine(since, time.min, BEIJING)
    rows = session.execute(_DAYS, {"since": midnight, "until": now + timedelta(seconds=1)})
    limits: Any = session.execute(_LIMITS).one()
    over = session.execute(_OVER, {"since": since}).scalar_one()
    return Spread([Day(*row) for row in rows], limits.stores, limits.most or 0, limits.gini, over)
