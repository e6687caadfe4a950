"""What a request is about: a store of the actor's, something on its shelf, something that was taken."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from flask import current_app, g

from content_library import on_shelf, posters, pulls
from content_library.on_shelf import ShelfLine
from content_library.pulls import PullState
from dealer.content.blueprint import storage
from dealer.content.stores import StoreChoice, choose, own_stores
from shared.platform.errors import Missing
from shared.web.arguments import uuid_of


class Place(TypedDict):
    """A store's shelf at this moment."""

    dealer_id: UUID
    store_id: UUID
    now: datetime
    base_url: str


def place(store: StoreChoice) -> Place:
    """The shelf of a store of the actor's."""
    return _shelf(store.store_id)


def stores_of() -> tuple[list[StoreChoice], StoreChoice]:
    """The actor's stores, and the one that is looked at.

    Raises:
        Missing: the wished one is not theirs, or they have none.
    """
    stores = own_stores(g.session, actor=g.actor)
    return stores, choose(stores, uuid_of("store"))


def line_of(publication_id: UUID, store: StoreChoice) -> ShelfLine:
    """Something on the store's shelf.

    Raises:
        Missing: it is not there; Ended where it was once.
    """
    return on_shelf.shelf_item(g.session, publication_id=publication_id, **_shelf(store.store_id))


def pulled(pull_id: UUID) -> tuple[PullState, ShelfLine]:
    """Something that was taken and may still be used: a poster that was withdrawn is shown no more.

    Raises:
        Missing: no such pull at one of the actor's stores; Ended where its time is over.
    """
    pull = pulls.state(g.session, pull_id=pull_id, actor=g.actor)
    line = on_shelf.shelf_item(g.session, publication_id=pull.publication_id, **_shelf(pull.store_id))
    return pull, line


def poster_of(line: ShelfLine) -> bytes:
    """The store's poster, drawn now if it never was.

    Raises:
        Missing: it is no poster, or its picture is gone.
        BadPicture: its picture is damaged.
    """
    poster = line.poster
    if poster is None:
        raise Missing(publication=str(line.publication_id))
    return posters.drawn(
        storage(), poster.key, picture_key=poster.picture_key, facts=poster.facts, places=poster.places
    )


def _shelf(store_id: UUID) -> Place:
    return {
        "dealer_id": g.actor.dealer_id,
        "store_id": store_id,
        "now": g.now,
        "base_url": current_app.config["KOI_BASE_URL"],
    }
