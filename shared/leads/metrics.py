"""One definition per figure: what became of the sign-ups, from first contact to sale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Counts of one campaign, or of all; each step counts things that are also in the step before it.

    Attributes:
        signups: accepted sign-ups, of the page, the API and imports.
        people: contacts behind them.
        qualified: leads they opened.
        offered: leads that were given to at least one store.
        claimed: leads that a store claimed at least once.
        in_time: of these, claimed from the first offer, before its deadline.
        contacted: leads with a call, message, visit or appointment by the store that claimed them.
        visited: leads whose customer came to the store.
        won: leads that ended in a sale.
    """

    signups: int
    people: int
    qualified: int
    offered: int
    claimed: int
    in_time: int
    contacted: int
    visited: int
    won: int


_SIGNUPS = """
SELECT count(*), count(DISTINCT contact_id) FROM signups
WHERE CAST(:campaign_id AS uuid) IS NULL OR campaign_id = :campaign_id
"""

_LEADS = """
WITH lead AS (
    SELECT lead_id, state FROM leads WHERE CAST(:campaign_id AS uuid) IS NULL OR campaign_id = :campaign_id
), given AS (
    SELECT a.lead_id,
           bool_or(f.claimed) AS claimed, bool_or(f.claimed AND a.hop = 1) AS in_time,
           bool_or(f.contacted) AS contacted,
           bool_or(a.stage = 'visited' OR f.visited) AS visited
    FROM assignments a JOIN lead USING (lead_id)
    LEFT JOIN LATERAL (
        SELECT bool_or(kind = 'claim') AS claimed,
               bool_or(kind IN ('call', 'message', 'visit', 'appointment', 'won')) AS contacted,
               bool_or(kind = 'visit') AS visited
        FROM follow_ups f WHERE f.dealer_id = a.dealer_id AND f.assignment_id = a.assignment_id
    ) f ON true
    GROUP BY a.lead_id
)
SELECT count(*), count(given.lead_id), count(*) FILTER (WHERE claimed), count(*) FILTER (WHERE in_time),
       count(*) FILTER (WHERE contacted), count(*) FILTER (WHERE visited), count(*) FILTER (WHERE state = 'won')
FROM lead LEFT JOIN given USING (lead_id)
"""

_OUTCOMES = """
SELECT CASE WHEN aside_at IS NOT NULL THEN 'aside' WHEN state = 'received' THEN 'pending' ELSE outcome END AS became,
       count(*) AS signups
FROM signups
WHERE (CAST(:campaign_id AS uuid) IS NULL OR campaign_id = :campaign_id)
  AND (CAST(:import_id AS uuid) IS NULL OR import_id = :import_id)
GROUP BY became
"""

#: Where every accepted sign-up is, in the order they are shown.
BECAME = (
    "in_lead",
    "duplicate",
    "below_threshold",
    "no_consent",
    "quarantined",
    "rejected",
    "withdrawn",
    "pending",
    "aside",
)


def funnel(session: Session, campaign_id: UUID | None = None) -> Funnel:
    """The funnel of a campaign, or of everything."""
    signups, people = session.execute(text(_SIGNUPS), {"campaign_id": campaign_id}).one()
    qualified, offered, claimed, in_time, contacted, visited, won = session.execute(
        text(_LEADS), {"campaign_id": campaign_id}
    ).one()
    return Funnel(
        signups=signups,
        people=people,
        qualified=qualified,
        offered=offered,
        claimed=claimed,
        in_time=in_time,
        contacted=contacted,
        visited=visited,
        won=won,
    )


def became(session: Session, campaign_id: UUID | None = None, *, import_id: UUID | None = None) -> Mapping[str, int]:
    """How many sign-ups (all, or of a campaign or import) are where; every key of `BECAME`, the sum is their number."""
    rows = session.execute(text(_OUTCOMES), {"campaign_id": campaign_id, "import_id": import_id}).all()
    found = {row.became: row.signups for row in rows}
    return {name: found.get(name, 0) for name in BECAME}
