"""What a store reads of its leads: offers that wait, leads it works, and the story of one.

Every query names the dealer and the actor's stores; row policies are the second wall. What comes out are values for
templates, never rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from shared.contacts.crypto import Vault
from shared.contacts.phones import mask
from shared.dealers.hours import DEFAULT_HOURS, WeeklyHours
from shared.dealers.models import Store
from shared.identity.actor import Actor
from shared.identity.models import Staff, StaffStore
from shared.leads.assignments import at_own_stores, visible_to
from shared.leads.cards import Card, open_card
from shared.leads.lifecycle import HOLDING, Stage
from shared.leads.models import Assignment, CustomerCard, FollowUp
from shared.leads.offers import Offer
from shared.leads.words import Kind
from shared.platform.errors import Missing

_MANY = 200
_STEPS = tuple(Kind)
WORKED = tuple(sorted(HOLDING - {Stage.WON}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """An offer. `left` is the share of the time that is left, 0 to 100; `hours` are the store's."""

    assignment_id: UUID
    store_id: UUID
    store_name: str
    grade: str
    stage: Stage
    offer: Offer
    offered_at: datetime
    deadline_at: datetime
    left: int
    hours: WeeklyHours = DEFAULT_HOURS


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The last thing that was done with a lead, and when the next is due (`next_at`)."""

    kind: str
    result: str | None
    note: str
    next_at: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A lead of the store.

    Attributes:
        name: of the customer while the store has the lead, else masked.
        phone: masked.
        step: None while nobody has followed up.
        assignee: who works on it, None when it is the store's.
        due_kind, due_at: what is due, `contact` or `follow_up`, in the store's `hours`; None for nothing, or for a
            lead that was claimed before there were deadlines.
        sealing_since: it was claimed from the pool then, and the customer's number is not there yet.
        followed: headquarters has seen the store's last move, so that what is due is reckoned from it.
    """

    assignment_id: UUID
    store_id: UUID
    store_name: str
    stage: Stage
    grade: str
    name: str
    phone: str
    offer: Offer
    offered_at: datetime
    deadline_at: datetime
    moved_at: datetime
    recycle_at: datetime | None
    ended_at: datetime | None
    end_reason: Mapping[str, Any]
    assignee: UUID | None
    assignee_name: str | None
    step: Step | None
    due_kind: str | None = None
    due_at: datetime | None = None
    hours: WeeklyHours = DEFAULT_HOURS
    sealing_since: datetime | None = None
    followed: bool = True

    @property
    def next_at(self) -> datetime | None:
        """When the next step is due; before the first one, until when it must be made."""
        return (self.due_at or self.recycle_at) if self.step is None else self.step.next_at

    @property
    def goes_back_at(self) -> datetime | None:
        """When the lead is taken back before what is planned for it: a plan that far ahead does not keep it."""
        if not (self.held and self.followed and self.step and self.step.next_at and self.recycle_at):
            return None
        return self.recycle_at if self.recycle_at < self.step.next_at else None

    @property
    def is_visit(self) -> bool:
        """Whether the next step is that the customer comes."""
        return self.step is not None and "appointment" in (self.step.kind, self.step.result)

    @property
    def held(self) -> bool:
        """Whether the store has the lead now."""
        return self.stage in HOLDING and self.ended_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A line of the story of a lead: what a person did."""

    kind: str
    result: str | None
    note: str
    next_at: datetime | None
    by: str
    own: bool
    at: datetime
    written_at: datetime | None


def offers(session: Session, *, actor: Actor, now: datetime) -> list[Offered]:
    """Offers that the actor's stores can claim, the most urgent first."""
    waiting = and_(Assignment.stage == Stage.OFFERED, Assignment.ended_at.is_(None), Assignment.deadline_at > now)
    chosen = _offered(and_(at_own_stores(actor), waiting)).order_by(Assignment.deadline_at, Assignment.assignment_id)
    return [_as_offered(row, now) for row in session.execute(chosen.limit(_MANY))]


def count_offers(session: Session, *, actor: Actor, now: datetime) -> int:
    """How many offers wait: the badge."""
    waiting = and_(Assignment.stage == Stage.OFFERED, Assignment.ended_at.is_(None), Assignment.deadline_at > now)
    chosen = select(func.count()).select_from(Assignment).where(at_own_stores(actor), waiting)
    return session.execute(chosen).scalar_one()


def offer(session: Session, *, actor: Actor, assignment_id: UUID, now: datetime) -> Offered:
    """One offer, whatever became of it.

    Raises:
        Missing: no such assignment, or another dealer's or store's.
    """
    row = session.execute(_offered(and_(at_own_stores(actor), Assignment.assignment_id == assignment_id))).one_or_none()
    if row is None:
        raise Missing(what="assignment")
    return _as_offered(row, now)


def leads(
    session: Session,
    *,
    actor: Actor,
    vault: Vault,
    stages: Iterable[Stage] = WORKED,
    assignee: UUID | None = None,
    ending: str | None = None,
) -> list[Held]:
    """The leads that the actor may open in these stages: by the time of the next step, then the newest.

    Args:
        assignee: only what this person works on.
        ending: only people whose number ends with these four digits; found by the masked number of the offer, since
            cards are sealed.
    """
    chosen = and_(visible_to(actor), Assignment.stage.in_(tuple(stages)))
    if assignee is not None:
        chosen = and_(chosen, Assignment.assignee == assignee)
    if ending is not None:
        chosen = and_(chosen, func.right(Assignment.offer["phone"].astext, 4) == ending)
    rows = session.execute(_held(chosen).order_by(Assignment.moved_at.desc()).limit(_MANY))
    found = [_as_held(row, vault) for row in rows]
    return sorted(found, key=lambda one: (one.next_at is None, one.next_at or one.moved_at))


def lead(session: Session, *, actor: Actor, vault: Vault, assignment_id: UUID) -> Held:
    """One assignment of the actor's store, whatever its stage.

    Raises:
        Missing: no such assignment, or not for the actor.
    """
    row = session.execute(_held(and_(visible_to(actor), Assignment.assignment_id == assignment_id))).one_or_none()
    if row is None:
        raise Missing(what="assignment")
    return _as_held(row, vault)


def card(session: Session, *, actor: Actor, vault: Vault, assignment_id: UUID) -> Card:
    """The customer's name and numbers; the caller has written down that somebody looks.

    Raises:
        Missing: the actor's store does not have the lead.
    """
    row = session.execute(
        select(Assignment.dealer_id, CustomerCard.sealed)
        .join(
            CustomerCard,
            and_(
                CustomerCard.dealer_id == Assignment.dealer_id,
                CustomerCard.assignment_id == Assignment.assignment_id,
            ),
        )
        .where(visible_to(actor), Assignment.assignment_id == assignment_id)
    ).one_or_none()
    if row is None:
        raise Missing(what="card")
    return open_card(vault, row.sealed, dealer_id=row.dealer_id, assignment_id=assignment_id)


def stage_counts(session: Session, *, actor: Actor, assignee: UUID | None = None) -> dict[Stage, int]:
    """How many of the actor's leads (or of those a person works on) stand at each stage."""
    chosen = select(Assignment.stage, func.count()).where(visible_to(actor)).group_by(Assignment.stage)
    if assignee is not None:
        chosen = chosen.where(Assignment.assignee == assignee)
    return {Stage(stage): count for stage, count in session.execute(chosen)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What somebody works on (`assignee` None: nobody in particular): how many leads, and how many are late."""

    assignee: UUID | None
    held: int
    late: int


def loads(session: Session, *, actor: Actor, store_id: UUID, now: datetime) -> Mapping[UUID | None, Load]:
    """Who of a store works on how many leads."""
    step = _last_step()
    first = func.coalesce(Assignment.due_at, Assignment.recycle_at)
    due = func.coalesce(step.next_at, case((step.at.is_(None), first)))
    rows = session.execute(
        select(Assignment.assignee, func.count(), func.count().filter(due < now))
        .outerjoin(step, true())
        .where(visible_to(actor), Assignment.store_id == store_id, Assignment.stage.in_(WORKED))
        .group_by(Assignment.assignee)
    )
    return {who: Load(assignee=who, held=held, late=late) for who, held, late in rows}


def lost_reasons(session: Session, *, actor: Actor, since: datetime) -> Sequence[tuple[str, int]]:
    """Why the actor's leads were lost since then, the commonest reason first."""
    of = and_(FollowUp.dealer_id == Assignment.dealer_id, FollowUp.assignment_id == Assignment.assignment_id)
    rows = session.execute(
        select(FollowUp.result, func.count())
        .join(Assignment, of)
        .where(visible_to(actor), FollowUp.kind == "lost", FollowUp.at >= since, FollowUp.result.is_not(None))
        .group_by(FollowUp.result)
        .order_by(func.count().desc(), FollowUp.result)
    )
    return [(str(reason), count) for reason, count in rows]


def story(session: Session, *, actor: Actor, assignment_id: UUID) -> list[Told]:
    """What people at the store did with an assignment, the newest first. The caller has checked the assignment."""
    rows = session.execute(
        select(FollowUp, Staff.name)
        .join(Staff, and_(Staff.dealer_id == FollowUp.dealer_id, Staff.user_id == FollowUp.user_id))
        .where(FollowUp.dealer_id == actor.dealer_id, FollowUp.assignment_id == assignment_id)
        .order_by(FollowUp.at.desc(), FollowUp.follow_up_id.desc())
        .limit(_MANY)
    )
    return [_as_told(row, by, actor) for row, by in rows]


def staff_name(session: Session, *, dealer_id: UUID | None, user_id: UUID) -> str | None:
    """What a colleague of the dealer is called; None for anybody else."""
    return session.scalar(select(Staff.name).where(Staff.dealer_id == dealer_id, Staff.user_id == user_id))


def colleagues(session: Session, *, dealer_id: UUID, store_id: UUID) -> Sequence[tuple[UUID, str]]:
    """The active people of a store: id and name."""
    here = and_(StaffStore.dealer_id == Staff.dealer_id, StaffStore.user_id == Staff.user_id)
    chosen = (
        select(Staff.user_id, Staff.name)
        .join(StaffStore, here)
        .where(Staff.dealer_id == dealer_id, StaffStore.store_id == store_id, Staff.status == "active")
        .order_by(Staff.name, Staff.user_id)
    )
    return [(user_id, name) for user_id, name in session.execute(chosen)]


def _offered(where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    store = and_(Store.dealer_id == Assignment.dealer_id, Store.store_id == Assignment.store_id)
    opening = (Store.hours.label("store_hours"), Store.closed_days.label("store_closed_days"))
    return select(Assignment, Store.name.label("store_name"), *opening).join(Store, store).where(where)


def _hours(row: Row[*tuple[Any, ...]]) -> WeeklyHours:
    if not row.store_hours:
        return DEFAULT_HOURS.shut_on(map(date.fromisoformat, row.store_closed_days or ()))
    return WeeklyHours.from_json(row.store_hours, row.store_closed_days or ())


def _as_offered(row: Row[*tuple[Any, ...]], now: datetime) -> Offered:
    one: Assignment = row.Assignment
    whole, left = one.deadline_at - one.offered_at, one.deadline_at - now
    return Offered(
        assignment_id=one.assignment_id,
        store_id=one.store_id,
        store_name=row.store_name,
        grade=one.grade,
        stage=Stage(one.stage),
        offer=Offer.from_json(one.offer),
        offered_at=one.offered_at,
        deadline_at=one.deadline_at,
        left=max(0, min(100, round(100 * left / whole))) if whole else 0,
        hours=_hours(row),
    )


def _held(where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Assignments with their store, card, colleague and last step."""
    step = _last_step()
    card = and_(CustomerCard.dealer_id == Assignment.dealer_id, CustomerCard.assignment_id == Assignment.assignment_id)
    colleague = and_(Staff.dealer_id == Assignment.dealer_id, Staff.user_id == Assignment.assignee)
    return (
        _offered(where)
        .add_columns(CustomerCard.sealed, Staff.name.label("assignee_name"), step)
        .outerjoin(CustomerCard, card)
        .outerjoin(Staff, colleague)
        .outerjoin(step, true())
    )


def _last_step() -> type[FollowUp]:
    """The last follow-up of an assignment that says where it stands, to join laterally."""
    return aliased(
        FollowUp,
        select(FollowUp)
        .where(
            FollowUp.dealer_id == Assignment.dealer_id,
            FollowUp.assignment_id == Assignment.assignment_id,
            FollowUp.kind.in_(_STEPS),
            or_(FollowUp.kind != Kind.NOTE, FollowUp.next_at.is_not(None)),
        )
        .order_by(FollowUp.at.desc(), FollowUp.follow_up_id.desc())
        .limit(1)
        .lateral(),
    )


def _as_held(row: Row[*tuple[Any, ...]], vault: Vault) -> Held:
    one, _store, _week, _days, sealed, assignee_name, last = row
    seen = Offer.from_json(one.offer)
    card = _card(one, sealed, vault)
    return Held(
        assignment_id=one.assignment_id,
        store_id=one.store_id,
        store_name=row.store_name,
        stage=Stage(one.stage),
        grade=one.grade,
        name=card.name or seen.name,
        phone=mask(card.phones[0]) if card.phones else seen.phone,
        offer=seen,
        offered_at=one.offered_at,
        deadline_at=one.deadline_at,
        moved_at=one.moved_at,
        recycle_at=one.recycle_at,
        ended_at=one.ended_at,
        end_reason=one.end_reason,
        assignee=one.assignee,
        assignee_name=assignee_name,
        step=None if last is None else _as_step(last),
        due_kind=one.due_kind,
        due_at=one.due_at,
        hours=_hours(row),
        sealing_since=one.card_due_at,
        followed=one.settled_at == one.moved_at,
    )


def _card(one: Assignment, sealed: bytes | None, vault: Vault) -> Card:
    if sealed is None or one.stage not in HOLDING:
        return Card("", ())
    return open_card(vault, sealed, dealer_id=one.dealer_id, assignment_id=one.assignment_id)


def _as_step(row: FollowUp) -> Step:
    return Step(kind=row.kind, result=row.result, note=row.note, next_at=row.next_at, at=row.at)


def _as_told(row: FollowUp, by: str, actor: Actor) -> Told:
    return Told(
        kind=row.kind,
        result=row.result,
        note=row.note,
        next_at=row.next_at,
        by=by,
        own=row.user_id == actor.user_id,
        at=row.at,
        written_at=row.written_at,
    )
