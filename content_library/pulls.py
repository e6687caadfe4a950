"""A store takes content: the copy at once, a poster as soon as a worker has drawn it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from content_library import on_shelf
from content_library.models import Asset, Publication, Pull
from shared.audit import service as audit
from shared.dealers.models import Store
from shared.identity.actor import Actor
from shared.platform.errors import Conflict, Missing
from shared.platform.ids import new_id
from shared.work.doorbell import ring_after_commit

COPY: Final = "copy"
POSTER: Final = "poster"
DRAIN: Final = "content.posters"
NOT_DRAWN: Final = {"reason": "unexpected"}


class PosterNotReady(Conflict):
    """The poster is still being drawn, or could not be; `params["problem"]` says why."""

    code = "poster_not_ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullState:
    """A pull as its store sees it; `problem` says with its `reason` why there will be no poster."""

    pull_id: UUID
    publication_id: UUID
    store_id: UUID
    kind: str
    at: datetime
    file_key: str | None
    problem: Mapping[str, object] | None


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
        kind: copy or poster.
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
    if kind == POSTER:
        ring_after_commit(session, DRAIN)
    audit.record(session, actor, f"content:pull_{kind}", f"publication:{publication_id}", at=now, store=str(store_id))
    return pull_id


_INSERT = """
INSERT INTO pulls (dealer_id, pull_id, store_id, publication_id, kind, user_id, request_key, at)
VALUES (:dealer_id, :pull_id, :store_id, :publication_id, :kind, :user_id, :request_key, :now)
ON CONFLICT (dealer_id, request_key) DO NOTHING
RETURNING pull_id
"""


def state(session: Session, *, pull_id: UUID, actor: Actor) -> PullState:
    """How far a pull is.

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
        file_key=row.file_key,
        problem=row.problem or (NOT_DRAWN if row.aside_at is not None else None),
    )


def poster_key(session: Session, *, pull_id: UUID, actor: Actor) -> str:
    """Where the drawn poster lies; a store keeps what it drew before the content ended.

    Raises:
        Missing: no such pull at one of the actor's stores.
        PosterNotReady: it is still being drawn, or could not be.
    """
    found = state(session, pull_id=pull_id, actor=actor)
    if found.file_key is None:
        raise PosterNotReady(problem=found.problem)
    return found.file_key


def names_of(session: Session, *, pull_id: UUID, actor: Actor) -> tuple[str, str]:
    """What was pulled, and for which store: the asset's title and the store's name.

    Raises:
        Missing: no such pull of the actor's dealer.
    """
    row = session.execute(
        select(Asset.title, Store.name)
        .select_from(Pull)
        .join(Publication, Publication.publication_id == Pull.publication_id)
        .join(Asset, Asset.asset_id == Publication.asset_id)
        .join(Store, (Store.dealer_id == Pull.dealer_id) & (Store.store_id == Pull.store_id))
        .where(Pull.dealer_id == actor.dealer_id, Pull.pull_id == pull_id)
    ).first()
    if row is None:
        raise Missing(pull=str(pull_id))
    return row[0], row[1]
