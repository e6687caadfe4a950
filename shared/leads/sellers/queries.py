"""How a store gives out its leads, who is on duty, whose turn it is, and what everybody has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from shared.dealers.hours import DEFAULT_HOURS, WeeklyHours, is_open
from shared.dealers.models import Store
from shared.identity.actor import Actor
from shared.identity.models import Staff, StaffStore
from shared.identity.permissions import Permission, Role
from shared.leads import assignments
from shared.leads.assignments import at_own_stores
from shared.leads.lifecycle import HOLDING, Stage
from shared.leads.models import Assignment
from shared.leads.queries import Offered
from shared.leads.sellers.models import LeadGiving, SellerTurn, StaffDuty, StoreGiving, Way
from shared.leads.sellers.turns import Member, free_at, is_off, line, named
from shared.platform.clock import beijing_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A store's own giving out of leads now.

    Attributes:
        floor: the store's round.
        open: whether the store is open; else nobody counts as on duty.
        sellers: the active sellers of the store, with whether they are on duty now.
        off: those who said that they are off duty, with the first day on which they are back (None: until they say so).
    """

    store_id: UUID
    way: Way = Way.CLAIM
    floor: int = 0
    hours: WeeklyHours = DEFAULT_HOURS
    open: bool = True
    sellers: Sequence[Member] = ()
    off: Mapping[UUID, date | None] = field(default_factory=dict)

    @property
    def next(self) -> Member | None:
        """Whose turn it is; None when nobody is on duty."""
        return next(iter(line(self.sellers, self.floor)), None)

    def ahead_of(self, user_id: UUID) -> int:
        """How many come before somebody on duty."""
        return [each.user_id for each in line(self.sellers, self.floor)].index(user_id)


class First(NamedTuple):
    """Who may claim an offer before everybody may.

    Attributes:
        by: `person` (see `who`), `manager`, or `later`: the turn of somebody of the next round.
        until: from then on everybody may.
        free: that is now.
        mine: the actor may claim it now.
    """

    by: str
    who: Member | None
    until: datetime
    free: bool
    mine: bool


class Record(NamedTuple):
    """What somebody got of the store's leads lately, and what they sold of them."""

    got: int
    won: int


# Written once, as each claim asks it.
_WAY = select(StoreGiving.way).where(
    StoreGiving.dealer_id == bindparam("dealer_id"), StoreGiving.store_id == bindparam("store_id")
)


def way_of(session: Session, *, dealer_id: UUID | None, store_id: UUID) -> Way:
    """How a store gives out its leads."""
    found = session.scalar(_WAY, {"dealer_id": dealer_id, "store_id": store_id})
    return Way(found) if found else Way.CLAIM


# A claim asks it with the lock, before anything of its store is locked.
_LOCK = assignments.locking(
    select(StoreGiving.way)
    .where(StoreGiving.dealer_id == Assignment.dealer_id, StoreGiving.store_id == Assignment.store_id)
    .scalar_subquery()
)


def lock(session: Session, *, actor: Actor, assignment_id: UUID) -> tuple[Assignment, Way]:
    """An assignment, also one that a colleague works on, locked, and how its store gives out its leads.

    Raises:
        Missing: as `assignments.lock`.
    """
    row = assignments.lock_with(session, _LOCK, actor=actor, assignment_id=assignment_id, also_colleagues=True)
    found, way = row
    return found, Way(way) if way else Way.CLAIM


def desk(session: Session, *, actor: Actor, store_id: UUID, now: datetime) -> Desk:
    """A store's giving out of leads (two statements). The caller has checked that the store is one of the actor's."""
    dealer_id, today = actor.dealer_id, beijing_day(now)
    giving = and_(StoreGiving.dealer_id == Store.dealer_id, StoreGiving.store_id == Store.store_id)
    row = session.execute(
        select(Store.hours, Store.closed_days, StoreGiving.way, StoreGiving.round)
        .outerjoin(StoreGiving, giving)
        .where(Store.dealer_id == dealer_id, Store.store_id == store_id)
    ).one()
    hours = _hours(row.hours, row.closed_days)
    opened = is_open(now, hours)
    people = session.execute(_sellers(dealer_id, store_id)).all()
    off = {each.user_id: each.back_on for each in people if is_off(each.off_since, each.back_on, today)}
    return Desk(
        store_id=store_id,
        way=Way(row.way) if row.way else Way.CLAIM,
        floor=row.round or 0,
        hours=hours,
        open=opened,
        sellers=[
            Member(
                user_id=each.user_id,
                name=each.name,
                on_duty=opened and each.user_id not in off,
                turn=each.turn or 0,
                given_at=each.given_at,
            )
            for each in people
        ],
        off=off,
    )


def firsts(session: Session, offers: Iterable[Offered], *, actor: Actor, now: datetime) -> Mapping[UUID, First]:
    """Of offers those that not everybody may claim at once (one statement where no store gives out leads)."""
    known = list(offers)
    ways = session.execute(
        select(StoreGiving.store_id, StoreGiving.way).where(
            StoreGiving.dealer_id == actor.dealer_id,
            StoreGiving.store_id.in_({each.store_id for each in known}),
            StoreGiving.way != Way.CLAIM,
        )
    ).all()
    found: dict[UUID, First] = {}
    for store_id, _way in ways:
        at = desk(session, actor=actor, store_id=store_id, now=now)
        whose = waiting(session, at, actor=actor, now=now)
        here = [each for each in known if each.store_id == store_id]
        found |= {each.assignment_id: first(at, whose, each, actor=actor, now=now) for each in here}
    return found


def waiting(session: Session, at: Desk, *, actor: Actor, now: datetime, also: UUID | None = None) -> Mapping[UUID, Any]:
    """Whose each waiting offer of a store is in turn. `also`: one that is being claimed."""
    if at.way is not Way.TURN:
        return {}
    waits = and_(Assignment.stage == Stage.OFFERED, Assignment.ended_at.is_(None), Assignment.deadline_at > now)
    counted = waits if also is None else waits | (Assignment.assignment_id == also)
    offers = session.scalars(
        select(Assignment.assignment_id)
        .where(Assignment.dealer_id == actor.dealer_id, Assignment.store_id == at.store_id, counted)
        .order_by(Assignment.offered_at, Assignment.assignment_id)
    ).all()
    return named(at.sellers, at.floor, offers)


def first(at: Desk, whose: Mapping[UUID, Member], offer: Any, *, actor: Actor, now: datetime) -> First:
    """Who may claim an offer (or an assignment that was one) before everybody may."""
    until = free_at(offer.offered_at, offer.deadline_at, at.hours)
    who = whose.get(offer.assignment_id)
    nobody = at.way is Way.MANAGER or at.next is None
    by = "person" if who else "manager" if nobody else "later"
    free = until <= now
    leads_team = actor.may(Permission.ASSIGNMENTS_GIVE)
    return First(by, who, until, free, free or leads_team or (who is not None and who.user_id == actor.user_id))


def records(session: Session, *, actor: Actor, store_id: UUID, since: datetime) -> Mapping[UUID, Record]:
    """What each person of a store works on or worked on of the leads offered since then, and sold of them."""
    got = Assignment.stage.in_([*sorted(HOLDING), Stage.LOST, Stage.RECYCLED, Stage.RECALLED])
    rows = session.execute(
        select(Assignment.assignee, func.count(), func.count().filter(Assignment.stage == Stage.WON))
        .where(
            at_own_stores(actor),
            Assignment.store_id == store_id,
            Assignment.offered_at >= since,
            Assignment.assignee.is_not(None),
            got,
        )
        .group_by(Assignment.assignee)
    )
    return {who: Record(count, won) for who, count, won in rows if who is not None}


class GivenLine(NamedTuple):
    """A lead was given to somebody (None: to everybody) by somebody."""

    to: str | None
    by: str | None
    by_id: UUID | None
    how: str
    at: datetime


def givings(session: Session, *, dealer_id: UUID | None, assignment_id: UUID) -> list[GivenLine]:
    """Who a lead of a store was given to, newest first. The caller has checked the assignment."""
    staff = select(Staff.user_id, Staff.name).where(Staff.dealer_id == dealer_id)
    to, by = staff.subquery(), staff.subquery()
    rows = session.execute(
        select(LeadGiving, to.c.name, by.c.name)
        .outerjoin(to, to.c.user_id == LeadGiving.to_user)
        .outerjoin(by, by.c.user_id == LeadGiving.by_user)
        .where(LeadGiving.dealer_id == dealer_id, LeadGiving.assignment_id == assignment_id)
        .order_by(LeadGiving.at.desc(), LeadGiving.giving_id.desc())
    )
    return [GivenLine(to_name, by_name, row.by_user, row.how, row.at) for row, to_name, by_name in rows]


def _sellers(dealer_id: UUID | None, store_id: UUID) -> Any:
    here = and_(StaffStore.dealer_id == Staff.dealer_id, StaffStore.user_id == Staff.user_id)
    turn = and_(
        SellerTurn.dealer_id == Staff.dealer_id,
        SellerTurn.user_id == Staff.user_id,
        SellerTurn.store_id == StaffStore.store_id,
    )
    duty = and_(StaffDuty.dealer_id == Staff.dealer_id, StaffDuty.user_id == Staff.user_id)
    return (
        select(Staff.user_id, Staff.name, SellerTurn.turn, SellerTurn.given_at, StaffDuty.off_since, StaffDuty.back_on)
        .join(StaffStore, here)
        .outerjoin(SellerTurn, turn)
        .outerjoin(StaffDuty, duty)
        .where(
            Staff.dealer_id == dealer_id,
            StaffStore.store_id == store_id,
            Staff.status == "active",
            Staff.role == Role.SALESPERSON,
        )
        .order_by(Staff.user_id)
    )


def _hours(stored: Mapping[str, Any], closed_days: Sequence[str] | None) -> WeeklyHours:
    week = WeeklyHours.from_json(stored) if stored else DEFAULT_HOURS
    return week.shut_on(map(date.fromisoformat, closed_days or ()))
