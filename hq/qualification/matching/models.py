"""What matching has joined, and whom headquarters keeps apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.contacts.models import IDENTITY_KINDS
from shared.db.base import Base, Key
from shared.db.columns import one_of

NOTE_LIMIT = 300
"""Characters of the reason for which people were joined or parted by hand."""


class ContactMerge(Base):
    """One joining of two contacts, with everything that it moved, so that it can be undone exactly."""

    __tablename__ = "contact_merges"
    __table_args__ = (
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_by_somebody"),
        Index("ix_contact_merges_survivor", "survivor"),
        Index("uq_contact_merges_loser", "loser", unique=True, postgresql_where=text("undone_at IS NULL")),
    )

    merge_id: Mapped[Key]
    loser: Mapped[UUID] = mapped_column(ForeignKey("contacts.contact_id"))
    survivor: Mapped[UUID] = mapped_column(ForeignKey("contacts.contact_id"))
    signup_id: Mapped[UUID | None]  # whose keys joined them; NULL: by hand
    by: Mapped[str | None]  # who did it by hand
    note: Mapped[str]
    at: Mapped[datetime]
    moved: Mapped[dict[str, Any]]  # what was whose before (see `merges`)
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    why: Mapped[str | None]


class KeptApart(Base):
    """Two contacts that are not the same person, whatever keys they share. `one` is the smaller id."""

    __tablename__ = "kept_apart"
    __table_args__ = (CheckConstraint("one < other", name="in_order"), Index("ix_kept_apart_other", "other"))

    one: Mapped[Key] = mapped_column(ForeignKey("contacts.contact_id"))
    other: Mapped[Key] = mapped_column(ForeignKey("contacts.contact_id"))
    by: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime]


class CrowdedAccount(Base):
    """An account that many phones were seen with, phone by phone: it names nobody."""

    __tablename__ = "crowded_accounts"
    __table_args__ = (one_of("kind", IDENTITY_KINDS),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    value_bidx: Mapped[bytes] = mapped_column(primary_key=True)
    phone_bidx: Mapped[bytes] = mapped_column(primary_key=True)
    at: Mapped[datetime]
