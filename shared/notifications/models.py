"""What somebody at a store, a dealer or headquarters must be told."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from shared.db.base import Base, Key
from shared.db.columns import one_of
from shared.notifications.kinds import AUDIENCES
from shared.platform.ids import NIL


class Notification(Base):
    """One notice; never holds a phone number. Headquarters' own rows carry the nil dealer, which nobody signs in to."""

    __tablename__ = "notifications"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "store_id"], ["stores.dealer_id", "stores.store_id"]),
        UniqueConstraint("dealer_id", "idempotency_key"),
        one_of("audience", AUDIENCES),
        CheckConstraint(
            f"(audience = 'hq') = (dealer_id = '{NIL}') AND (audience = 'hq') = (store_id IS NULL)"
            " AND (audience = 'hq') = (permission IS NOT NULL)",
            name="audience_fits",
        ),
        Index("ix_notifications_of_dealer", "dealer_id", "at", "notification_id"),
        Index("ix_notifications_of_store", "dealer_id", "store_id", "at"),
    )

    dealer_id: Mapped[Key]
    notification_id: Mapped[Key]
    audience: Mapped[str]
    store_id: Mapped[UUID | None]  # where it happened; NULL at headquarters
    user_id: Mapped[UUID | None]  # NULL: everybody of the audience
    permission: Mapped[str | None]  # at headquarters: whom it concerns
    kind: Mapped[str]
    details: Mapped[dict[str, Any]]
    idempotency_key: Mapped[str]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]  # when the first of them read it


class NoticePerson(Base):
    """How somebody wants to be told, and up to when they have read everything. Headquarters: the nil dealer."""

    __tablename__ = "notice_people"

    dealer_id: Mapped[Key]
    user_id: Mapped[Key]
    seen_until: Mapped[datetime | None]
    choices: Mapped[dict[str, Any]]  # only what differs from what the brand decided


class NoticeRead(Base):
    """A notice that somebody has read, while it is newer than their `seen_until`."""

    __tablename__ = "notice_reads"

    dealer_id: Mapped[Key]
    user_id: Mapped[Key]
    notification_id: Mapped[Key]
    notice_at: Mapped[datetime]
