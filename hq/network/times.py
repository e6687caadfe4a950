"""How fast and how well a store works, beside the median of the other stores of its province."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from shared.leads.words import INVALID

WINDOW = timedelta(days=30)
_EACH = 200  # assignments of one store that are looked at, the latest
_FEWEST = 3  # other stores that make a median; fewer would show one of them
_MEASURES = ("claim", "contact", "in_time", "contact_in_time", "won", "returned")

# Whom a store entered itself was never offered: it says nothing about how fast the store answers.
_TIMES = text(
    f"""
    WITH region AS (
        SELECT s.dealer_id, s.store_id FROM stores s
        WHERE s.store_id = :store OR (s.province_code = :province AND s.status <> 'closed')
    ), given AS (
        SELECT a.dealer_id, a.store_id, a.assignment_id, a.stage, a.offered_at, a.deadline_at
        FROM region r CROSS JOIN LATERAL (
            SELECT * FROM assignments a
            WHERE a.dealer_id = r.dealer_id AND a.store_id = r.store_id AND a.offered_at > :since
              AND a.stage NOT IN ('taken', 'recalled') AND a.offer -> 'why' ->> 'code' IS DISTINCT FROM 'store'
              AND (a.stage <> 'offered')
            ORDER BY a.offered_at DESC LIMIT {_EACH}
        ) a
    ), told AS (
        SELECT g.store_id, g.stage, extract(epoch FROM f.claimed - g.offered_at) AS claim_s,
               extract(epoch FROM f.contacted - f.claimed) AS contact_s,
               f.claimed IS NOT NULL AND f.claimed <= g.deadline_at AS in_time, f.claimed IS NOT NULL AS claimed,
               f.returned, NOT EXISTS (
                   SELECT 1 FROM breaches b
                   WHERE b.dealer_id = g.dealer_id AND b.assignment_id = g.assignment_id AND b.kind = 'contact'
               ) AS called_in_time
        FROM given g CROSS JOIN LATERAL (
            SELECT min(at) FILTER (WHERE kind = 'claim') AS claimed,
                   min(at) FILTER (WHERE kind IN ('call', 'message', 'visit', 'appointment', 'won')) AS contacted,
                   coalesce(bool_or(kind IN ('decline', 'lost') AND result = ANY(:invalid)), false) AS returned
            FROM follow_ups f WHERE f.dealer_id = g.dealer_id AND f.assignment_id = g.assignment_id
        ) f
    ), stores AS (
        SELECT store_id, count(*) AS leads,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY claim_s) AS claim,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY contact_s) AS contact,
               avg(in_time::int)::float8 AS in_time,
               avg(called_in_time::int) FILTER (WHERE claimed)::float8 AS contact_in_time,
               avg((stage = 'won')::int) FILTER (WHERE claimed)::float8 AS won,
               avg(returned::int) FILTER (WHERE claimed)::float8 AS returned
        FROM told GROUP BY store_id
    )
    SELECT store_id = :store AS own, count(*) AS stores, sum(leads)::bigint AS leads,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY claim) AS claim,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY contact) AS contact,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY in_time) AS in_time,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY contact_in_time) AS contact_in_time,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY won) AS won,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY returned) AS returned
    FROM stores GROUP BY 1
    """  # noqa: S608 (numbers of this module)
)


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: `claim` and `contact` in seconds, the others as shares (`returned`: sent
    back as not real); None where nothing says it."""

    name: str
    own: float | None
    region: float | None

    @property
    def better(self) -> bool | None:
        """Whether the store does better than its region; None where one of them is not known."""
        if self.own is None or self.region is None or self.own == self.region:
            return None
        return (self.own < self.region) is (self.name in ("claim", "contact", "returned"))


@dataclass(frozen=True, slots=True)
class Times:
    """A store's figures of the last 30 days. `leads`: answered or let expire; `others`: stores behind the median."""

    leads: int
    others: int
    measures: tuple[Measure, ...]


def of_store(session: Session, *, store_id: UUID, province_code: str | None, now: datetime) -> Times:
    """The figures (one statement)."""
    values = {"store": store_id, "province": province_code, "since": now - WINDOW, "invalid": sorted(INVALID)}
    rows: dict[bool, Row[Any]] = {row.own: row for row in session.execute(_TIMES, values)}
    own, region = rows.get(True), rows.get(False)
    others = region.stores if region is not None else 0
    shown = region if others >= _FEWEST else None
    measures = (Measure(name, getattr(own, name, None), getattr(shown, name, None)) for name in _MEASURES)
    return Times(int(own.leads) if own is not None else 0, others, tuple(measures))
