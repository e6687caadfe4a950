"""Whom a publication can be for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shared.campaigns.models import Campaign, ConsentText, Scope
from shared.dealers.models import Dealer, Store
from shared.regions.divisions import names_of


@dataclass(frozen=True, slots=True)
class Group:
    """A province, city, dealer, store or campaign by its code, with the number of its stores that are not closed."""

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


def cities(session: Session) -> list[Group]:
    """The cities that have stores, by code."""
    rows = session.execute(
        select(Store.city_code, func.count())
        .join(Dealer, Dealer.dealer_id == Store.dealer_id)
        .where(Store.status != "closed", Dealer.status != "closed", Store.city_code.is_not(None))
        .group_by(Store.city_code)
        .order_by(Store.city_code)
    ).all()
    names = names_of(code for code, _ in rows if code)
    return [Group(code, names.get(code, code), stores) for code, stores in rows if code]


def stores(session: Session, written: Sequence[str]) -> tuple[list[str], list[str]]:
    """Stores that somebody wrote down, by code or by name.

    Returns:
        the codes of those that are not closed, and what names none of them.
    """
    rows = session.execute(
        select(Store.code, Store.name)
        .join(Dealer, Dealer.dealer_id == Store.dealer_id)
        .where(Store.status != "closed", Dealer.status != "closed")
        .where(or_(Store.code.in_(written), Store.name.in_(written)))
        .order_by(Store.code)
    ).all()
    known = {word for row in rows for word in row}
    return [code for code, _ in rows], [line for line in dict.fromkeys(written) if line not in known]


def campaigns(session: Session) -> list[Group]:
    """The campaigns whose newest consent to share names dealers, newest first, with the number of their stores."""
    newest = (
        select(ConsentText.campaign_id, func.max(ConsentText.version).label("version"))
        .where(ConsentText.kind == "share")
        .group_by(ConsentText.campaign_id)
        .subquery()
    )
    rows = session.execute(
        select(Campaign.code, Campaign.name, func.count(Store.store_id))
        .join(newest, newest.c.campaign_id == Campaign.campaign_id)
        .join(
            ConsentText,
            (ConsentText.campaign_id == Campaign.campaign_id)
            & (ConsentText.kind == "share")
            & (ConsentText.version == newest.c.version),
        )
        .join(Scope, Scope.scope_id == ConsentText.scope_id)
        .join(Dealer, Dealer.dealer_id == Scope.dealer_id)
        .join(Store, Store.dealer_id == Dealer.dealer_id)
        .where(Store.status != "closed", Dealer.status != "closed")
        .group_by(Campaign.campaign_id)
        .order_by(Campaign.created_at.desc(), Campaign.campaign_id)
    ).all()
    return [Group(code, name, stores) for code, name, stores in rows]


def names(session: Session, audiences: Iterable[tuple[str, Iterable[str]]]) -> dict[str, str]:
    """What the codes of audiences are called: (kind, codes) pairs in; of codes that nobody knows nothing."""
    wanted: dict[str, set[str]] = {}
    for kind, codes in audiences:
        wanted.setdefault(kind, set()).update(codes)
    found = names_of(wanted.get("province", set()) | wanted.get("city", set()))
    for kind, code, name in (
        ("dealer", Dealer.code, Dealer.name),
        ("store", Store.code, Store.name),
        ("campaign", Campaign.code, Campaign.name),
    ):
        if wanted.get(kind):
            rows = session.execute(select(code, name).where(code.in_(wanted[kind]))).all()
            found |= {row[0]: row[1] for row in rows}
    return found
