"""What a store did with a lead, line by line: the follow-ups, their audit rows, and the bell for headquarters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.leads.models import Assignment, FollowUp
from shared.leads.words import Kind, Outcome
from shared.platform.errors import Conflict
from shared.platform.ids import new_id
from shared.work.doorbell import ring_after_commit


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What somebody reports about a lead.

    Attributes:
        follow_up_id: made by the form, so that sending it twice stores it once.
        next_at: when to do the next step, aware.
        written_at: when somebody wrote it down on a phone without network, by that phone's clock; None: just now.
    """

    follow_up_id: UUID
    kind: Kind
    outcome: Outcome | None = None
    note: str = ""
    next_at: datetime | None = None
    written_at: datetime | None = None


def write(
    session: Session, assignment: Assignment, actor: Actor, now: datetime, act: str, *, result: str = "", note: str = ""
) -> None:
    """The story, the audit row and the bell of a move."""
    add(session, assignment, actor, now, act, result=result, note=note)
    details: dict[str, Any] = {"stage": assignment.stage} | ({"reason": result} if result else {})
    audit.record(session, actor, f"assignment:{act}", assignment.assignment_id, at=now, **details)
    ring(session)


def add(
    session: Session,
    assignment: Assignment,
    actor: Actor,
    now: datetime,
    kind: str,
    *,
    result: str = "",
    note: str = "",
) -> None:
    """One line of the story, without an audit row."""
    session.add(FollowUp(**line(assignment, actor, now, kind, result=result, note=note)))


def line(
    assignment: Assignment, actor: Actor, now: datetime, kind: str, *, result: str = "", note: str = ""
) -> dict[str, Any]:
    """The row of one line of the story."""
    return {
        "dealer_id": assignment.dealer_id,
        "follow_up_id": new_id(now),
        "assignment_id": assignment.assignment_id,
        "kind": kind,
        "result": result or None,
        "note": note,
        "next_at": None,
        "user_id": actor.user_id,
        "at": now,
    }


def add_once(session: Session, assignment: Assignment, actor: Actor, now: datetime, done: Done, note: str) -> bool:
    """Store a report once. The row found under its id must be about the same lead."""
    inserted = session.execute(
        insert(FollowUp)
        .values(
            dealer_id=assignment.dealer_id,
            follow_up_id=done.follow_up_id,
            assignment_id=assignment.assignment_id,
            kind=str(done.kind),
            result=None if done.outcome is None else str(done.outcome),
            note=note,
            next_at=done.next_at,
            user_id=actor.user_id,
            at=now,
            written_at=done.written_at,
        )
        .on_conflict_do_nothing(index_elements=[FollowUp.dealer_id, FollowUp.follow_up_id])
        .returning(FollowUp.follow_up_id)
    ).scalar_one_or_none()
    if inserted is not None:
        return True
    key = {"dealer_id": assignment.dealer_id, "follow_up_id": done.follow_up_id}
    if session.scalar(select(FollowUp.assignment_id).filter_by(**key)) != assignment.assignment_id:
        raise Conflict(field="follow_up_id")
    return False


def is_stored(session: Session, assignment: Assignment, done: Done) -> bool:
    """Whether this report about this lead has been stored before."""
    key = {"dealer_id": assignment.dealer_id, "follow_up_id": done.follow_up_id}
    return session.scalar(select(FollowUp.assignment_id).filter_by(**key)) == assignment.assignment_id


def ring(session: Session) -> None:
    """Tell headquarters' worker after the commit; what is not rung, the ticker finds."""
    ring_after_commit(session, "hq.settle")
