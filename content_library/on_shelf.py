"""All that a store reads about content: what lies on its shelf, with its own values filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from content_library.copy import StoreValues, fill
from content_library.models import Asset, AssetVersion, Publication, Pull, ShelfItem
from shared.campaigns.models import Campaign
from shared.dealers.models import Store
from shared.identity.models import Staff, StaffStore
from shared.platform.errors import Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfLine:
    """A publication as one store sees it, its own values filled in."""

    publication_id: UUID
    title: str
    copy_text: str
    has_picture: bool
    starts_at: datetime
    ends_at: datetime | None
    campaign_code: str | None
    pulled_at: datetime | None  # by this store, last


def store_values(session: Session, *, dealer_id: UUID, store_id: UUID) -> StoreValues:
    """A store's own values for the copy.

    Raises:
        Missing: no such store, or another dealer's.
    """
    store = session.get(Store, (dealer_id, store_id))
    if store is None:
        raise Missing(store=str(store_id))
    manager = session.scalars(
        select(Staff.name)
        .join(StaffStore, (StaffStore.dealer_id == Staff.dealer_id) & (StaffStore.user_id == Staff.user_id))
        .where(
            Staff.dealer_id == dealer_id,
            StaffStore.store_id == store_id,
            Staff.role == "store_manager",
            Staff.status != "disabled",
        )
        .order_by(Staff.created_at)
        .limit(1)
    ).first()
    return StoreValues(store=store.name, manager=manager, address=store.address)


def on_shelf(session: Session, *, dealer_id: UUID, store_id: UUID, now: datetime) -> list[ShelfLine]:
    """What a store may use now, the newest first, filled with its own values."""
    values = store_values(session, dealer_id=dealer_id, store_id=store_id)
    rows = session.execute(
        _shelf_query(dealer_id, store_id, now).order_by(Publication.starts_at.desc(), Publication.publication_id)
    ).all()
    return [_shelf_line(row, values) for row in rows]


def shelf_item(
    session: Session, *, dealer_id: UUID, store_id: UUID, publication_id: UUID, now: datetime
) -> tuple[ShelfLine, AssetVersion]:
    """One publication on a store's shelf, and its version.

    Raises:
        Missing: it is not on this shelf, has ended or not begun.
    """
    row = session.execute(
        _shelf_query(dealer_id, store_id, now).where(ShelfItem.publication_id == publication_id)
    ).first()
    if row is None:
        raise Missing(publication=str(publication_id))
    return _shelf_line(row, store_values(session, dealer_id=dealer_id, store_id=store_id)), row[2]


def _shelf_query(
    dealer_id: UUID, store_id: UUID, now: datetime
) -> Select[Publication, Asset, AssetVersion, str, datetime]:
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
        select(Publication, Asset, AssetVersion, Campaign.code, pulled)
        .join(ShelfItem, ShelfItem.publication_id == Publication.publication_id)
        .join(Asset, Asset.asset_id == Publication.asset_id)
        .join(
            AssetVersion,
            (AssetVersion.asset_id == Publication.asset_id) & (AssetVersion.version == Publication.version),
        )
        .outerjoin(Campaign, Campaign.campaign_id == Asset.campaign_id)
        .where(
            ShelfItem.dealer_id == dealer_id,
            ShelfItem.store_id == store_id,
            Publication.starts_at <= now,
            func.coalesce(Publication.ends_at, "infinity") > now,
            Publication.retired_at.is_(None),
        )
    )


def _shelf_line(row: Row[Publication, Asset, AssetVersion, str, datetime], values: StoreValues) -> ShelfLine:
    publication, found, version, campaign_code, pulled_at = row
    return ShelfLine(
        publication_id=publication.publication_id,
        title=found.title,
        copy_text=fill(version.copy_text, values),
        has_picture=version.picture_key is not None,
        starts_at=publication.starts_at,
        ends_at=publication.ends_at,
        campaign_code=campaign_code,
        pulled_at=pulled_at,
    )
