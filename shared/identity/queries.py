"""Dealers to choose from, and their people who wait for an invite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.dealers.models import Dealer, Store
from shared.identity.models import Staff


@dataclass(frozen=True, slots=True)
class DealerChoice:
    """A dealer to choose, with its stores as (id, name)."""

    dealer_id: UUID
    name: str
    stores: tuple[tuple[UUID, str], ...]


def waiting_for_invite(session: Session, *, dealer_id: UUID | None, limit: int) -> Sequence[Staff]:
    """Staff who have not set a password yet, of one dealer or all, by dealer and name."""
    found = select(Staff).join(Dealer, Dealer.dealer_id == Staff.dealer_id).where(Staff.status == "invited")
    if dealer_id is not None:
        found = found.where(Staff.dealer_id == dealer_id)
    return session.scalars(found.order_by(Dealer.name, Staff.name, Staff.user_id).limit(limit)).all()


def dealers(session: Session) -> list[DealerChoice]:
    """Every dealer with its stores, by name."""
    stores: dict[UUID, list[tuple[UUID, str]]] = {}
    for dealer_id, store_id, name in session.execute(
        select(Store.dealer_id, Store.store_id, Store.name).order_by(Store.name)
    ):
        stores.setdefault(dealer_id, []).append((store_id, name))
    found = session.execute(select(Dealer.dealer_id, Dealer.name).order_by(Dealer.name))
    return [DealerChoice(dealer_id, name, tuple(stores.get(dealer_id, ()))) for dealer_id, name in found]
