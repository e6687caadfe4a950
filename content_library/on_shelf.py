"""All that a store reads about content: what lies on its shelf, with its own values filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from content_library.copy import Piece, pieces
from content_library.kinds import Kind, sentences
from content_library.models import Asset, AssetVersion, Publication, Pull, ShelfItem
from content_library.poster import PosterFacts
from content_library.posters import poster_key
from content_library.store_values import OwnValues, store_values
from shared.campaigns.models import Campaign
from shared.identity.actor import Actor
from shared.platform.clock import beijing_day
from shared.platform.errors import Missing

#: A moment, or an expression for one, such as the database's own time.
Moment = datetime | ColumnElement[datetime]


class Ended(Missing):
    """It lay on this shelf; its time is over, or headquarters took it back. `params["at"]` says when."""

    code = "content_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePoster:
    """What a store's poster is drawn from, and where it lies once it is drawn."""

    key: str
    picture_key: str
    facts: PosterFacts
    places: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfLine:
    """A publication as one store sees it, its own values filled in.

    Attributes:
        paragraphs: the copy; a script's sentences, else one.
        width, height: of its picture in px; None: nobody measured it.
        campaign: its name.
        pulled_at: when this store took the asset last.
        poster: only of posters.
    """

    publication_id: UUID
    asset_id: UUID
    kind: Kind
    title: str
    paragraphs: tuple[tuple[Piece, ...], ...]
    link: str | None
    picture_key: str | None
    width: int | None
    height: int | None
    video_key: str | None
    seconds: int | None
    starts_at: datetime
    ends_at: datetime | None
    campaign: str | None
    pulled_at: datetime | None
    poster: StorePoster | None

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """All of the copy."""
        return tuple(piece for paragraph in self.paragraphs for piece in paragraph)

    @property
    def copy_text(self) -> str:
        """The words as they are sent."""
        return "\n\n".join("".join(piece.text for piece in paragraph) for paragraph in self.paragraphs)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedLine:
    """Something that a person took for a store before.

    Attributes:
        took: the kinds of taking, such as copy and poster.
        publication_id: where it can be taken again; None: it has ended.
    """

    title: str
    kind: Kind
    took: tuple[str, ...]
    pulled_at: datetime
    publication_id: UUID | None


def on_shelf(
    session: Session, *, dealer_id: UUID, store_id: UUID, now: datetime, base_url: str = ""
) -> list[ShelfLine]:
    """What a store may use now, the newest first; of each asset one line, however often it was published.

    Args:
        base_url: what links to sign-up pages begin with.

    Raises:
        Missing: no such store, or another dealer's.
    """
    own = store_values(session, dealer_id=dealer_id, store_id=store_id)
    rows = session.execute(
        _lines(dealer_id, store_id)
        .where(*running(now), ShelfItem.removed_at.is_(None))
        .ext(distinct_on(Publication.asset_id))
        .order_by(Publication.asset_id, Publication.starts_at.desc(), Publication.publication_id.desc())
    ).all()
    pulled = _pulled(session, dealer_id, store_id)
    lines = [_line(row, own, dealer_id, base_url, pulled) for row in rows]
    return sorted(lines, key=lambda line: (line.starts_at, line.publication_id), reverse=True)


def shelf_item(
    session: Session, *, dealer_id: UUID, store_id: UUID, publication_id: UUID, now: datetime, base_url: str = ""
) -> ShelfLine:
    """One publication on a store's shelf.

    Raises:
        Ended: it lay there until some time ago.
        Missing: it never did, or has not begun.
    """
    row = session.execute(
        _lines(dealer_id, store_id).where(ShelfItem.publication_id == publication_id, Publication.starts_at <= now)
    ).first()
    if row is None:
        raise Missing(publication=str(publication_id))
    ended_at = _ended_at(row[0].retired_at, row[0].ends_at, row[5])
    if ended_at is not None and ended_at <= now:
        raise Ended(title=row[2].title, at=ended_at)
    own = store_values(session, dealer_id=dealer_id, store_id=store_id)
    return _line(row, own, dealer_id, base_url, _pulled(session, dealer_id, store_id, row[1].asset_id))


def has_been_given(session: Session, *, actor: Actor, publication_id: UUID) -> None:
    """Refuse what never lay on the shelf of one of the actor's stores, before anything else is said about it.

    Raises:
        Missing: it did not.
    """
    mine = exists().where(ShelfItem.dealer_id == actor.dealer_id, ShelfItem.publication_id == publication_id)
    if actor.store_ids is not None:
        mine = mine.where(ShelfItem.store_id.in_(actor.store_ids))
    if not session.scalar(select(mine)):
        raise Missing(publication=str(publication_id))


def used_before(
    session: Session,
    *,
    dealer_id: UUID,
    store_id: UUID,
    user_id: UUID | None,
    lines: Sequence[ShelfLine],
    limit: int = 8,
) -> list[UsedLine]:
    """What a person took for a store, the last first; of each asset one line.

    Args:
        lines: what lies on the shelf now.
    """
    last = func.max(Pull.at)
    rows = session.execute(
        select(Asset.asset_id, Asset.title, Asset.kind, func.array_agg(Pull.kind.distinct()), last)
        .join(Publication, Publication.asset_id == Asset.asset_id)
        .join(Pull, Pull.publication_id == Publication.publication_id)
        .where(Pull.dealer_id == dealer_id, Pull.store_id == store_id, Pull.user_id == user_id)
        .group_by(Asset.asset_id)
        .order_by(last.desc())
        .limit(limit)
    ).all()
    now_there = {line.asset_id: line.publication_id for line in lines}
    return [
        UsedLine(title=title, kind=Kind(kind), took=tuple(took), pulled_at=at, publication_id=now_there.get(asset_id))
        for asset_id, title, kind, took, at in rows
    ]


def for_today(lines: Sequence[ShelfLine], now: datetime) -> tuple[list[ShelfLine], list[ShelfLine]]:
    """What is to be sent today (it began today, or ends today), and the rest. Days are Beijing days."""
    today = beijing_day(now)

    def urgent(line: ShelfLine) -> bool:
        return today in {beijing_day(line.starts_at), beijing_day(line.ends_at or line.starts_at)}

    return [line for line in lines if urgent(line)], [line for line in lines if not urgent(line)]


def running(now: Moment) -> tuple[ColumnElement[bool], ...]:
    """The conditions that a publication may be used at this moment."""
    return (
        Publication.starts_at <= now,
        or_(Publication.ends_at.is_(None), Publication.ends_at > now),
        Publication.retired_at.is_(None),
    )


def _lines(dealer_id: UUID, store_id: UUID) -> Select[Publication, Asset, AssetVersion, str, str, datetime | None]:
    return (
        select(Publication, Asset, AssetVersion, Campaign.name, Campaign.code, ShelfItem.removed_at)
        .join(ShelfItem, ShelfItem.publication_id == Publication.publication_id)
        .join(Asset, Asset.asset_id == Publication.asset_id)
        .join(
            AssetVersion,
            (AssetVersion.asset_id == Publication.asset_id) & (AssetVersion.version == Publication.version),
        )
        .outerjoin(Campaign, Campaign.campaign_id == Asset.campaign_id)
        .where(ShelfItem.dealer_id == dealer_id, ShelfItem.store_id == store_id)
    )


def _pulled(session: Session, dealer_id: UUID, store_id: UUID, asset_id: UUID | None = None) -> dict[UUID, datetime]:
    """When the store took each asset last."""
    query = (
        select(Publication.asset_id, func.max(Pull.at))
        .join(Pull, Pull.publication_id == Publication.publication_id)
        .where(Pull.dealer_id == dealer_id, Pull.store_id == store_id)
        .group_by(Publication.asset_id)
    )
    if asset_id is not None:
        query = query.where(Publication.asset_id == asset_id)
    return {row[0]: row[1] for row in session.execute(query).all()}


def _ended_at(*moments: datetime | None) -> datetime | None:
    return min((each for each in moments if each is not None), default=None)


def _line(
    row: Row[Publication, Asset, AssetVersion, str, str, datetime | None],
    own: OwnValues,
    dealer_id: UUID,
    base_url: str,
    pulled: Mapping[UUID, datetime],
) -> ShelfLine:
    publication, asset, version, campaign, campaign_code, _removed_at = row
    values = own.linked(base_url, campaign_code)
    kind = Kind(asset.kind)
    paragraphs = sentences(version.copy_text) if kind is Kind.SCRIPT else (version.copy_text,)
    poster = None
    if kind is Kind.POSTER and version.picture_key is not None:
        facts = own.on_poster(base_url, campaign_code)
        key = poster_key(dealer_id, version.picture_key, facts, version.places)
        poster = StorePoster(key=key, picture_key=version.picture_key, facts=facts, places=version.places)
    return ShelfLine(
        publication_id=publication.publication_id,
        asset_id=asset.asset_id,
        kind=kind,
        title=version.title,
        paragraphs=tuple(pieces(each, values) for each in paragraphs if each.strip()),
        link=version.link,
        picture_key=version.picture_key,
        width=version.picture_width,
        height=version.picture_height,
        video_key=version.video_key,
        seconds=version.video_seconds,
        starts_at=publication.starts_at,
        ends_at=publication.ends_at,
        campaign=campaign,
        pulled_at=pulled.get(asset.asset_id),
        poster=poster,
    )
