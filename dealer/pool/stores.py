"""For which of the actor's stores the pool is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.dealers.models import Store
from shared.identity.actor import Actor
from shared.platform.errors import Missing


@dataclass(frozen=True, slots=True)
class Place:
    """A store of the actor's."""

    store_id: UUID
    name: str


def places(session: Session, actor: Actor) -> Sequence[Place]:
    """The actor's stores that are not closed, by name."""
    mine = select(Store.store_id, Store.name).where(Store.dealer_id == actor.dealer_id, Store.status != "closed")
    if actor.store_ids is not None:
        mine = mine.where(Store.store_id.in_(sorted(actor.store_ids)))
    return [Place(*row) for row in session.execute(mine.order_by(Store.name, Store.store_id))]


def chosen(stores: Sequence[Place], asked: str | None) -> Place | None:
    """The store that was asked for, else the first; None for somebody without a store.

    Raises:
        Missing: it is not among them.
    """
    if not asked:
        return stores[0] if stores else None
    found = next((each for each in stores if str(each.store_id) == asked), None)
    if found is None:
        raise Missing(what="store")
    return found
