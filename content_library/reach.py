"""Whom a publication can be for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.dealers.models import Dealer, Store
from shared.regions.divisions import names_of


@dataclass(frozen=True, slots=True)
class Group:
    """A province or a dealer by its code, with the number of its stores that are not closed."""

    code: str
    name: str
    stores: int


def provinces(session: Session) -> list[Group]:
    """The provinces that have stores, by code."""
    rows = session.execute(
        select(Store.province_code, func.count())
        .join(Dealer, Dealer.dealer_id == Store.dealer_id)
        .where(Store.status != "closed", Dealer.status != "closed", Store.province_code.is_not(None))
        .group_by(Store.province_code)
        .order_by(Store.province_code)
    ).all()
    names = names_of(code for code, _ in rows if code)
    return [Group(code, names.get(code, code), stores) for code, stores in rows if code]


def dealers(session: Session) -> list[Group]:
    """The dealers that have stores, by code."""
    rows = session.execute(
        select(Dealer.code, Dealer.name, func.count())
        .join(Store, Store.dealer_id == Dealer.dealer_id)
        .where(Store.status != "closed", Dealer.status != "closed")
        .group_by(Dealer.code, Dealer.name)
        .order_by(Dealer.code)
    ).all()
    return [Group(code, name, stores) for code, name, stores in rows]
