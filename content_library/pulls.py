"""A store takes content: each taking is a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from content_library import on_shelf
from content_library.models import Pull
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.platform.errors import Missing
from shared.platform.ids import new_id

COPY: Final = "copy"
POSTER: Final = "poster"
PICTURE: Final = "picture"
VIDEO: Final = "video"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullState:
    """A pull as its store sees it."""

    pull_id: UUID
    publication_id: UUID
    store_id: UUID
    kind: str
    at: datetime


def pull(
    session: Session,
    *,
    store_id: UUID,
    publication_id: UUID,
    kind: str,
    request_key: str,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Log that a store takes a publication; the same request key twice is one pull.

    Args:
        kind: copy, poster, picture or video.
        request_key: made by the form that was sent.

    Raises:
        Missing: not on the shelf of one of the actor's stores.
    """
    if actor.dealer_id is None or not actor.sees_store(store_id):
        raise Missing(store=str(store_id))
    on_shelf.shelf_item(session, dealer_id=actor.dealer_id, store_id=store_id, publication_id=publication_id, now=now)
    pull_id = new_id(now)
    inserted = session.execute(
        text(_INSERT),
        {
            "dealer_id": actor.dealer_id,
            "pull_id": pull_id,
            "store_id": store_id,
            "publication_id": publication_id,
            "kind": kind,
            "user_id": actor.user_id,
            "request_key": request_key,
            "now": now,
        },
    ).scalar()
    if inserted is None:  # sent before: the first one counts
        return session.scalars(
            select(Pull.pull_id).where(Pull.dealer_id == actor.dealer_id, Pull.request_key == request_key)
        ).one()
    audit.record(session, actor, f"content:pull_{kind}", f"publication:{publication_id}", at=now, store=str(store_id))
    return pull_id


_INSERT = """
INSERT INTO pulls (dealer_id, pull_id, store_id, publication_id, kind, user_id, request_key, at)
VALUES (:dealer_id, :pull_id, :store_id, :publication_id, :kind, :user_id, :request_key, :now)
ON CONFLICT (dealer_id, request_key) DO NOTHING
RETURNING pull_id
"""


def state(session: Session, *, pull_id: UUID, actor: Actor) -> PullState:
    """One pull.

    Raises:
        Missing: no such pull at one of the actor's stores.
    """
    row = session.scalars(select(Pull).where(Pull.dealer_id == actor.dealer_id, Pull.pull_id == pull_id)).first()
    if row is None or not actor.sees_store(row.store_id):
        raise Missing(pull=str(pull_id))
    return PullState(
        pull_id=row.pull_id,
        publication_id=row.publication_id,
        store_id=row.store_id,
        kind=row.kind,
        at=row.at,
    )
