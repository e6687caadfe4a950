"""For which of their stores somebody looks at content."""

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
class StoreChoice:
    """A store that the actor may act for."""

    store_id: UUID
    name: str


class NoStore(Missing):
    """The actor works for no store that is open."""

    code = "no_store"


def own_stores(session: Session, *, actor: Actor) -> list[StoreChoice]:
    """The actor's stores that are not closed, by code."""
    query = select(Store.store_id, Store.name).where(Store.dealer_id == actor.dealer_id, Store.status != "closed")
    if actor.store_ids is not None:
        query = query.where(Store.store_id.in_(actor.store_ids))
    return [StoreChoice(store_id, name) for store_id, name in session.execute(query.order_by(Store.code)).all()]


def choose(stores: Sequence[StoreChoice], wanted: UUID | None) -> StoreChoice:
    """The wished store, else the first.

    Raises:
        Missing: the wish is not one of them.
        NoStore: there is none.
    """
    if not stores:
        raise NoStore
    if wanted is None:
        return stores[0]
    for store in stores:
        if store.store_id == wanted:
            return store
    raise Missing(store=str(wanted))
