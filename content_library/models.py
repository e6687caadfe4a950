"""Assets, their versions, what is published to whom, and who pulled it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of

VERSION_STATES = ("draft", "approved", "published", "retired")
AUDIENCES = ("all", "province", "dealer")


class Asset(Base):
    """A piece of content that HQ made: copy and a picture."""

    __tablename__ = "assets"

    asset_id: Mapped[Key]
    title: Mapped[str]
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaigns.campaign_id"))  # the poster's QR leads there
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]


class AssetVersion(Base):
    """One version of an asset; an approved version is never edited."""

    __tablename__ = "asset_versions"
    __table_args__ = (one_of("status", VERSION_STATES),)

    asset_id: Mapped[Key] = mapped_column(ForeignKey("assets.asset_id"))
    version: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    copy_text: Mapped[str]  # with {store} and {manager} for the store's own values
    picture_key: Mapped[str | None]  # in the storage
    picture_type: Mapped[str | None]  # image/png, image/jpeg
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
    )

    publication_id: Mapped[Key]
    asset_id: Mapped[UUID]
    version: Mapped[int]
    audience: Mapped[str]
    audience_codes: Mapped[list[Any]]  # province codes or dealer codes
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    published_by: Mapped[str]
    published_at: Mapped[datetime]


class ShelfItem(Base):
    """A publication that a store may use."""

    __tablename__ = "shelf"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "store_id"], ["stores.dealer_id", "stores.store_id"]),
        Index("ix_shelf_publication", "publication_id"),
    )

    dealer_id: Mapped[Key]
    store_id: Mapped[Key]
    publication_id: Mapped[Key] = mapped_column(ForeignKey("publications.publication_id"))


class Pull(Base):
    """A store took a published version to use it; a poster is rendered by a worker."""

    __tablename__ = "pulls"
    __table_args__ = (
        one_of("kind", ("copy", "poster")),
        ForeignKeyConstraint(
            ["dealer_id", "store_id", "publication_id"],
            ["shelf.dealer_id", "shelf.store_id", "shelf.publication_id"],
        ),
        UniqueConstraint("dealer_id", "request_key"),
        Index("ix_pulls_at", "at", "pull_id"),
        Index("ix_pulls_publication", "publication_id", "at"),
        Index(
            "ix_pulls_due",
            "at",
            postgresql_where=text("kind = 'poster' AND rendered_at IS NULL AND aside_at IS NULL"),
        ),
    )

    dealer_id: Mapped[Key]
    pull_id: Mapped[Key]
    store_id: Mapped[UUID]
    publication_id: Mapped[UUID]
    kind: Mapped[str]
    user_id: Mapped[UUID]
    request_key: Mapped[str]  # made by the form: a double click pulls once
    at: Mapped[datetime]
    file_key: Mapped[str | None]  # the rendered poster in the storage
    rendered_at: Mapped[datetime | None]
    problem: Mapped[dict[str, Any] | None]
    aside_at: Mapped[datetime | None]
