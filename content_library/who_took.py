"""Which stores took an asset, how often and when, and which never did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, func, or_, select
from sqlalchemy.orm import Session

from content_library.models import Publication, Pull, ShelfItem
from shared.dealers.models import Dealer, Store

Which = Literal["all", "used", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLine:
    """A store that may use an asset, or once could; `last_at` is None when it never took it."""

    store_id: UUID
    store: str
    dealer: str
    pulls: int
    copies: int
    files: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """How far an asset reached; `stores` had or have it on their shelf."""

    stores: int
    used_by: int
    pulls: int

    @property
    def never(self) -> int:
        """Stores that never took it."""
        return self.stores - self.used_by

    @property
    def share(self) -> float:
        """The part of the stores that took it, from 0 to 1."""
        return self.used_by / self.stores if self.stores else 0.0


def numbers(session: Session, asset_id: UUID) -> Numbers:
    """How many stores an asset reached, and how many took it. One statement."""
    reached, took = _reached(asset_id), _took(asset_id)
    row = session.execute(
        select(func.count(), func.count(took.c.store_id), func.coalesce(func.sum(took.c.pulls), 0))
        .select_from(reached)
        .outerjoin(took, took.c.store_id == reached.c.store_id)
    ).one()
    return Numbers(stores=row[0], used_by=row[1], pulls=int(row[2]))


def stores(
    session: Session, asset_id: UUID, *, which: Which, text: str, offset: int, limit: int
) -> tuple[list[StoreLine], bool]:
    """A page of the stores, those that took it last first, then the others by code.

    Returns:
        the lines, and whether more follow.
    """
    rows = session.execute(_stores(asset_id, which, text).offset(offset).limit(limit + 1)).all()
    lines = [
        StoreLine(
            store_id=store_id,
            store=store,
            dealer=dealer,
            pulls=pulls or 0,
            copies=copies or 0,
            files=files or 0,
            last_at=last_at,
        )
        for store_id, store, dealer, pulls, copies, files, last_at in rows
    ]
    return lines[:limit], len(lines) > limit


def _stores(
    asset_id: UUID, which: Which, text: str
) -> Select[UUID, str, str, int | None, int | None, int | None, datetime | None]:
    reached, took = _reached(asset_id), _took(asset_id)
    return (
        select(Store.store_id, Store.name, Dealer.name, took.c.pulls, took.c.copies, took.c.files, took.c.last_at)
        .join(reached, (reached.c.dealer_id == Store.dealer_id) & (reached.c.store_id == Store.store_id))
        .join(Dealer, Dealer.dealer_id == Store.dealer_id)
        .outerjoin(took, took.c.store_id == Store.store_id)
        .where(*_fits(which, text, took))
        .order_by(took.c.last_at.desc().nulls_last(), Store.code)
    )


def _fits(which: Which, text: str, took: Subquery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        or_(Store.name.icontains(word, autoescape=True), Dealer.name.icontains(word, autoescape=True))
        for word in text.split()
    ]
    if which == "used":
        found.append(took.c.pulls.is_not(None))
    elif which == "never":
        found.append(took.c.pulls.is_(None))
    return found


def _reached(asset_id: UUID) -> Subquery:
    return (
        select(ShelfItem.dealer_id, ShelfItem.store_id)
        .join(Publication, Publication.publication_id == ShelfItem.publication_id)
        .where(Publication.asset_id == asset_id)
        .distinct()
        .subquery("reached")
    )


def _took(asset_id: UUID) -> Subquery:
    return (
        select(
            Pull.store_id,
            func.count().label("pulls"),
            func.count().filter(Pull.kind == "copy").label("copies"),
            func.count().filter(Pull.kind != "copy").label("files"),
            func.max(Pull.at).label("last_at"),
        )
        .join(Publication, Publication.publication_id == Pull.publication_id)
        .where(Publication.asset_id == asset_id)
        .group_by(Pull.store_id)
        .subquery("took")
    )
