"""What a store decides about who of it works on what: the way, duty, claims in turn, sharing out.

Runs as `koi_dealer`. The store's row of `store_giving` guards its turns (`counting`); it is locked last, after
everything that a claim locks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.dealers.models import Store
from shared.identity.actor import Actor
from shared.identity.models import Staff, StaffStore
from shared.identity.permissions import Permission, Role
from shared.leads import service as leads
from shared.leads.assignments import visible_to
from shared.leads.lifecycle import HOLDING
from shared.leads.models import Assignment
from shared.leads.sellers import queries
from shared.leads.sellers.counting import lock_store, take_back, use
from shared.leads.sellers.errors import BadDay, NobodyOnDuty, NotYourTurn, SharesChanged
from shared.leads.sellers.models import How, LeadGiving, StaffDuty, Way
from shared.leads.sellers.queries import Desk
from shared.leads.sellers.recording import record
from shared.leads.sellers.turns import Member, shared_out
from shared.platform.clock import beijing_day
from shared.platform.errors import Missing
from shared.platform.ids import new_id

LONGEST_OFF: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A lead that the store has now. `given_to`: whose turn it was, when somebody else claimed; `fresh`: just now."""

    assignment: Assignment
    way: Way
    given_to: Member | None = None
    fresh: bool = True


def set_way(session: Session, *, store_id: UUID, way: Way, actor: Actor, now: datetime) -> Way:
    """Decide who of a store gets its new leads; gives the way before.

    Raises:
        Missing: not one of the actor's stores.
    """
    _own_store(session, actor, store_id)
    row = lock_store(session, actor, store_id, now)
    before = Way(row.way)
    if before is not way:
        row.way, row.changed_at = way.value, now
        audit.record(
            session, actor, "store:giving", f"store:{store_id}", at=now, details={"giving": [before.value, way.value]}
        )
    return before


def set_duty(
    session: Session, *, user_id: UUID, off: bool, back_on: date | None = None, actor: Actor, now: datetime
) -> None:
    """Say whether somebody is on duty: the person, or who leads the team of one of their stores.

    Args:
        back_on: the first Beijing day on duty again; None: until they say so.

    Raises:
        Missing: no such seller, or not one of the actor's.
        BadDay: the day is not after today, or more than half a year ahead.
    """
    today = beijing_day(now)
    if off and back_on is not None and not today < back_on <= today + LONGEST_OFF:
        raise BadDay(field="until", days=LONGEST_OFF.days)
    person = _seller(session, actor, user_id)
    values = {"off_since": now if off else None, "back_on": back_on if off else None}
    row = insert(StaffDuty).values(dealer_id=actor.dealer_id, user_id=person, **values)
    session.execute(row.on_conflict_do_update(index_elements=["dealer_id", "user_id"], set_=values))
    until = back_on.isoformat() if back_on and off else None
    audit.record(session, actor, "staff:duty", f"staff:{person}", at=now, off=off, until=until)


def claim(session: Session, *, assignment_id: UUID, actor: Actor, now: datetime) -> Claimed:
    """Claim a lead for the store, as the store gives out its leads.

    A seller who claims has it. What a manager claims is, in turn, for whose turn it is; else the manager gives it out.

    Raises:
        NotYourTurn: for half of the time to claim it is for somebody else.
        Missing, AlreadyTaken, OfferExpired, OfferGone, QuotaReached, DayNotOpen: as `shared.leads.service.claim`.
    """
    found, way = queries.lock(session, actor=actor, assignment_id=assignment_id)
    fresh = leads.claim_locked(session, found, actor=actor, now=now)
    if not fresh:
        return Claimed(found, way, fresh=False)
    if way is Way.CLAIM or Way(lock_store(session, actor, found.store_id, now).way) is Way.CLAIM:
        return Claimed(found, Way.CLAIM)
    at = queries.desk(session, actor=actor, store_id=found.store_id, now=now)
    whose = queries.waiting(session, at, actor=actor, now=now, also=found.assignment_id)
    first = queries.first(at, whose, found, actor=actor, now=now)
    if not first.mine:
        name = first.who.name if first.who else ""
        raise NotYourTurn(by=first.by, name=name, free_at=first.until.isoformat())
    return _handed_on(session, at, found, first.who or at.next, actor, now)


def hand_on(session: Session, *, claimed: Assignment, actor: Actor, now: datetime) -> Claimed:
    """What follows from a claim that everybody might make, such as one of the open pool, at `now`.

    A seller who claimed keeps the lead, which counts as a turn; what a manager claimed is, in turn, for who is next.
    """
    way = queries.way_of(session, dealer_id=actor.dealer_id, store_id=claimed.store_id)
    if claimed.moved_at != now:
        return Claimed(claimed, way, fresh=False)
    if way is Way.CLAIM or Way(lock_store(session, actor, claimed.store_id, now).way) is Way.CLAIM:
        return Claimed(claimed, Way.CLAIM)
    at = queries.desk(session, actor=actor, store_id=claimed.store_id, now=now)
    return _handed_on(session, at, claimed, at.next, actor, now)


def _handed_on(
    session: Session, at: Desk, found: Assignment, whose: Member | None, actor: Actor, now: datetime
) -> Claimed:
    """Use the turn of who keeps or gets a lead, and give it to them; the store's row is locked."""
    if actor.role is Role.SALESPERSON:
        own = next((each for each in at.sellers if each.user_id == actor.user_id), None)
        if own is not None and at.way is Way.TURN:
            use(session, at, [own], now)
        return Claimed(found, at.way)
    receiver = whose if at.way is Way.TURN else None
    if receiver is None:
        return Claimed(found, at.way)
    (turn,) = use(session, at, [receiver], now)
    found.assignee = receiver.user_id
    record(session, found, actor, to=receiver.user_id, before=None, how=How.TURN, turn=turn, now=now)
    return Claimed(found, at.way, receiver)


def planned(at: Desk, count: int, *, besides: UUID | None, now: datetime) -> Sequence[Member]:
    """Who would get the first, the second, … of so many leads. `besides`: not the one whose they are."""
    return shared_out([each for each in at.sellers if each.user_id != besides], at.floor, count, now)


def share(
    session: Session,
    *,
    store_id: UUID,
    pairs: Sequence[tuple[UUID, UUID]],
    who: UUID | None,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Share out leads as was shown: each (lead, person), in the order shown; gives what takes it back.

    Args:
        who: whose they are; None: nobody's in particular.

    Raises:
        Missing: not one of the actor's stores.
        NobodyOnDuty: nobody is.
        SharesChanged: it would come out differently by now.
    """
    _own_store(session, actor, store_id)
    locked = _lock_leads(session, actor, store_id, [lead_id for lead_id, _ in pairs])
    lock_store(session, actor, store_id, now)
    at = queries.desk(session, actor=actor, store_id=store_id, now=now)
    order = planned(at, len(pairs), besides=who, now=now)
    if not order:
        raise NobodyOnDuty
    same = [to for _, to in pairs] == [each.user_id for each in order]
    if not same or any(lead_id not in locked or locked[lead_id].assignee != who for lead_id, _ in pairs):
        raise SharesChanged
    batch_id = new_id(now)
    turns = use(session, at, order, now, besides=who)
    for (lead_id, to), turn in zip(pairs, turns, strict=True):
        lead = locked[lead_id]
        record(session, lead, actor, to=to, before=who, how=How.SHARE, turn=turn, now=now, batch_id=batch_id)
        lead.assignee = to
    audit.record(session, actor, "store:share", f"store:{store_id}", at=now, leads=len(pairs), by=who)
    return batch_id


def unshare(session: Session, *, batch_id: UUID, actor: Actor, now: datetime) -> int:
    """Take back what was shared out at once, as far as nobody else has it by now; gives how many."""
    rows = session.scalars(select(LeadGiving).filter_by(dealer_id=actor.dealer_id, batch_id=batch_id)).all()
    of = {row.assignment_id: row for row in rows if row.how == How.SHARE}
    locked = _lock_leads(session, actor, None, of)
    back = [lead for lead in locked.values() if lead.assignee == of[lead.assignment_id].to_user]
    for store_id in sorted({lead.store_id for lead in back}):
        here = [of[lead.assignment_id] for lead in back if lead.store_id == store_id]
        take_back(session, actor, store_id, here, now)
    for lead in back:
        row = of[lead.assignment_id]
        record(session, lead, actor, to=row.from_user, before=row.to_user, how=How.BACK, now=now)
        lead.assignee = row.from_user
    if back:
        audit.record(session, actor, "store:unshare", f"store:{back[0].store_id}", at=now, leads=len(back))
    return len(back)


def _own_store(session: Session, actor: Actor, store_id: UUID) -> None:
    there = select(Store.store_id).filter_by(dealer_id=actor.dealer_id, store_id=store_id)
    if not actor.sees_store(store_id) or session.scalar(there) is None:
        raise Missing(what="store")


def _lock_leads(
    session: Session, actor: Actor, store_id: UUID | None, ids: Collection[UUID]
) -> Mapping[UUID, Assignment]:
    chosen = (
        select(Assignment)
        .where(
            visible_to(actor),
            Assignment.assignment_id.in_(sorted(ids)),
            Assignment.stage.in_(sorted(HOLDING)),
            Assignment.ended_at.is_(None),
        )
        .order_by(Assignment.assignment_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if store_id is not None:
        chosen = chosen.where(Assignment.store_id == store_id)
    return {lead.assignment_id: lead for lead in session.scalars(chosen)}


def _seller(session: Session, actor: Actor, user_id: UUID) -> UUID:
    """Somebody whose duty the actor may set."""
    chosen = (
        select(Staff.user_id)
        .join(StaffStore, (StaffStore.dealer_id == Staff.dealer_id) & (StaffStore.user_id == Staff.user_id))
        .where(
            Staff.dealer_id == actor.dealer_id,
            Staff.user_id == user_id,
            Staff.status == "active",
            Staff.role == Role.SALESPERSON,
        )
        .limit(1)
    )
    if actor.store_ids is not None:
        chosen = chosen.where(StaffStore.store_id.in_(sorted(actor.store_ids)))
    allowed = user_id == actor.user_id or actor.may(Permission.TEAM_WRITE)
    found = session.scalar(chosen) if allowed else None
    if found is None:
        raise Missing(what="staff")
    return found
