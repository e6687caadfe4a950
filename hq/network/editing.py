"""Changing what is written about a store or a dealer, and new ones; who changed what, from and to, is in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from content_library import shelf
from hq.network.errors import CodeTaken, StoresOpen
from hq.network.place import Place
from hq.network.series import hold
from hq.network.stale import stale
from hq.routing.queries import rules_in_force
from hq.routing.waking import wake
from shared.audit import service as audit
from shared.dealers.hours import WeeklyHours
from shared.dealers.models import Dealer, Store
from shared.identity.actor import Actor
from shared.identity.models import Staff
from shared.identity.realms import DEALER
from shared.identity.sessions import end_all
from shared.platform.errors import Missing
from shared.platform.ids import new_id
from shared.work.doorbell import ring_after_commit

_LIMITS = ("daily_capacity", "weekly_capacity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A store as somebody wants it.

    Attributes:
        capacity, weekly: leads a day and a week, None without a limit.
        weight: its share among stores that are equal otherwise.
        series: codes of what it may sell, None: all.
    """

    name: str
    address: str
    place: Place
    capacity: int | None
    hours: WeeklyHours
    closed_days: Sequence[date]
    weekly: int | None = None
    weight: int = 1
    series: Sequence[str] | None = None

    def columns(self) -> dict[str, Any]:
        """As columns of `stores`."""
        place = {field.name: getattr(self.place, field.name) for field in fields(Place)}
        return {
            "name": self.name,
            "address": self.address,
            **place,
            "daily_capacity": self.capacity,
            "weekly_capacity": self.weekly,
            "weight": self.weight,
            "series": list(self.series) if self.series else None,
            "hours": self.hours.to_json(),
            "closed_days": [day.isoformat() for day in self.closed_days],
        }


def edit_store(
    session: Session, *, store_id: UUID, seen: str, wanted: Wanted, actor: Actor, now: datetime
) -> Mapping[str, list[Any]]:
    """Change a store; gives what changed as {column: [from, to]}, empty when nothing did.

    Args:
        seen: when the store had been changed last as the form knew it, ISO.

    Raises:
        Missing: no such store.
        Stale: somebody changed it since; `params` say who, when and what.
    """
    store = session.scalars(
        select(Store)
        .where(Store.store_id == store_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if store is None:
        raise Missing(store=str(store_id))
    if store.changed_at.isoformat() != seen:
        raise stale(session, f"store:{store_id}", since=seen)
    hold(session, wanted.series)
    changes = {}
    for name, value in wanted.columns().items():
        before = getattr(store, name)
        if _differs(name, before, value):
            changes[name] = [before, value]
            setattr(store, name, value)
    if changes:
        store.changed_at = now
        _follow(session, store, changes, now=now)
        audit.record(session, actor, "store:edit", f"store:{store_id}", at=now, details=changes)
    return changes


def add_store(session: Session, *, dealer_id: UUID, code: str, wanted: Wanted, actor: Actor, now: datetime) -> UUID:
    """Open a new store of a dealer; it may be offered leads as soon as its day is open.

    Raises:
        Missing: no such dealer, or it is closed.
        CodeTaken: another store has the code.
    """
    dealer = session.get(Dealer, dealer_id)
    if dealer is None or dealer.status != "active":
        raise Missing(dealer=str(dealer_id))
    if session.scalar(select(Store.store_id).where(func.upper(Store.code) == code.upper())) is not None:
        raise CodeTaken(field="code")
    hold(session, wanted.series)
    store_id = new_id(now)
    columns = wanted.columns()
    session.add(
        Store(
            dealer_id=dealer_id,
            store_id=store_id,
            code=code,
            status="active",
            created_at=now,
            changed_at=now,
            **columns,
        )
    )
    session.flush()  # what follows reads the row
    shelf.stock(session, now=now)  # what runs now reaches the new store too
    ring_after_commit(session, "hq.days")
    audit.record(session, actor, "store:add", f"store:{store_id}", at=now, code=code, name=wanted.name)
    return store_id


def add_dealer(session: Session, *, code: str, name: str, actor: Actor, now: datetime) -> UUID:
    """Add a dealer without stores.

    Raises:
        CodeTaken: another dealer has the code.
    """
    if session.scalar(select(Dealer.dealer_id).where(func.upper(Dealer.code) == code.upper())) is not None:
        raise CodeTaken(field="code")
    dealer_id = new_id(now)
    session.add(Dealer(dealer_id=dealer_id, code=code, name=name, status="active", created_at=now))
    audit.record(session, actor, "dealer:add", f"dealer:{dealer_id}", at=now, code=code, name=name)
    return dealer_id


def rename_dealer(session: Session, *, dealer_id: UUID, seen: str, name: str, actor: Actor, now: datetime) -> None:
    """Give a dealer another name. Consents keep the words that people agreed to; new ones use the new name.

    Args:
        seen: the name that the form knew.

    Raises:
        Missing: no such dealer.
        Stale: somebody changed it since.
    """
    dealer = _lock_dealer(session, dealer_id)
    if dealer.name != seen:
        raise stale(session, f"dealer:{dealer_id}")
    if dealer.name != name:
        audit.record(session, actor, "dealer:edit", f"dealer:{dealer_id}", at=now, details={"name": [seen, name]})
        dealer.name = name


def close_dealer(session: Session, *, dealer_id: UUID, actor: Actor, now: datetime) -> None:
    """Close a dealer whose stores are closed: its people are signed out and cannot come back.

    Raises:
        Missing: no such dealer.
        StoresOpen: one of its stores is not closed.
    """
    dealer = _lock_dealer(session, dealer_id)
    if session.scalar(select(Store.store_id).where(Store.dealer_id == dealer_id, Store.status != "closed").limit(1)):
        raise StoresOpen
    dealer.status = "closed"
    for user_id in session.scalars(select(Staff.user_id).where(Staff.dealer_id == dealer_id).order_by(Staff.user_id)):
        end_all(session, DEALER, user_id=user_id, dealer_id=dealer_id, now=now)
    audit.record(
        session, actor, "dealer:close", f"dealer:{dealer_id}", at=now, details={"status": ["active", "closed"]}
    )


def reopen_dealer(session: Session, *, dealer_id: UUID, actor: Actor, now: datetime) -> None:
    """Open a closed dealer again; its stores stay closed until they are opened.

    Raises:
        Missing: no such dealer.
    """
    dealer = _lock_dealer(session, dealer_id)
    dealer.status = "active"
    audit.record(
        session, actor, "dealer:reopen", f"dealer:{dealer_id}", at=now, details={"status": ["closed", "active"]}
    )


def _lock_dealer(session: Session, dealer_id: UUID) -> Dealer:
    found = session.scalars(
        select(Dealer)
        .where(Dealer.dealer_id == dealer_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise Missing(dealer=str(dealer_id))
    return found


def _differs(name: str, before: Any, value: Any) -> bool:
    """Nothing and an empty text or list are the same; no limit and a limit of 0 are not."""
    if name in _LIMITS:
        return bool(before != value)
    return (before or None) != (value or None)


def _follow(session: Session, store: Store, changes: Mapping[str, Any], *, now: datetime) -> None:
    """A place or more room may be what a lead near waits for."""
    session.flush()
    if {"lng", "lat"} & changes.keys() and store.lng is not None and store.lat is not None:
        wake(session, [(store.lng, store.lat)], km=rules_in_force(session)[0].max_km, now=now)
    if set(_LIMITS) & changes.keys():
        ring_after_commit(session, "hq.room")
