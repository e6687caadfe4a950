"""Writing down that a lead of a store was given to somebody, and ringing for those who tell people of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from shared.identity.actor import Actor
from shared.leads.models import Assignment
from shared.leads.sellers.counting import Turn
from shared.leads.sellers.models import How, LeadGiving
from shared.platform.ids import next_id
from shared.work.doorbell import ring_after_commit

TELL: Final = "shared.tell_givings"


def record(
    session: Session,
    lead: Assignment,
    actor: Actor,
    *,
    to: UUID | None,
    before: UUID | None,
    how: How,
    now: datetime,
    batch_id: UUID | None = None,
    turn: Turn | None = None,
) -> None:
    """Append one giving, in the transaction that changes the assignee. `turn`: that it was, of who gets the lead."""
    session.add(
        LeadGiving(
            dealer_id=lead.dealer_id,
            giving_id=next_id(now),
            assignment_id=lead.assignment_id,
            to_user=to,
            from_user=before,
            by_user=actor.user_id,
            how=how.value,
            batch_id=batch_id,
            turn_at=turn.at if turn else None,
            turn_before=turn.before if turn else None,
            at=now,
            told_at=None,
            aside_at=None,
        )
    )
    ring_after_commit(session, TELL)
