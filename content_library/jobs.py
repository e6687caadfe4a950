"""Drawing the posters that stores asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any, Final, TypeAlias, cast
from uuid import UUID

from PIL.Image import Image
from sqlalchemy import Select, select, text, tuple_
from sqlalchemy.orm import Session

from content_library.files import files
from content_library.models import Asset, AssetVersion, Publication, Pull
from content_library.pictures import BadPicture
from content_library.poster import PosterFacts, finish, prepare
from content_library.pulls import DRAIN, POSTER
from content_library.sign_up_link import poster_facts
from shared.campaigns.models import Campaign
from shared.dealers.models import Store
from shared.platform.errors import Missing
from shared.platform.storage import Storage
from shared.work.aside import Aside, Reason, sift
from shared.work.drains import Batch, drain
from shared.work.place import settings_of

Problem: TypeAlias = dict[str, str]
BATCH: Final = 16  # a poster takes up to half a second; the rows stay locked while they are drawn


@dataclass(frozen=True, slots=True)
class Order:
    """A poster to draw: what goes on it, and the picture it goes on (None: there is none)."""

    pull_id: UUID
    facts: PosterFacts
    picture_key: str | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finished poster, or why there is none."""

    poster: bytes | None
    problem: Problem | None = None


def posters_wanted(_now: datetime) -> Select[Any]:
    """The posters that wait, the oldest first."""
    wanted = (
        select(Pull.pull_id, Pull.dealer_id)
        .where(Pull.kind == POSTER, Pull.rendered_at.is_(None), Pull.aside_at.is_(None))
        .order_by(Pull.at, Pull.pull_id)
    )
    return cast("Select[Any]", wanted)  # a drain's rows may have any columns


@drain(DRAIN, due=posters_wanted, key=Pull.pull_id, since=Pull.at, batch=BATCH)
def draw_posters(session: Session, batch: Batch, now: datetime) -> Aside:
    """Draw a batch. The file is stored before its row is committed: a killed worker leaves at most a stray file."""
    settings = settings_of(session)
    storage = files(settings.var)
    dealers = {row.pull_id: row.dealer_id for row in batch}
    drawn, aside = _draw_all(_orders(session, batch, settings.base_url), storage)
    for pull_id, each in drawn.items():
        if each.poster is not None:
            storage.put(poster_file(dealers[pull_id], pull_id), each.poster)
    _write(session, drawn, dealers, now)
    return aside


def poster_file(dealer_id: UUID, pull_id: UUID) -> str:
    """Where a drawn poster lies."""
    return f"posters/{dealer_id}/{pull_id}.jpg"


def _draw_all(orders: Sequence[Order], storage: Storage) -> tuple[dict[UUID, Drawn], dict[UUID, Reason]]:
    """Every order; a picture that several posters stand on is prepared once."""
    drawn: dict[UUID, Drawn] = {}
    aside: dict[UUID, Reason] = {}
    for key, same in groupby(sorted(orders, key=_picture), key=_picture):
        top = _prepared(storage, key) if key else None
        done, failed = sift(((order.pull_id, order) for order in same), partial(_draw, top=top))
        drawn |= done
        aside |= failed
    return drawn, aside


def _picture(order: Order) -> str:
    return order.picture_key or ""


def _prepared(storage: Storage, key: str) -> Image | Problem:
    try:
        return prepare(storage.get(key))
    except Missing:
        return {"reason": "picture_gone"}
    except BadPicture:
        return {"reason": "picture_broken"}


def _draw(order: Order, top: Image | Problem | None) -> Drawn:
    return Drawn(None, top) if isinstance(top, dict) else Drawn(finish(top, order.facts))


def _orders(session: Session, batch: Batch, base_url: str) -> list[Order]:
    rows = session.execute(
        select(Pull.pull_id, Store.name, Store.address, Store.code, Campaign.code, AssetVersion.picture_key)
        .join(Store, (Store.dealer_id == Pull.dealer_id) & (Store.store_id == Pull.store_id))
        .join(Publication, Publication.publication_id == Pull.publication_id)
        .join(Asset, Asset.asset_id == Publication.asset_id)
        .join(
            AssetVersion,
            (AssetVersion.asset_id == Publication.asset_id) & (AssetVersion.version == Publication.version),
        )
        .outerjoin(Campaign, Campaign.campaign_id == Asset.campaign_id)
        .where(tuple_(Pull.dealer_id, Pull.pull_id).in_([(row.dealer_id, row.pull_id) for row in batch]))
    ).all()
    return [
        Order(
            pull_id,
            poster_facts(
                store=store, address=address, store_code=store_code, campaign_code=campaign_code, base_url=base_url
            ),
            picture_key,
        )
        for pull_id, store, address, store_code, campaign_code, picture_key in rows
    ]


def _write(session: Session, drawn: Mapping[UUID, Drawn], dealers: Mapping[UUID, UUID], now: datetime) -> None:
    if not drawn:
        return
    done = [(dealers[pull_id], pull_id, drawn[pull_id]) for pull_id in sorted(drawn)]
    columns = {
        "dealers": [dealer_id for dealer_id, _, _ in done],
        "pulls": [pull_id for _, pull_id, _ in done],
        "keys": [poster_file(dealer_id, pull_id) if each.poster else None for dealer_id, pull_id, each in done],
        "problems": [json.dumps(each.problem) if each.problem else None for _, _, each in done],
    }
    session.execute(text(_WRITE), {**columns, "now": now})


_WRITE = """
UPDATE pulls p SET file_key = d.file_key, problem = CAST(d.problem AS jsonb), rendered_at = :now
FROM unnest(CAST(:dealers AS uuid[]), CAST(:pulls AS uuid[]), CAST(:keys AS text[]), CAST(:problems AS text[]))
     AS d (dealer_id, pull_id, file_key, problem)
WHERE p.dealer_id = d.dealer_id AND p.pull_id = d.pull_id
"""
