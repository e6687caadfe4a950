"""All that a store reads about content: what lies on its shelf, with its own values filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from content_library.copy import Piece, StoreValues, pieces
from content_library.models import Asset, AssetVersion, Publication, Pull, ShelfItem
from content_library.store_values import store_values
from shared.campaigns.models import Campaign
from shared.identity.actor import Actor
from shared.platform.clock import beijing_day
from shared.platform.errors import Missing


class Ended(Missing):
    """It lay on this shelf; its time is over, or headquarters took it back. `params["at"]` says when."""

    code = "content_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfLine:
    """A publication as one store sees it, its own values filled in."""

    publication_id: UUID
    title: str
    pieces: tuple[Piece, ...]
    picture_key: str | None
    starts_at: datetime
    ends_at: datetime | None
    campaign: str | None  # its name
    pulled_at: datetime | None  # by this store, last

    @property
    def copy_text(self) -> str:
        """The words as they are sent."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedLine:
    """Something that the store took and that is no longer to be used."""

    title: str
    pulled_at: datetime
    ended_at: datetime


def on_shelf(session: Session, *, dealer_id: UUID, store_id: UUID, now: datetime) -> list[ShelfLine]:
    """What a store may use now, the newest first; of each asset one line, however often it was published.

    Raises:
        Missing: no such store, or another dealer's.
    """
    values = store_values(session, dealer_id=dealer_id, store_id=store_id)
    rows = session.execute(
        _lines(dealer_id, store_id)
        .where(*running(now))
        .ext(distinct_on(Publication.asset_id))
        .order_by(Publication.asset_id, Publication.starts_at.desc(), Publication.publication_id.desc())
    ).all()
    lines = [_line(row, values) for row in rows]
    return sorted(lines, key=lambda line: (line.starts_at, line.publication_id), reverse=True)


def shelf_item(session: Session, *, dealer_id: UUID, store_id: UUID, publication_id: UUID, now: datetime) -> ShelfLine:
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
    ended_at = _ended_at(row[0])
    if ended_at is not None and ended_at <= now:
        raise Ended(title=row[1].title, at=ended_at)
    return _line(row, store_values(session, dealer_id=dealer_id, store_id=store_id))


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


def used_before(session: Session, *, dealer_id: UUID, store_id: UUID, now: datetime, limit: int = 10) -> list[UsedLine]:
    """What a store took and can no longer take, the one used last first."""
    last = func.max(Pull.at)
    ended = func.least(Publication.retired_at, Publication.ends_at)
    rows = session.execute(
        select(Asset.title, last, ended)
        .join(Publication, Publication.asset_id == Asset.asset_id)
        .join(Pull, Pull.publication_id == Publication.publication_id)
        .where(Pull.dealer_id == dealer_id, Pull.store_id == store_id, ended <= now)
        .group_by(Publication.publication_id, Asset.title)
        .order_by(last.desc())
        .limit(limit)
    ).all()
    return [UsedLine(title=title, pulled_at=pulled_at, ended_at=ended_at) for title, pulled_at, ended_at in rows]


def for_today(lines: Sequence[ShelfLine], now: datetime) -> tuple[list[ShelfLine], list[ShelfLine]]:
    """What is to be sent today (it began today, or ends today), and the rest. Days are Beijing days."""
    today = beijing_day(now)

    def urgent(line: ShelfLine) -> bool:
        return today in {beijing_day(line.starts_at), beijing_day(line.ends_at or line.starts_at)}

    return [line for line in lines if urgent(line)], [line for line in lines if not urgent(line)]


def running(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions that a publication may be used at this moment."""
    return (
        Publication.starts_at <= now,
        or_(Publication.ends_at.is_(None), Publication.ends_at > now),
        Publication.retired_at.is_(None),
    )


def _lines(dealer_id: UUID, store_id: UUID) -> Select[Publication, Asset, AssetVersion, str, datetime]:
    pulled = (
        select(func.max(Pull.at))
        .where(
            Pull.dealer_id == dealer_id,
            Pull.store_id == store_id,
            Pull.publication_id == Publication.publication_id,
        )
        .scalar_subquery()
    )
    return (
        select(Publication, Asset, AssetVersion, Campaign.name, pulled)
        .join(ShelfItem, ShelfItem.publication_id == Publication.publication_id)
        .join(Asset, Asset.asset_id == Publication.asset_id)
        .join(
            AssetVersion,
            (AssetVersion.asset_id == Publication.asset_id) & (AssetVersion.version == Publication.version),
        )
        .outerjoin(Campaign, Campaign.campaign_id == Asset.campaign_id)
        .where(ShelfItem.dealer_id == dealer_id, ShelfItem.store_id == store_id)
    )


def _ended_at(publication: Publication) -> datetime | None:
    return min((each for each in (publication.retired_at, publication.ends_at) if each is not None), default=None)


def _line(row: Row[Publication, Asset, AssetVersion, str, datetime], values: StoreValues) -> ShelfLine:
    publication, asset, version, campaign, pulled_at = row
    return ShelfLine(
        publication_id=publication.publication_id,
        title=asset.title,
        pieces=pieces(version.copy_text, values),
        picture_key=version.picture_key,
        starts_at=publication.starts_at,
        ends_at=publication.ends_at,
        campaign=campaign,
        pulled_at=pulled_at,
    )
