"""All that headquarters reads about content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from content_library.models import Asset, AssetVersion, Publication, Pull, ShelfItem
from shared.dealers.models import Dealer, Store
from shared.identity.models import Staff
from shared.platform.errors import Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetLine:
    """One asset in headquarters' gallery, by its newest version."""

    asset_id: UUID
    title: str
    version: int
    status: str
    author: str
    changed_at: datetime
    has_picture: bool
    stores: int  # shelves it lies on now
    pulls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One version of an asset."""

    version: int
    status: str
    copy_text: str
    has_picture: bool
    author: str
    created_at: datetime
    approved_by: str | None
    approved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PullLine:
    """Who took what and when."""

    at: datetime
    kind: str
    version: int
    dealer: str
    store: str
    person: str


def gallery(session: Session) -> list[AssetLine]:
    """Every asset, the one changed last first."""
    newest = (
        select(AssetVersion.asset_id, func.max(AssetVersion.version).label("version"))
        .group_by(AssetVersion.asset_id)
        .subquery()
    )
    stores = (
        select(Publication.asset_id, func.count().label("n"))
        .join(ShelfItem, ShelfItem.publication_id == Publication.publication_id)
        .where(Publication.retired_at.is_(None))
        .group_by(Publication.asset_id)
        .subquery()
    )
    pulls = (
        select(Publication.asset_id, func.count().label("n"))
        .join(Pull, Pull.publication_id == Publication.publication_id)
        .group_by(Publication.asset_id)
        .subquery()
    )
    rows = session.execute(
        select(Asset, AssetVersion, func.coalesce(stores.c.n, 0), func.coalesce(pulls.c.n, 0))
        .join(newest, newest.c.asset_id == Asset.asset_id)
        .join(AssetVersion, (AssetVersion.asset_id == Asset.asset_id) & (AssetVersion.version == newest.c.version))
        .outerjoin(stores, stores.c.asset_id == Asset.asset_id)
        .outerjoin(pulls, pulls.c.asset_id == Asset.asset_id)
        .order_by(AssetVersion.created_at.desc(), Asset.asset_id)
    ).all()
    return [
        AssetLine(
            asset_id=asset.asset_id,
            title=asset.title,
            version=version.version,
            status=version.status,
            author=version.author,
            changed_at=version.created_at,
            has_picture=version.picture_key is not None,
            stores=on_shelves,
            pulls=taken,
        )
        for asset, version, on_shelves, taken in rows
    ]


def asset(session: Session, asset_id: UUID) -> Asset:
    """One asset.

    Raises:
        Missing: no such asset.
    """
    found = session.get(Asset, asset_id)
    if found is None:
        raise Missing(asset=str(asset_id))
    return found


def versions(session: Session, asset_id: UUID) -> list[VersionLine]:
    """The versions of an asset, newest first."""
    rows = session.scalars(
        select(AssetVersion).where(AssetVersion.asset_id == asset_id).order_by(AssetVersion.version.desc())
    ).all()
    return [
        VersionLine(
            version=row.version,
            status=row.status,
            copy_text=row.copy_text,
            has_picture=row.picture_key is not None,
            author=row.author,
            created_at=row.created_at,
            approved_by=row.approved_by,
            approved_at=row.approved_at,
        )
        for row in rows
    ]


def publications(session: Session, asset_id: UUID) -> list[tuple[Publication, int]]:
    """The publications of an asset, newest first, each with the number of shelves it lies on."""
    rows = session.execute(
        select(Publication, func.count(ShelfItem.store_id))
        .outerjoin(ShelfItem, ShelfItem.publication_id == Publication.publication_id)
        .where(Publication.asset_id == asset_id)
        .group_by(Publication.publication_id)
        .order_by(Publication.published_at.desc())
    ).all()
    return [(publication, shelves) for publication, shelves in rows]


def pulls(session: Session, asset_id: UUID, *, limit: int = 100) -> list[PullLine]:
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


def picture_key(session: Session, asset_id: UUID, version: int) -> tuple[str, str]:
    """Where a version's picture lies, and its media type.

    Raises:
        Missing: no such version, no picture, or not on the reader's shelf.
    """
    row = session.get(AssetVersion, (asset_id, version))
    if row is None or row.picture_key is None or row.picture_type is None:
        raise Missing(asset=str(asset_id), version=version)
    return row.picture_key, row.picture_type
