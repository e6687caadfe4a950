"""What headquarters reads about one asset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from content_library.kinds import Kind
from content_library.models import Asset, AssetVersion, Publication, Pull, ShelfItem
from shared.campaigns.models import Campaign
from shared.dealers.models import Dealer, Store
from shared.identity.models import Staff
from shared.platform.errors import Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetHead:
    """What all versions of an asset share."""

    asset_id: UUID
    kind: Kind
    title: str
    archived_at: datetime | None
    campaign_id: UUID | None
    campaign: str | None  # its name
    campaign_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One version of an asset; `places` and sizes as in the models."""

    version: int
    status: str
    title: str
    copy_text: str
    link: str | None
    picture_key: str | None
    width: int | None
    height: int | None
    video_key: str | None
    seconds: int | None
    places: Mapping[str, Any] | None
    author: str
    created_at: datetime
    approved_by: str | None
    approved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationLine:
    """One publication of a version; `stores` is how many shelves it is on."""

    publication_id: UUID
    asset_id: UUID
    version: int
    audience: str
    audience_codes: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime | None
    retired_at: datetime | None
    published_by: str
    published_at: datetime
    changed_by: str | None
    changed_at: datetime | None
    stores: int

    def state_at(self, now: datetime) -> str:
        """`planned`, `running` or `ended`."""
        over = min((each for each in (self.retired_at, self.ends_at) if each is not None), default=None)
        if over is not None and over <= now:
            return "ended"
        return "running" if self.starts_at <= now else "planned"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullLine:
    """Who took what and when."""

    at: datetime
    kind: str
    version: int
    dealer: str
    store: str
    person: str


def head(session: Session, asset_id: UUID) -> AssetHead:
    """One asset.

    Raises:
        Missing: no such asset.
    """
    row = session.execute(
        select(Asset, Campaign.name, Campaign.code)
        .outerjoin(Campaign, Campaign.campaign_id == Asset.campaign_id)
        .where(Asset.asset_id == asset_id)
    ).first()
    if row is None:
        raise Missing(asset=str(asset_id))
    asset, campaign, code = row
    return AssetHead(
        asset_id=asset.asset_id,
        kind=Kind(asset.kind),
        title=asset.title,
        archived_at=asset.archived_at,
        campaign_id=asset.campaign_id,
        campaign=campaign,
        campaign_code=code,
    )


def versions(session: Session, asset_id: UUID) -> list[VersionLine]:
    """The versions of an asset, newest first."""
    rows = session.scalars(
        select(AssetVersion).where(AssetVersion.asset_id == asset_id).order_by(AssetVersion.version.desc())
    ).all()
    return [_version_line(row) for row in rows]


def one_version(session: Session, asset_id: UUID, version: int) -> VersionLine:
    """One version of an asset.

    Raises:
        Missing: no such version.
    """
    row = session.get(AssetVersion, (asset_id, version))
    if row is None:
        raise Missing(asset=str(asset_id), version=version)
    return _version_line(row)


def _version_line(row: AssetVersion) -> VersionLine:
    return VersionLine(
        version=row.version,
        status=row.status,
        title=row.title,
        copy_text=row.copy_text,
        link=row.link,
        picture_key=row.picture_key,
        width=row.picture_width,
        height=row.picture_height,
        video_key=row.video_key,
        seconds=row.video_seconds,
        places=row.places,
        author=row.author,
        created_at=row.created_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
    )


def publications(session: Session, asset_id: UUID) -> list[PublicationLine]:
    """The publications of an asset, newest first."""
    query = _publications().where(Publication.asset_id == asset_id)
    rows = session.execute(query.order_by(Publication.published_at.desc(), Publication.publication_id.desc())).all()
    return [_publication_line(row, stores) for row, stores in rows]


def publication(session: Session, publication_id: UUID) -> PublicationLine:
    """One publication.

    Raises:
        Missing: no such publication.
    """
    found = session.execute(_publications().where(Publication.publication_id == publication_id)).first()
    if found is None:
        raise Missing(publication=str(publication_id))
    return _publication_line(*found)


def _publications() -> Select[Publication, int]:
    return (
        select(Publication, func.count(ShelfItem.store_id))
        .outerjoin(
            ShelfItem,
            (ShelfItem.publication_id == Publication.publication_id) & ShelfItem.removed_at.is_(None),
        )
        .group_by(Publication.publication_id)
    )


def _publication_line(row: Publication, stores: int) -> PublicationLine:
    return PublicationLine(
        publication_id=row.publication_id,
        asset_id=row.asset_id,
        version=row.version,
        audience=row.audience,
        audience_codes=tuple(row.audience_codes),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        retired_at=row.retired_at,
        published_by=row.published_by,
        published_at=row.published_at,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        stores=stores,
    )


def pulls(session: Session, asset_id: UUID, *, limit: int) -> list[PullLine]:
    """Who pulled an asset, last first."""
    rows = session.execute(
        select(Pull.at, Pull.kind, Publication.version, Dealer.name, Store.name, Staff.name)
        .join(Publication, Publication.publication_id == Pull.publication_id)
        .join(Dealer, Dealer.dealer_id == Pull.dealer_id)
        .join(Store, (Store.dealer_id == Pull.dealer_id) & (Store.store_id == Pull.store_id))
        .join(Staff, (Staff.dealer_id == Pull.dealer_id) & (Staff.user_id == Pull.user_id))
        .where(Publication.asset_id == asset_id)
        .order_by(Pull.at.desc(), Pull.pull_id.desc())
        .limit(limit)
    ).all()
    return [
        PullLine(at=at, kind=kind, version=version, dealer=dealer, store=store, person=person)
        for at, kind, version, dealer, store, person in rows
    ]


def picture_of(session: Session, asset_id: UUID, version: int) -> tuple[str, str]:
    """Where a version's picture lies, and its media type.

    Raises:
        Missing: no such version, or it has no picture.
    """
    row = session.get(AssetVersion, (asset_id, version))
    if row is None or row.picture_key is None or row.picture_type is None:
        raise Missing(asset=str(asset_id), version=version)
    return row.picture_key, row.picture_type


def video_of(session: Session, asset_id: UUID, version: int) -> str:
    """Where a version's video lies.

    Raises:
        Missing: no such version, or it has no video.
    """
    row = session.get(AssetVersion, (asset_id, version))
    if row is None or row.video_key is None:
        raise Missing(asset=str(asset_id), version=version)
    return row.video_key
