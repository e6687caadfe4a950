"""What a store does with a lead: claim, send back, follow up, win, lose, see the number.

Runs as `koi_dealer` under row policies and writes only the store's own rows; headquarters follows (`hq.settle`).
Locks are taken in the order assignment, hold, store-day, store-week.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.contacts.crypto import Vault
from shared.contacts.hiding import with_masked_phones
from shared.identity.actor import Actor
from shared.leads import assignments, holds, story
from shared.leads.cards import Card, open_card
from shared.leads.errors import (
    BadNextStep,
    NoteTooLong,
    NotHeld,
    OnItsWay,
    ReasonMissing,
)
from shared.leads.lifecycle import HOLDING, Move, Stage
from shared.leads.models import Assignment, CustomerCard
from shared.leads.story import Done
from shared.leads.words import DeclineReason, GiveBackReason, Kind, LostReason, Outcome, move_of

NOTE_LIMIT = 2000  # characters; people speak their notes
_FARTHEST = timedelta(days=366)
_LATE_CLOCK = timedelta(minutes=5)  # a phone's form may be a little older than the server's time
_AT_ONCE = timedelta(minutes=1)
_WAITED = timedelta(days=7)  # how long a report may have waited for a network


def claim(session: Session, *, assignment_id: UUID, actor: Actor, now: datetime) -> Assignment:
    """Give the lead to the actor's store; claiming what one has already claimed changes nothing.

    Raises:
        Missing: no such assignment, or another dealer's or store's.
        AlreadyTaken: another store inserted the hold first, or a colleague works on it.
        OfferExpired: the deadline has passed.
        OfferGone: it was sent back or recalled.
        QuotaReached: the store has its leads of the day or the week; `retry_at` says when there are new ones.
        DayNotOpen: the worker has not opened the store's day yet.
    """
    assignment = assignments.lock(session, actor=actor, assignment_id=assignment_id, also_colleagues=True)
    claim_locked(session, assignment, actor=actor, now=now)
    return assignment


def claim_locked(session: Session, assignment: Assignment, *, actor: Actor, now: datetime) -> bool:
    """`claim` for an assignment that was locked with its colleagues'; False when the store had it before."""
    if Stage(assignment.stage) in HOLDING and assignments.is_visible(actor, assignment):
        return False
    assignments.refuse_unless_offered(assignment, now)
    holds.take(session, assignment, actor, now=now)
    story.ring(session)
    return True


def decline(
    session: Session, *, assignment_id: UUID, actor: Actor, reason: str, note: str = "", now: datetime
) -> Assignment:
    """Send the lead back: an offer (`DeclineReason`), or a lead claimed by mistake (`GiveBackReason`).

    The store is not offered this lead again. A lead that is sent back after the claim still counts for the day.

    Raises:
        Missing: no such assignment, or not the actor's.
        ReasonMissing: not one of the reasons.
        NotHeld, OfferGone, AlreadyTaken, OfferExpired: it is not the store's to send back.
    """
    assignment = assignments.lock(session, actor=actor, assignment_id=assignment_id)
    stage = Stage(assignment.stage)
    if stage is Stage.DECLINED:
        return assignment
    if stage not in HOLDING:
        assignments.refuse_unless_offered(assignment, now)
    _known(reason, GiveBackReason if stage in HOLDING else DeclineReason)
    assignment.move(Move.DECLINE, at=now)
    story.write(session, assignment, actor, now, "decline", result=reason, note=_checked(note))
    return assignment


def follow_up(session: Session, *, assignment_id: UUID, actor: Actor, done: Done, now: datetime) -> bool:
    """Write down what was done; False when this report was stored before.

    Raises:
        Missing: no such assignment, or not the actor's.
        NotHeld: the store does not have the lead (any more).
        NoteTooLong, BadNextStep: the report cannot be stored as it is.
        Conflict: the id belongs to a report about another lead.
    """
    note = _checked(done.note)
    done = replace(done, written_at=_believable(done.written_at, now))
    _check_next_step(done, now)
    assignment = assignments.lock(session, actor=actor, assignment_id=assignment_id, also_colleagues=True)
    if not assignments.is_visible(actor, assignment) or not assignments.is_held(assignment):
        if story.is_stored(session, assignment, done):
            return False  # it was sent before, and the lead went away between the two
        assignments.refuse_unless_visible(actor, assignment)
        assignments.refuse_unless_held(assignment)
    if not story.add_once(session, assignment, actor, now, done, note):
        return False
    if assignment.stage == Stage.WON:
        return True  # nothing follows from it: the sale stands
    if move := move_of(done.kind, done.outcome):
        assignment.move(move, at=now)
    else:
        assignment.moved_at = now  # the store works on it, though it stands where it stood
    story.ring(session)
    return True


def win(session: Session, *, assignment_id: UUID, actor: Actor, note: str = "", now: datetime) -> Assignment:
    """The customer has bought; saying so twice changes nothing.

    Raises:
        Missing, NotHeld, NoteTooLong: as `follow_up`.
    """
    note = _checked(note)
    assignment = assignments.lock_held(session, actor=actor, assignment_id=assignment_id)
    if assignment.stage == Stage.WON:
        return assignment
    assignment.move(Move.WIN, at=now)
    story.write(session, assignment, actor, now, "won", note=note)
    return assignment


def lose(
    session: Session, *, assignment_id: UUID, actor: Actor, reason: str, note: str = "", now: datetime
) -> Assignment:
    """There will be no sale; headquarters may look at the reason. Saying so twice changes nothing.

    Raises:
        ReasonMissing: not one of `LostReason`.
        Missing, NotHeld, NoteTooLong: as `follow_up`.
    """
    note = _checked(note)
    _known(reason, LostReason)
    assignment = assignments.lock(session, actor=actor, assignment_id=assignment_id)
    if assignment.stage == Stage.LOST:
        return assignment
    assignments.refuse_unless_held(assignment)
    assignment.move(Move.LOSE, at=now)
    story.write(session, assignment, actor, now, "lost", result=reason, note=note)
    return assignment


def reveal(session: Session, *, assignment_id: UUID, actor: Actor, vault: Vault, now: datetime) -> Card:
    """The customer's name and numbers in clear; who looked, and when, is written down.

    Raises:
        Missing: no such assignment, or not the actor's.
        NotHeld: the store does not have the lead (any more).
        OnItsWay: it was claimed from the pool a moment ago.
    """
    assignment = assignments.lock_held(session, actor=actor, assignment_id=assignment_id)
    place = {"dealer_id": assignment.dealer_id, "assignment_id": assignment.assignment_id}
    sealed = session.scalar(select(CustomerCard.sealed).filter_by(**place))
    if sealed is None:
        raise NotHeld(stage=assignment.stage) if assignment.card_due_at is None else OnItsWay()
    story.add(session, assignment, actor, now, "reveal")
    audit.record(session, actor, "phone:reveal", f"assignment:{assignment.assignment_id}", at=now)
    return open_card(vault, sealed, **place)


def _known(reason: str, reasons: type[DeclineReason | GiveBackReason | LostReason]) -> None:
    if reason not in set(reasons):
        raise ReasonMissing(field="reason")


def _checked(note: str) -> str:
    tidy = note.strip()
    if len(tidy) > NOTE_LIMIT:
        raise NoteTooLong(field="note", limit=NOTE_LIMIT)
    return with_masked_phones(tidy)  # a note outlives the hold, and stands in plain


def _check_next_step(done: Done, now: datetime) -> None:
    appointment = done.kind is Kind.APPOINTMENT or done.outcome is Outcome.APPOINTMENT
    if done.next_at is None:
        if appointment:
            raise BadNextStep(field="next_at")
    elif not (done.written_at or now) - _LATE_CLOCK <= done.next_at <= now + _FARTHEST:
        raise BadNextStep(field="next_at")


def _believable(written_at: datetime | None, now: datetime) -> datetime | None:
    """When a report was written, as far as a phone's clock is to be believed; nothing is reckoned with it."""
    if written_at is None or written_at > now - _AT_ONCE:
        return None
    return max(written_at, now - _WAITED)
