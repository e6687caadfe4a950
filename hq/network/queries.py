"""Dealers and stores as headquarters reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from shared.dealers.models import Dealer, Store, StoreDay
from shared.identity.models import Staff, StaffStore
from shared.leads.models import Assignment
from shared.platform.clock import beijing_day
from shared.platform.errors import Missing
from shared.web import paging


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFilter:
    """What the address of the list asks for. `late`: let an offer expire in the last 24 hours."""

    words: str | None = None
    status: str | None = None
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLine:
    """A store in the list; `open_offers` and `taken` are of today."""

    store_id: UUID
    code: str
    name: str
    dealer: str
    province_code: str | None
    city_code: str | None
    status: str
    daily_capacity: int | None
    taken: int
    open_offers: int
    point_source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePage:
    """One store with its people and its leads by stage."""

    store: Store
    dealer: Dealer
    taken: int
    stages: dict[str, int]
    people: Sequence[tuple[str, str, str, str]]  # name, masked login, role, status


def page(session: Session, wanted: StoreFilter, *, after: str | None, now: datetime) -> paging.Page[StoreLine]:
    """A page of stores in order of their codes."""
    today = beijing_day(now)
    offers = (
        select(func.count())
        .where(
            Assignment.dealer_id == Store.dealer_id,
            Assignment.store_id == Store.store_id,
            Assignment.stage == "offered",
            Assignment.ended_at.is_(None),
        )
        .correlate(Store)
        .scalar_subquery()
    )
    query = (
        select(Store, Dealer.name, func.coalesce(StoreDay.taken, 0), offers)
        .join(Dealer, Dealer.dealer_id == Store.dealer_id)
        .outerjoin(
            StoreDay,
            (StoreDay.dealer_id == Store.dealer_id) & (StoreDay.store_id == Store.store_id) & (StoreDay.day == today),
        )
    )
    if wanted.words:
        query = query.where(
            Store.name.contains(wanted.words, autoescape=True)
            | Store.code.startswith(wanted.words, autoescape=True)
            | Dealer.name.contains(wanted.words, autoescape=True)
        )
    if wanted.status:
        query = query.where(Store.status == wanted.status)
    if wanted.late:
        late = exists().where(
            Assignment.dealer_id == Store.dealer_id,
            Assignment.store_id == Store.store_id,
            Assignment.stage == "expired",
            Assignment.ended_at > now - timedelta(days=1),
        )
        query = query.where(late)
    if after:
        query = query.where(paging.beyond((Store.code,), after, descending=False))
    rows = session.execute(query.order_by(Store.code).limit(paging.PAGE + 1)).all()
    return paging.page_of([_line(*row) for row in rows], lambda line: (line.code,), after=after)


def one(session: Session, store_id: UUID, *, now: datetime) -> StorePage:
    """A store.

    Raises:
        Missing: no such store.
    """
    row = session.execute(
        select(Store, Dealer).join(Dealer, Dealer.dealer_id == Store.dealer_id).where(Store.store_id == store_id)
    ).first()
    if row is None:
        raise Missing(store=str(store_id))
    store, dealer = row
    place = (store.dealer_id, store.store_id)
    day = session.get(StoreDay, (*place, beijing_day(now)))
    stages = session.execute(
        select(Assignment.stage, func.count().label("leads"))
        .where(Assignment.dealer_id == place[0], Assignment.store_id == place[1])
        .group_by(Assignment.stage)
    ).all()
    people = session.execute(
        select(Staff.name, Staff.login_masked, Staff.role, Staff.status)
        .join(StaffStore, (StaffStore.dealer_id == Staff.dealer_id) & (StaffStore.user_id == Staff.user_id))
        .where(StaffStore.dealer_id == place[0], StaffStore.store_id == place[1])
        .order_by(Staff.created_at)
    ).all()
    return StorePage(
        store=store,
        dealer=dealer,
        taken=day.taken if day else 0,
        stages={row.stage: row.leads for row in stages},
        people=[(name, login, role, status) for name, login, role, status in people],
    )


def _line(store: Store, dealer: str, taken: int, offers: int) -> StoreLine:
    return StoreLine(
        store_id=store.store_id,
        code=store.code,
        name=store.name,
        dealer=dealer,
        province_code=store.province_code,
        city_code=store.city_code,
        status=store.status,
        daily_capacity=store.daily_capacity,
        taken=taken,
        open_offers=offers,
        point_source=store.point_source,
    )
