"""All that headquarters reads about content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Subquery, case, func, select
from sqlalchemy.orm import Session

from content_library.models import Asset, AssetVersion, Publication, Pull, ShelfItem
from content_library.on_shelf import running
from shared.campaigns.models import Campaign
from shared.dealers.models import Dealer, Store
from shared.identity.models import Staff
from shared.platform.errors import Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetLine:
    """One asset in headquarters' gallery, by its newest version.

    Attributes:
        live_version: the version that stores may use now; None when there is none.
        live_until: when the last of its publications ends; None also while one has no end.
        stores: stores that may use it now; used_by: stores that ever took it; pulls: how often.
    """

    asset_id: UUID
    title: str
    version: int
    status: str
    author: str
    changed_at: datetime
    picture_key: str | None
    live_version: int | None
    live_until: datetime | None
    stores: int
    used_by: int
    pulls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetHead:
    """What all versions of an asset share."""

    asset_id: UUID
    title: str
    campaign_id: UUID | None
    campaign: str | None  # its name
    campaign_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One version of an asset."""

    version: int
    status: str
    copy_text: str
    picture_key: str | None
    author: str
    created_at: datetime
    approved_by: str | None
    approved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationLine:
    """One publication of a version; `stores` is how many shelves it was put on."""

    version: int
    audience: str
    audience_codes: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime | None
    retired_at: datetime | None
    published_by: str
    published_at: datetime
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


def gallery(session: Session, *, now: datetime) -> list[AssetLine]:
    """Every asset, the one changed last first. One statement."""
    newest, live, used = _newest(), _live(now), _used()
    rows = session.execute(
        select(
            Asset.title,
            AssetVersion,
            live.c.version,
            live.c.until,
            func.coalesce(live.c.stores, 0),
            func.coalesce(used.c.stores, 0),
            func.coalesce(used.c.pulls, 0),
        )
        .join(newest, newest.c.asset_id == Asset.asset_id)
        .join(AssetVersion, (AssetVersion.asset_id == Asset.asset_id) & (AssetVersion.version == newest.c.version))
        .outerjoin(live, live.c.asset_id == Asset.asset_id)
        .outerjoin(used, used.c.asset_id == Asset.asset_id)
        .order_by(AssetVersion.created_at.desc(), Asset.asset_id)
    ).all()
    return [
        AssetLine(
            asset_id=version.asset_id,
            title=title,
            version=version.version,
            status=version.status,
            author=version.author,
            changed_at=version.created_at,
            picture_key=version.picture_key,
            live_version=live_version,
            live_until=live_until,
            stores=stores,
            used_by=used_by,
            pulls=pulled,
        )
        for title, version, live_version, live_until, stores, used_by, pulled in rows
    ]


def head(session: Session, asset_id: UUID) -> AssetHead:
    """One asset.

    Raises:
        Missing: no such asset.
    """
    row = session.execute(
        select(Asset.asset_id, Asset.title, Asset.campaign_id, Campaign.name, Campaign.code)
        .outerjoin(Campaign, Campaign.campaign_id == Asset.campaign_id)
        .where(Asset.asset_id == asset_id)
    ).first()
    if row is None:
        raise Missing(asset=str(asset_id))
    asset_id, title, campaign_id, campaign, code = row
    return AssetHead(asset_id=asset_id, title=title, campaign_id=campaign_id, campaign=campaign, campaign_code=code)


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
            picture_key=row.picture_key,
            author=row.author,
            created_at=row.created_at,
            approved_by=row.approved_by,
            approved_at=row.approved_at,
        )
        for row in rows
    ]


def publications(session: Session, asset_id: UUID) -> list[PublicationLine]:
    """The publications of an asset, newest first."""
    rows = session.execute(
        select(Publication, func.count(ShelfItem.store_id))
        .outerjoin(ShelfItem, ShelfItem.publication_id == Publication.publication_id)
        .where(Publication.asset_id == asset_id)
        .group_by(Publication.publication_id)
        .order_by(Publication.published_at.desc(), Publication.publication_id.desc())
    ).all()
    return [
        PublicationLine(
            version=row.version,
            audience=row.audience,
            audience_codes=tuple(row.audience_codes),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            retired_at=row.retired_at,
            published_by=row.published_by,
            published_at=row.published_at,
            stores=stores,
        )
        for row, stores in rows
    ]


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


def pull_totals(session: Session, asset_id: UUID) -> tuple[int, int]:
    """How often an asset was pulled, and by how many stores."""
    row = session.execute(
        select(func.count(), func.count(Pull.store_id.distinct()))
        .select_from(Pull)
        .join(Publication, Publication.publication_id == Pull.publication_id)
        .where(Publication.asset_id == asset_id)
    ).one()
    return row[0], row[1]


def picture_of(session: Session, asset_id: UUID, version: int) -> tuple[str, str]:
    """Where a version's picture lies, and its media type.

    Raises:
        Missing: no such version, or it has no picture.
    """
    row = session.get(AssetVersion, (asset_id, version))
    if row is None or row.picture_key is None or row.picture_type is None:
        raise Missing(asset=str(asset_id), version=version)
    return row.picture_key, row.picture_type


def _newest() -> Subquery:
    return (
        select(AssetVersion.asset_id, func.max(AssetVersion.version).label("version"))
        .group_by(AssetVersion.asset_id)
        .subquery()
    )


def _live(now: datetime) -> Subquery:
    endless = func.bool_or(Publication.ends_at.is_(None))
    return (
        select(
            Publication.asset_id,
            func.max(Publication.version).label("version"),
            case((endless, None), else_=func.max(Publication.ends_at)).label("until"),
            func.count(ShelfItem.store_id.distinct()).label("stores"),
        )
        .join(ShelfItem, ShelfItem.publication_id == Publication.publication_id)
        .where(*running(now))
        .group_by(Publication.asset_id)
        .subquery()
    )


def _used() -> Subquery:
    return (
        select(
            Publication.asset_id,
            func.count().label("pulls"),
            func.count(Pull.store_id.distinct()).label("stores"),
        )
        .join(Pull, Pull.publication_id == Publication.publication_id)
        .group_by(Publication.asset_id)
        .subquery()
    )
