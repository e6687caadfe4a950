"""Today's limits of stores, raised for one day and lowered again; each change is in the log."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, exists, select, text
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.audit.models import AuditEntry
from shared.db.batch import Rows
from shared.dealers.capacity import open_days
from shared.identity.actor import Actor
from shared.platform.clock import beijing_day

_RAISED_TODAY, _LOWERED = "store:raise_today", "store:lower_today"
_RAISED = Rows({"dealer_id": "uuid", "store_id": "uuid", "more": "integer"})
# What stands above the store's own number is raised: the day may have more because that much was taken already, and
# `hq.room` brings every day back to the store's number and what was raised.
_RAISE = text(
    f"""
    UPDATE store_days d
    SET cap = d.cap + t.more, raised = greatest(d.raised + t.more, d.cap + t.more - s.daily_capacity)
    FROM {_RAISED.source} JOIN stores s USING (dealer_id, store_id)
    WHERE d.dealer_id = t.dealer_id AND d.store_id = t.store_id AND d.day = :day AND d.cap IS NOT NULL
    """  # noqa: S608 (names of this module)
)
_LOWER = text(
    f"""
    UPDATE store_days d
    SET cap = greatest(d.cap - least(t.more, d.raised), d.taken), raised = greatest(d.raised - t.more, 0)
    FROM {_RAISED.source}
    WHERE d.dealer_id = t.dealer_id AND d.store_id = t.store_id AND d.day = :day AND d.cap IS NOT NULL
    """  # noqa: S608 (as above)
)
_DAYS = text(
    """
    SELECT dealer_id, store_id, cap FROM store_days WHERE store_id = ANY(:stores) AND day = :day
    ORDER BY dealer_id, store_id FOR NO KEY UPDATE
    """
)


def raise_today(session: Session, more: Mapping[UUID, int], *, actor: Actor, now: datetime) -> None:
    """Let stores take more leads today, by store id; one without a limit keeps none."""
    if not more:
        return
    today = beijing_day(now)
    open_days(session, first=today, last=today, store_ids=sorted(more))
    days = _lock(session, more, day=today)
    _change(session, _RAISE, days, more, day=today)
    before = {row.store_id: row.cap for row in days}
    for store_id, extra in more.items():
        audit.record(
            session, actor, _RAISED_TODAY, f"store:{store_id}", at=now, before=before.get(store_id), more=extra
        )


def lower_again(session: Session, *, at: datetime, actor: Actor, now: datetime) -> None:
    """Take back what was raised at a moment, once, and never below what stores have taken since."""
    rows = session.execute(
        select(AuditEntry.subject, AuditEntry.details).where(AuditEntry.action == _RAISED_TODAY, AuditEntry.at == at)
    ).all()
    more = {UUID(row.subject.removeprefix("store:")): int(row.details["more"]) for row in rows}
    if not more:
        return
    days = _lock(session, more, day=beijing_day(at))
    of = at.isoformat()  # asked under the lock: whoever sends it twice at once lowers once
    if session.scalar(select(exists().where(AuditEntry.action == _LOWERED, AuditEntry.details["of"].astext == of))):
        return
    _change(session, _LOWER, days, more, day=beijing_day(at))
    for store_id, less in more.items():
        audit.record(session, actor, _LOWERED, f"store:{store_id}", at=now, less=less, of=of)


def _lock(session: Session, stores: Collection[UUID], *, day: date) -> Sequence[Any]:
    return session.execute(_DAYS, {"stores": sorted(stores), "day": day}).all()


def _change(session: Session, change: TextClause, days: Sequence[Any], more: Mapping[UUID, int], *, day: date) -> None:
    rows = ((row.dealer_id, row.store_id, more[row.store_id]) for row in days)
    session.execute(change, {**_RAISED.parameters(rows), "day": day})
