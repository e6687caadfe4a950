"""Which assignments somebody at a dealer may see, and how one is locked."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, false, or_, select, true
from sqlalchemy.orm import Session

from shared.identity.actor import Actor
from shared.identity.permissions import Role
from shared.leads.errors import AlreadyTaken, NotHeld, OfferExpired, OfferGone
from shared.leads.lifecycle import HOLDING, Stage
from shared.leads.models import Assignment
from shared.platform.errors import Conflict, Missing


def at_own_stores(actor: Actor) -> ColumnElement[bool]:
    """Assignments of the actor's dealer and stores."""
    if actor.dealer_id is None:
        return false()
    of_store = true() if actor.store_ids is None else Assignment.store_id.in_(sorted(actor.store_ids))
    return and_(Assignment.dealer_id == actor.dealer_id, of_store)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Of these, what the actor's role may open: a salesperson only what is nobody's or their own."""
    if actor.role is not Role.SALESPERSON:
        return at_own_stores(actor)
    return and_(at_own_stores(actor), or_(Assignment.assignee.is_(None), Assignment.assignee == actor.user_id))


def is_visible(actor: Actor, assignment: Assignment) -> bool:
    """`visible_to` for a row at hand."""
    if not is_at_own_stores(actor, assignment):
        return False
    return actor.role is not Role.SALESPERSON or assignment.assignee in (None, actor.user_id)


def is_at_own_stores(actor: Actor, assignment: Assignment) -> bool:
    """`at_own_stores` for a row at hand."""
    return assignment.dealer_id == actor.dealer_id and actor.sees_store(assignment.store_id)


def locking(*more: Any) -> Select[Any]:
    """The statement that locks an assignment, of `dealer_id` and `assignment_id`; `more`: what else it reads.

    To be made once: the parts of a statement cost a claim as much as its answer.
    """
    return (
        select(Assignment, *more)
        .where(Assignment.dealer_id == bindparam("dealer_id"), Assignment.assignment_id == bindparam("assignment_id"))
        .with_for_update(key_share=True, of=Assignment)  # FOR NO KEY UPDATE: a hold may be inserted meanwhile
        .execution_options(populate_existing=True)  # what was read before the lock may be stale
    )


_LOCK = locking()


def lock(session: Session, *, actor: Actor, assignment_id: UUID, also_colleagues: bool = False) -> Assignment:
    """The assignment, locked until the transaction ends; the first lock of every move of a store.

    Args:
        also_colleagues: also one that a colleague works on, so that the caller can say so.

    Raises:
        Missing: no such assignment, or another dealer's, another store's or a colleague's.
    """
    row = lock_with(session, _LOCK, actor=actor, assignment_id=assignment_id, also_colleagues=also_colleagues)
    found: Assignment = row[0]
    return found


def lock_with(
    session: Session, statement: Select[Any], *, actor: Actor, assignment_id: UUID, also_colleagues: bool = False
) -> Row[*tuple[Any, ...]]:
    """`lock` with what a statement of `locking` reads besides.

    Raises:
        Missing: as `lock`.
    """
    row = session.execute(statement, {"dealer_id": actor.dealer_id, "assignment_id": assignment_id}).one_or_none()
    may = is_at_own_stores if also_colleagues else is_visible
    if row is None or not may(actor, row[0]):
        raise Missing(what="assignment")
    return row


def refusal(stage: Stage, *, deadline_at: datetime, stores: int, now: datetime) -> Conflict | None:
    """Why an assignment cannot be claimed at `now`; None when it can.

    Args:
        stores: how many stores the lead was offered to.
    """
    if stage in HOLDING:
        return AlreadyTaken(by="colleague", stores=stores)
    if stage is Stage.TAKEN:
        return AlreadyTaken(by="store", stores=stores)
    if stage is Stage.EXPIRED or (stage is Stage.OFFERED and deadline_at <= now):
        return OfferExpired(deadline=deadline_at.isoformat())
    return None if stage is Stage.OFFERED else OfferGone(stage=str(stage))


def refuse_unless_offered(assignment: Assignment, now: datetime) -> None:
    """Whether the offer still stands at `now`.

    Raises:
        AlreadyTaken, OfferExpired, OfferGone: it does not, and why.
    """
    stores = assignment.offer.get("stores", 1)
    if no := refusal(Stage(assignment.stage), deadline_at=assignment.deadline_at, stores=stores, now=now):
        raise no


def is_held(assignment: Assignment) -> bool:
    """Whether the store has the lead."""
    return Stage(assignment.stage) in HOLDING and assignment.ended_at is None


def refuse_unless_held(assignment: Assignment) -> None:
    """Whether the store has the lead.

    Raises:
        NotHeld: it does not (any more).
    """
    if not is_held(assignment):
        raise NotHeld(stage=assignment.stage)


def refuse_unless_visible(actor: Actor, assignment: Assignment) -> None:
    """Whether the actor may open a row that was locked with its colleagues'.

    Raises:
        Missing: a colleague works on it.
    """
    if not is_visible(actor, assignment):
        raise Missing(what="assignment")


def lock_held(session: Session, *, actor: Actor, assignment_id: UUID) -> Assignment:
    """The assignment, locked, if the store has the lead.

    Raises:
        Missing: as `lock`.
        NotHeld: the store does not have the lead (any more).
    """
    assignment = lock(session, actor=actor, assignment_id=assignment_id)
    refuse_unless_held(assignment)
    return assignment
