"""The actor's stores as they stand today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from shared.dealers.models import Store, StoreDay
from shared.identity.actor import Actor
from shared.identity.models import Staff, StaffStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A store: how many leads it has claimed today (`cap` None: no limit), and who works there."""

    store_id: UUID
    name: str
    address: str
    hours: Mapping[str, Any]
    taken: int
    cap: int | None
    people: Sequence[tuple[str, str]]


def places(session: Session, *, actor: Actor, day: date) -> list[Place]:
    """The actor's stores with today's counter and their active people (name, role), by name."""
    today = and_(StoreDay.dealer_id == Store.dealer_id, StoreDay.store_id == Store.store_id, StoreDay.day == day)
    chosen = (
        select(Store, StoreDay.taken, StoreDay.cap).outerjoin(StoreDay, today).where(Store.dealer_id == actor.dealer_id)
    )
    if actor.store_ids is not None:
        chosen = chosen.where(Store.store_id.in_(sorted(actor.store_ids)))
    people = _people(session, actor)
    return [
        Place(
            store_id=store.store_id,
            name=store.name,
            address=store.address,
            hours=store.hours,
            taken=taken or 0,
            cap=store.daily_capacity if taken is None else cap,
            people=people.get(store.store_id, ()),
        )
        for store, taken, cap in session.execute(chosen.order_by(Store.code))
    ]


def _people(session: Session, actor: Actor) -> Mapping[UUID, list[tuple[str, str]]]:
    of_staff = and_(StaffStore.dealer_id == Staff.dealer_id, StaffStore.user_id == Staff.user_id)
    rows = session.execute(
        select(StaffStore.store_id, Staff.name, Staff.role)
        .join(Staff, of_staff)
        .where(StaffStore.dealer_id == actor.dealer_id, Staff.status == "active")
        .order_by(Staff.name, Staff.user_id)
    )
    found: dict[UUID, list[tuple[str, str]]] = {}
    for store_id, name, role in rows:
        found.setdefault(store_id, []).append((name, role))
    return found
