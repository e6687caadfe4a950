"""Assets, their versions, what is published to whom, and who pulled it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from content_library.kinds import Kind
from shared.db.base import Base, Key
from shared.db.columns import one_of

VERSION_STATES = ("draft", "approved", "published", "retired")
AUDIENCES = ("all", "province", "city", "dealer", "store", "campaign")
PULLS = ("copy", "poster", "picture", "video")


class Asset(Base):
    """A piece of content that HQ made; its title is that of the newest version."""

    __tablename__ = "assets"
    __table_args__ = (one_of("kind", Kind),)

    asset_id: Mapped[Key]
    kind: Mapped[str]
    title: Mapped[str]
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaigns.campaign_id"))  # the poster's QR leads there
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]


class AssetVersion(Base):
    """One version of an asset; an approved version is never edited."""

    __tablename__ = "asset_versions"
    __table_args__ = (one_of("status", VERSION_STATES),)

    asset_id: Mapped[Key] = mapped_column(ForeignKey("assets.asset_id"))
    version: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    title: Mapped[str]
    copy_text: Mapped[str]  # with {store} and {manager} for the store's own values
    link: Mapped[str | None]
    picture_key: Mapped[str | None]  # in the storage
    picture_type: Mapped[str | None]  # image/png, image/jpeg
    picture_width: Mapped[int | None]  # px; None: nobody measured it
    picture_height: Mapped[int | None]
    video_key: Mapped[str | None]  # in the storage, an MP4
    video_seconds: Mapped[int | None]
    # Where code and name stand on the poster; NULL: in a strip below it.
    places: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    author: Mapped[str]
    created_at: Mapped[datetime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]


class Publication(Base):
    """An approved version made available to an audience for a time."""

    __tablename__ = "publications"
    __table_args__ = (
        one_of("audience", AUDIENCES),
        ForeignKeyConstraint(["asset_id", "version"], ["asset_versions.asset_id", "asset_versions.version"]),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index("ix_publications_asset", "asset_id"),
    )

    publication_id: Mapped[Key]
    asset_id: Mapped[UUID]
    version: Mapped[int]
    audience: Mapped[str]
    audience_codes: Mapped[list[Any]]  # of provinces, cities, dealers, stores or campaigns
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    published_by: Mapped[str]
    published_at: Mapped[datetime]
    changed_by: Mapped[str | None]
    changed_at: Mapped[datetime | None]
    changed_from: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # audience and times before


class ShelfItem(Base):
    """A publication that a store may use."""

    __tablename__ = "shelf"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "store_id"], ["stores.dealer_id", "stores.store_id"]),
        Index("ix_shelf_publication", "publication_id", "removed_at"),  # counted without reading the rows
    )

    dealer_id: Mapped[Key]
    store_id: Mapped[Key]
    publication_id: Mapped[Key] = mapped_column(ForeignKey("publications.publication_id"))
    removed_at: Mapped[datetime | None]  # the audience was changed: no longer for this store


class Pull(Base):
    """A store took a published version to use it."""

    __tablename__ = "pulls"
    __table_args__ = (
        one_of("kind", PULLS),
        ForeignKeyConstraint(
            ["dealer_id", "store_id", "publication_id"],
            ["shelf.dealer_id", "shelf.store_id", "shelf.publication_id"],
        ),
        UniqueConstraint("dealer_id", "request_key"),
        Index("ix_pulls_at", "at", "pull_id"),
        Index("ix_pulls_publication", "publication_id", "at"),
    )

    dealer_id: Mapped[Key]
    pull_id: Mapped[Key]
    store_id: Mapped[UUID]
    publication_id: Mapped[UUID]
    kind: Mapped[str]
    user_id: Mapped[UUID]
    request_key: Mapped[str]  # made by the form: a double click pulls once
    at: Mapped[datetime]


class StagedFile(Base):
    """A file that an author uploaded and has not saved with a version yet; swept after a day."""

    __tablename__ = "staged_files"
    __table_args__ = (one_of("use", ("picture", "video")), Index("ix_staged_files_at", "at"))

    file_id: Mapped[Key]
    use: Mapped[str]
    key: Mapped[str]  # in the storage
    media_type: Mapped[str]
    width: Mapped[int | None]  # px
    height: Mapped[int | None]
    seconds: Mapped[int | None]  # how long a video runs
    size: Mapped[int]  # bytes
    user_id: Mapped[UUID]
    at: Mapped[datetime]
