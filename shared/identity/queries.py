"""Reading accounts, for lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from shared.dealers.models import Dealer, Store
from shared.identity.models import HqSession, HqUser, Staff, StaffSession, StaffStore
from shared.web.paging import PAGE, Page, beyond, page_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """An account in a list. `status`: invited, active or disabled; `stores`: names, for staff."""

    user_id: UUID
    dealer_id: UUID | None
    name: str
    login_masked: str
    role: str
    status: str
    invite_expires_at: datetime | None
    seen_at: datetime | None
    dealer: str = ""
    stores: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DealerChoice:
    """A dealer to choose, with its stores as (id, name)."""

    dealer_id: UUID
    name: str
    stores: tuple[tuple[UUID, str], ...]


def hq_users(session: Session) -> list[AccountRow]:
    """Everybody at headquarters, by name."""
    seen = select(func.max(HqSession.seen_at)).where(HqSession.user_id == HqUser.user_id).scalar_subquery()
    rows = session.execute(select(HqUser, seen).order_by(HqUser.name, HqUser.user_id))
    return [_row(user, seen_at) for user, seen_at in rows]


def staff_page(
    session: Session,
    *,
    dealer_id: UUID | None = None,
    store_id: UUID | None = None,
    status: str | None = None,
    after: str | None = None,
) -> Page[AccountRow]:
    """A page of the dealers' staff, by dealer and name; of one dealer, one store, or one state when given."""
    seen = (
        select(func.max(StaffSession.seen_at))
        .where(StaffSession.dealer_id == Staff.dealer_id, StaffSession.user_id == Staff.user_id)
        .scalar_subquery()
    )
    order = (Dealer.name, Staff.name, Staff.user_id)
    found = select(Staff, seen, Dealer.name).join(Dealer, Dealer.dealer_id == Staff.dealer_id)
    if dealer_id is not None:
        found = found.where(Staff.dealer_id == dealer_id)
    if store_id is not None:
        found = found.where(_works_at(store_id))
    if status:
        found = found.where(Staff.status == status)
    if after:
        found = found.where(beyond(order, after, descending=False))
    records = session.execute(found.order_by(*order).limit(PAGE + 1)).all()
    stores = _stores(session, [person.user_id for person, _, _ in records])
    rows = [
        _row(person, seen_at, dealer=dealer, dealer_id=person.dealer_id, stores=tuple(stores.get(person.user_id, ())))
        for person, seen_at, dealer in records
    ]
    return page_of(rows, lambda row: (row.dealer, row.name, row.user_id), after=after)


def waiting_for_invite(session: Session, *, dealer_id: UUID | None, limit: int) -> Sequence[Staff]:
    """Staff who have not set a password yet, of one dealer or all, by dealer and name."""
    found = select(Staff).join(Dealer, Dealer.dealer_id == Staff.dealer_id).where(Staff.status == "invited")
    if dealer_id is not None:
        found = found.where(Staff.dealer_id == dealer_id)
    return session.scalars(found.order_by(Dealer.name, Staff.name, Staff.user_id).limit(limit)).all()


def _works_at(store_id: UUID) -> ColumnElement[bool]:
    at = select(StaffStore.user_id).where(
        StaffStore.dealer_id == Staff.dealer_id, StaffStore.user_id == Staff.user_id, StaffStore.store_id == store_id
    )
    return at.exists()


def dealers(session: Session) -> list[DealerChoice]:
    """Every dealer with its stores, by name."""
    stores: dict[UUID, list[tuple[UUID, str]]] = {}
    for dealer_id, store_id, name in session.execute(
        select(Store.dealer_id, Store.store_id, Store.name).order_by(Store.name)
    ):
        stores.setdefault(dealer_id, []).append((store_id, name))
    found = session.execute(select(Dealer.dealer_id, Dealer.name).order_by(Dealer.name))
    return [DealerChoice(dealer_id, name, tuple(stores.get(dealer_id, ()))) for dealer_id, name in found]


def _row(account: HqUser | Staff, seen_at: datetime | None, **more: Any) -> AccountRow:
    return AccountRow(
        **{"dealer_id": None} | more,
        user_id=account.user_id,
        name=account.name,
        login_masked=account.login_masked,
        role=account.role,
        status=account.status,
        invite_expires_at=account.invite_expires_at,
        seen_at=seen_at,
    )


def _stores(session: Session, user_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    if not user_ids:
        return found
    rows = session.execute(
        select(StaffStore.user_id, Store.name)
        .join(Store, (Store.dealer_id == StaffStore.dealer_id) & (Store.store_id == StaffStore.store_id))
        .where(StaffStore.user_id.in_(user_ids))
        .order_by(Store.name)
    )
    for user_id, name in rows:
        found.setdefault(user_id, []).append(name)
    return found
