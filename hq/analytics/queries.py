"""What the overview shows besides the funnel: where sign-ups come from, and what needs somebody's attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchpointLine:
    """One way in. `touchpoint` None: not told."""

    touchpoint: str | None
    signups: int
    in_lead: int
    won: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLine:
    """One store's part."""

    store_id: UUID
    store: str
    dealer: str
    offered: int
    claimed: int
    contacted: int
    won: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """What waits for a person.

    Attributes:
        desk: leads on the desk; waiting: leads without a store; oldest_waiting: since when.
        quarantined: sign-ups; aside: work that failed; refused_imports: files of the last 7 days.
        late_stores: stores that let an offer expire in the last 24 hours.
    """

    desk: int
    waiting: int
    oldest_waiting: datetime | None
    quarantined: int
    aside: int
    refused_imports: int
    late_stores: int


_TOUCHPOINTS = """
SELECT s.touchpoint, count(*) AS signups, count(s.lead_id) AS in_lead,
       count(DISTINCT l.lead_id) FILTER (WHERE l.state = 'won') AS won
FROM signups s LEFT JOIN leads l ON l.lead_id = s.lead_id
WHERE CAST(:campaign_id AS uuid) IS NULL OR s.campaign_id = :campaign_id
GROUP BY s.touchpoint ORDER BY signups DESC, s.touchpoint
"""

_STORES = """
SELECT a.store_id, s.name AS store, d.name AS dealer, count(*) AS offered,
       count(*) FILTER (WHERE f.claimed) AS claimed, count(*) FILTER (WHERE f.contacted) AS contacted,
       count(*) FILTER (WHERE a.stage = 'won') AS won
FROM assignments a
JOIN leads l ON l.lead_id = a.lead_id
JOIN stores s ON s.dealer_id = a.dealer_id AND s.store_id = a.store_id
JOIN dealers d ON d.dealer_id = a.dealer_id
LEFT JOIN LATERAL (
    SELECT bool_or(kind = 'claim') AS claimed,
           bool_or(kind IN ('call', 'message', 'visit', 'appointment', 'won')) AS contacted
    FROM follow_ups f WHERE f.dealer_id = a.dealer_id AND f.assignment_id = a.assignment_id
) f ON true
WHERE CAST(:campaign_id AS uuid) IS NULL OR l.campaign_id = :campaign_id
GROUP BY a.store_id, s.name, d.name ORDER BY won DESC, contacted DESC, claimed DESC, offered DESC, a.store_id LIMIT 10
"""

_ATTENTION = """
SELECT (SELECT count(*) FROM leads
        WHERE state = 'desk' OR (state = 'placed' AND state_reason ->> 'code' = 'suspected')) AS desk,
       (SELECT count(*) FROM leads WHERE state = 'waiting' AND opened_at < :minute_ago) AS waiting,
       (SELECT min(opened_at) FROM leads WHERE state = 'waiting' AND opened_at < :minute_ago) AS oldest_waiting,
       (SELECT count(*) FROM signups WHERE outcome = 'quarantined') AS quarantined,
       (SELECT count(*) FROM work_tries WHERE aside_at IS NOT NULL) AS aside,
       (SELECT count(*) FROM imports WHERE state = 'refused' AND uploaded_at > :week_ago) AS refused_imports,
       (SELECT count(DISTINCT store_id) FROM assignments
        WHERE stage = 'expired' AND ended_at > :day_ago) AS late_stores
"""


def touchpoints(session: Session, campaign_id: UUID | None) -> Sequence[TouchpointLine]:
    """Sign-ups, those in a lead, and sales by way in, most sign-ups first."""
    rows = session.execute(text(_TOUCHPOINTS), {"campaign_id": campaign_id}).mappings()
    return [TouchpointLine(**row) for row in rows]


def stores(session: Session, campaign_id: UUID | None) -> Sequence[StoreLine]:
    """The ten stores with most sales, then contacts, claims and offers."""
    rows = session.execute(text(_STORES), {"campaign_id": campaign_id}).mappings()
    return [StoreLine(**row) for row in rows]


def attention(session: Session, *, now: datetime) -> Attention:
    """What waits for a person, over all campaigns."""
    since = {
        "minute_ago": now - timedelta(minutes=1),
        "day_ago": now - timedelta(days=1),
        "week_ago": now - timedelta(days=7),
    }
    return Attention(**session.execute(text(_ATTENTION), since).mappings().one())
