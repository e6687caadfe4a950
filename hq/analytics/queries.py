"""What needs somebody's attention now, over all campaigns; each with the filter of the list that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.leads.elsewhere import CAME_ELSEWHERE, LATELY
from hq.routing.queries import rules_in_force
from shared.identity.permissions import Permission
from shared.platform.clock import beijing_day, day_start


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """Something that waits for a person.

    Attributes:
        kind: names the words.
        count: how much; the list behind `endpoint` and `query` has as many rows.
        oldest: since when the oldest waits; None where age says nothing.
        late: it has waited longer than it should.
    """

    kind: str
    count: int
    oldest: datetime | None
    late: bool
    endpoint: str
    query: Mapping[str, Any]
    permission: Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    endpoint: str
    permission: Permission
    patience: timedelta
    query: Mapping[str, Any] = field(default_factory=dict)


_KINDS: Mapping[str, _Kind] = {
    "quarantined": _Kind(
        endpoint="quarantine.index", permission=Permission.SCREENING_DECIDE, patience=timedelta(days=1)
    ),
    "desk": _Kind(endpoint="desk.index", permission=Permission.LEADS_ASSIGN, patience=timedelta(hours=2)),
    "waiting": _Kind(
        endpoint="leads.index",
        permission=Permission.LEADS_READ,
        patience=timedelta(hours=12),
        query={"state": "waiting"},
    ),
    "elsewhere": _Kind(
        endpoint="leads.index",
        permission=Permission.LEADS_READ,
        patience=timedelta(days=1),
        query={"elsewhere": "1"},
    ),
    "full_stores": _Kind(
        endpoint="network.index", permission=Permission.STORES_READ, patience=timedelta.max, query={"full": "1"}
    ),
    "late_stores": _Kind(
        endpoint="network.index", permission=Permission.STORES_READ, patience=timedelta.max, query={"late": "1"}
    ),
    "refused_imports": _Kind(
        endpoint="imports.index",
        permission=Permission.IMPORTS_READ,
        patience=timedelta.max,
        query={"state": "refused", "uploaded": "7d"},
    ),
    "aside": _Kind(endpoint="work.index", permission=Permission.WORK_READ, patience=timedelta(hours=1)),
}

# Each finds its rows by an index that holds only such rows, or few others.
_ATTENTION = text(
    f"""
    SELECT 'quarantined' AS kind, count(*) AS n, min(accepted_at) AS oldest FROM signups
    WHERE outcome = 'quarantined' AND aside_at IS NULL AND state = 'decided'
    UNION ALL
    SELECT 'desk', count(*), min(changed_at) FROM (
        SELECT changed_at FROM leads WHERE state = 'desk'
        UNION ALL
        SELECT changed_at FROM leads
        WHERE state = 'placed' AND (state_reason ->> 'code') IN ('suspected', 'escalated')) d
    UNION ALL
    SELECT 'waiting', count(*), min(opened_at) FROM leads WHERE state = 'waiting'
    UNION ALL
    SELECT 'elsewhere', count(DISTINCT lead_id), min(came_at) FROM ({CAME_ELSEWHERE}) e
    UNION ALL
    SELECT 'full_stores', count(*), NULL FROM store_days WHERE day = :today AND taken >= cap
    UNION ALL
    SELECT 'late_stores', count(DISTINCT store_id), NULL FROM assignments
    WHERE stage = 'expired' AND ended_at > :day_ago
    UNION ALL
    SELECT 'refused_imports', count(*), max(uploaded_at) FROM imports
    WHERE state = 'refused' AND uploaded_at >= :week
    UNION ALL
    SELECT 'aside', count(*), min(aside_at) FROM work_tries WHERE aside_at IS NOT NULL
    """  # noqa: S608 (a constant)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The open pool.

    Attributes:
        leads: that lie there.
        claimed: that stores claimed out of it today, also those that they gave back.
        oldest: since when the first of them lies there.
    """

    leads: int
    claimed: int
    oldest: datetime | None


_POOL = text(
    """
    SELECT (SELECT count(*) FROM leads WHERE state = 'pooled') AS leads,
           (SELECT coalesce(sum(pool_claims), 0) FROM store_days WHERE day = :today) AS claimed,
           (SELECT min(entered_at) FROM pool_entries) AS oldest
    """
)


def pool(session: Session, *, now: datetime) -> Pool | None:
    """What lies in the open pool; None where the brand does not use it (two statements)."""
    row = session.execute(_POOL, {"today": beijing_day(now)}).one()
    found = Pool(leads=row.leads, claimed=row.claimed, oldest=row.oldest)
    used = found.leads or found.claimed or rules_in_force(session)[0].uses_pool
    return found if used else None


def attention(session: Session, *, now: datetime) -> Sequence[Todo]:
    """What waits for a person, the longest overdue kind first; one statement."""
    today = beijing_day(now)
    since = {
        "today": today,
        "day_ago": now - timedelta(days=1),
        "week": day_start(today - timedelta(days=6)),
        "came_since": now - LATELY,
    }
    found = [_todo(row.kind, row.n, row.oldest, now) for row in session.execute(_ATTENTION, since) if row.n]
    return sorted(found, key=lambda todo: not todo.late)


def _todo(name: str, count: int, oldest: datetime | None, now: datetime) -> Todo:
    kind = _KINDS[name]
    return Todo(
        kind=name,
        count=count,
        oldest=oldest,
        late=oldest is not None and now - oldest > kind.patience,
        endpoint=kind.endpoint,
        query=kind.query,
        permission=kind.permission,
    )
