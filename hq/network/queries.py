"""Dealers and stores as headquarters reads them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from shared.dealers.models import Dealer, Store, StoreDay, StoreWeek
from shared.identity.models import Staff, StaffSession, StaffStore
from shared.leads.lifecycle import HOLDING, Stage
from shared.leads.models import Assignment
from shared.platform.clock import beijing_day, week_of
from shared.platform.errors import Missing
from shared.regions.distance import great_circle_km

_NEAR_DEGREES = 0.4  # a box of about 40 km around a store
_DOTS = 60
_PEOPLE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """Somebody of a dealer; `expires_at` of an open invite link, `seen_at` of the latest use."""

    user_id: UUID
    dealer_id: UUID
    name: str
    login_masked: str
    role: str
    status: str
    seen_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePage:
    """One store with its people and its leads by stage; `taken` of today, `week_taken` since Monday."""

    store: Store
    dealer: Dealer
    taken: int
    week_taken: int
    stages: Mapping[str, int]
    people: Sequence[PersonLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What an act would touch: open offers, leads that stores hold (sales left out), people of these stores alone."""

    offers: int
    held: int
    people: int


@dataclass(frozen=True, slots=True)
class Dot:
    """Another store near one; `east` and `north` in km."""

    store_id: UUID
    name: str
    km: float
    east: float
    north: float
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerPage:
    """One dealer with its people and the leads of all its stores by stage."""

    dealer: Dealer
    stores: Mapping[str, int]
    stages: Mapping[str, int]
    people: Sequence[PersonLine]


def store(session: Session, store_id: UUID, *, now: datetime) -> StorePage:
    """A store (four statements).

    Raises:
        Missing: no such store.
    """
    day = beijing_day(now)
    of_day = (StoreDay.dealer_id == Store.dealer_id, StoreDay.store_id == Store.store_id, StoreDay.day == day)
    of_week = (StoreWeek.dealer_id == Store.dealer_id, StoreWeek.store_id == Store.store_id)
    row = session.execute(
        select(Store, Dealer, StoreDay.taken, StoreWeek.taken)
        .join(Dealer, Dealer.dealer_id == Store.dealer_id)
        .outerjoin(StoreDay, and_(*of_day))
        .outerjoin(StoreWeek, and_(*of_week, StoreWeek.week == week_of(day)))
        .where(Store.store_id == store_id)
    ).first()
    if row is None:
        raise Missing(store=str(store_id))
    found, dealer, taken, week_taken = row
    at_store = select(StaffStore.user_id).where(
        StaffStore.dealer_id == found.dealer_id, StaffStore.store_id == store_id
    )
    here = (Staff.role == "dealer_owner") | Staff.user_id.in_(at_store)
    of_store = and_(Assignment.dealer_id == found.dealer_id, Assignment.store_id == store_id)
    return StorePage(
        store=found,
        dealer=dealer,
        taken=taken or 0,
        week_taken=week_taken or 0,
        stages=_stages(session, of_store),
        people=_people(session, and_(Staff.dealer_id == found.dealer_id, here)),
    )


def dealer(session: Session, dealer_id: UUID) -> DealerPage:
    """A dealer.

    Raises:
        Missing: no such dealer.
    """
    found = session.get(Dealer, dealer_id)
    if found is None:
        raise Missing(dealer=str(dealer_id))
    states = session.execute(
        select(Store.status, func.count().label("stores")).where(Store.dealer_id == dealer_id).group_by(Store.status)
    )
    return DealerPage(
        dealer=found,
        stores={row.status: row.stores for row in states},
        stages=_stages(session, Assignment.dealer_id == dealer_id),
        people=_people(session, Staff.dealer_id == dealer_id),
    )


def effects(session: Session, store_ids: Collection[UUID]) -> Effects:
    """What pausing or closing these stores touches."""
    live = select(Assignment.stage, func.count().label("leads")).where(
        Assignment.store_id.in_(store_ids), Assignment.ended_at.is_(None)
    )
    counts = {row.stage: row.leads for row in session.execute(live.group_by(Assignment.stage))}
    elsewhere = select(StaffStore.user_id).where(
        StaffStore.user_id == Staff.user_id, StaffStore.store_id.not_in(store_ids)
    )
    only_here = select(func.count(Staff.user_id.distinct())).where(
        Staff.user_id.in_(select(StaffStore.user_id).where(StaffStore.store_id.in_(store_ids))),
        Staff.status != "disabled",
        Staff.role != "dealer_owner",
        ~elsewhere.exists(),
    )
    held = sum(count for stage, count in counts.items() if stage in HOLDING and stage != Stage.WON)
    return Effects(offers=counts.get("offered", 0), held=held, people=session.scalar(only_here) or 0)


def near(session: Session, of: Store) -> Sequence[Dot]:
    """The other stores around a store that has a position, the nearest first."""
    if of.lng is None or of.lat is None:
        return ()
    rows: Iterable[Any] = session.execute(
        select(Store.store_id, Store.name, Store.lng, Store.lat, Store.status).where(
            Store.lng.between(of.lng - _NEAR_DEGREES, of.lng + _NEAR_DEGREES),
            Store.lat.between(of.lat - _NEAR_DEGREES, of.lat + _NEAR_DEGREES),
            Store.store_id != of.store_id,
            Store.status != "closed",
        )
    )
    return sorted((_dot(of.lng, of.lat, *row) for row in rows), key=lambda dot: (dot.km, dot.store_id))[:_DOTS]


def _dot(lng: float, lat: float, store_id: UUID, name: str, x: float, y: float, status: str) -> Dot:
    east = great_circle_km(lng, lat, x, lat) * (1 if x >= lng else -1)
    north = great_circle_km(lng, lat, lng, y) * (1 if y >= lat else -1)
    return Dot(store_id, name, great_circle_km(lng, lat, x, y), east, north, status == "active")


def _stages(session: Session, where: ColumnElement[bool]) -> dict[str, int]:
    rows = session.execute(
        select(Assignment.stage, func.count().label("leads")).where(where).group_by(Assignment.stage)
    )
    found = {row.stage: row.leads for row in rows}
    return {stage.value: found[stage.value] for stage in Stage if stage.value in found}


def _people(session: Session, where: ColumnElement[bool]) -> list[PersonLine]:
    seen = (
        select(func.max(StaffSession.seen_at))
        .where(StaffSession.dealer_id == Staff.dealer_id, StaffSession.user_id == Staff.user_id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Staff, seen.label("seen_at"))
        .where(where)
        .order_by(Staff.status == "disabled", Staff.role, Staff.name, Staff.user_id)
        .limit(_PEOPLE)
    )
    return [
        PersonLine(
            user_id=row.Staff.user_id,
            dealer_id=row.Staff.dealer_id,
            name=row.Staff.name,
            login_masked=row.Staff.login_masked,
            role=row.Staff.role,
            status=row.Staff.status,
            seen_at=row.seen_at,
            expires_at=row.Staff.invite_expires_at,
        )
        for row in rows
    ]
