"""The actor's stores as they stand today: what they took, who works there on what, and how they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from shared.dealers.hours import DEFAULT_HOURS, WeeklyHours
from shared.dealers.models import Store, StoreDay, StoreFigure
from shared.identity.actor import Actor
from shared.identity.models import Staff, StaffStore
from shared.platform.clock import beijing_day
from shared.platform.errors import Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A store today.

    Attributes:
        status: active, paused (by headquarters) or closed.
        paused_until: the store's own pause; the first day on which it takes leads again.
        taken, cap: leads claimed today, and how many it may (None: no limit).
    """

    store_id: UUID
    name: str
    address: str
    hours: WeeklyHours
    closed_days: Sequence[date]
    status: str
    paused_until: date | None
    taken: int
    cap: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Somebody at a store."""

    user_id: UUID
    name: str
    role: str


def places(session: Session, *, actor: Actor, day: date) -> list[Place]:
    """The actor's stores with the day's counter, by code."""
    today = and_(StoreDay.dealer_id == Store.dealer_id, StoreDay.store_id == Store.store_id, StoreDay.day == day)
    chosen = (
        select(Store, StoreDay.taken, StoreDay.cap).outerjoin(StoreDay, today).where(Store.dealer_id == actor.dealer_id)
    )
    if actor.store_ids is not None:
        chosen = chosen.where(Store.store_id.in_(sorted(actor.store_ids)))
    return [_place(*row, day=day) for row in session.execute(chosen.order_by(Store.code))]


def place(session: Session, *, actor: Actor, store_id: UUID, day: date) -> Place:
    """One of the actor's stores.

    Raises:
        Missing: it is none of them.
    """
    found = next((each for each in places(session, actor=actor, day=day) if each.store_id == store_id), None)
    if found is None:
        raise Missing(what="store")
    return found


def people(session: Session, *, actor: Actor, store_id: UUID) -> list[Worker]:
    """The active people of a store: managers first, then by name."""
    of_staff = and_(StaffStore.dealer_id == Staff.dealer_id, StaffStore.user_id == Staff.user_id)
    rows = session.execute(
        select(Staff.user_id, Staff.name, Staff.role)
        .join(StaffStore, of_staff)
        .where(StaffStore.dealer_id == actor.dealer_id, StaffStore.store_id == store_id, Staff.status == "active")
        .order_by(Staff.role.desc(), Staff.name, Staff.user_id)
    )
    return [Worker(user_id=user_id, name=name, role=role) for user_id, name, role in rows]


def figures(session: Session, *, actor: Actor, store_id: UUID) -> Sequence[StoreFigure]:
    """The store's figures as the worker reckoned them last; none right after the store was made."""
    chosen = select(StoreFigure).where(StoreFigure.dealer_id == actor.dealer_id, StoreFigure.store_id == store_id)
    return session.scalars(chosen).all()


def _place(store: Store, taken: int | None, cap: int | None, *, day: date) -> Place:
    stored: Mapping[str, Any] = store.hours or {}
    days = sorted(date.fromisoformat(text) for text in store.closed_days or ())
    return Place(
        store_id=store.store_id,
        name=store.name,
        address=store.address,
        hours=(WeeklyHours.from_json(stored) if stored else DEFAULT_HOURS).shut_on(days),
        closed_days=[each for each in days if each >= day],
        status=store.status,
        paused_until=store.paused_until if store.paused_until and store.paused_until > day else None,
        taken=taken or 0,
        cap=store.daily_capacity if taken is None else cap,
    )


def opening_today(place: Place, now: datetime) -> tuple[tuple[int, int], ...]:
    """The openings of a store on the day of a moment, in minutes after midnight; none on a day that is shut."""
    return place.hours.on(beijing_day(now))
