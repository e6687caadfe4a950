"""Today's limits of stores, raised for one day and lowered again; each change is in the log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import TextClause, select, text
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.audit.models import AuditEntry
from shared.db.batch import Rows
from shared.dealers.capacity import open_days
from shared.identity.actor import Actor
from shared.platform.clock import beijing_day

_RAISED = Rows({"dealer_id": "uuid", "store_id": "uuid", "more": "integer"})
_RAISE = text(
    f"""
    UPDATE store_days d SET cap = d.cap + t.more, raised = d.raised + t.more
    FROM {_RAISED.source}
    WHERE d.dealer_id = t.dealer_id AND d.store_id = t.store_id AND d.day = :day AND d.cap IS NOT NULL
    """  # noqa: S608 (names of this module)
)
_LOWER = text(
    f"""
    UPDATE store_days d
    SET cap = greatest(d.cap - least(t.more, d.raised), d.taken), raised = greatest(d.raised - t.more, 0)
    FROM {_RAISED.source}
    WHERE d.dealer_id = t.dealer_id AND d.store_id = t.store_id AND d.day = :day
    """  # noqa: S608 (as above)
)
_LOCK = text(
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
    before = _change(session, _RAISE, more, at=now)
    for store_id, extra in more.items():
        audit.record(
            session, actor, "store:raise_today", f"store:{store_id}", at=now, before=before.get(store_id), more=extra
        )


def lower_again(session: Session, *, at: datetime, actor: Actor, now: datetime) -> None:
    """Take back what was raised at a moment, but never below what stores have taken since."""
    rows = session.execute(
        select(AuditEntry.subject, AuditEntry.details).where(
            AuditEntry.action == "store:raise_today", AuditEntry.at == at
        )
    ).all()
    if not rows:
        return
    more = {UUID(row.subject.removeprefix("store:")): int(row.details["more"]) for row in rows}
    _change(session, _LOWER, more, at=at)
    for store_id, less in more.items():
        audit.record(session, actor, "store:lower_today", f"store:{store_id}", at=now, less=less)


def _change(session: Session, change: TextClause, more: Mapping[UUID, int], *, at: datetime) -> dict[UUID, int | None]:
    """Change the limits of the day of a moment; gives what they were."""
    day = beijing_day(at)
    locked = session.execute(_LOCK, {"stores": sorted(more), "day": day}).all()
    rows = ((row.dealer_id, row.store_id, more[row.store_id]) for row in locked)
    session.execute(change, {**_RAISED.parameters(rows), "day": day})
    return {row.store_id: row.cap for row in locked}
