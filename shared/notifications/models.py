"""What somebody at a store must be told."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from shared.db.base import Base, Key


class Notification(Base):
    """One message for a store (or one of its people); never holds a phone number."""

    __tablename__ = "notifications"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "store_id"], ["stores.dealer_id", "stores.store_id"]),
        UniqueConstraint("dealer_id", "idempotency_key"),
        Index("ix_notifications_unread", "dealer_id", "store_id", "at", postgresql_where=text("read_at IS NULL")),
    )

    dealer_id: Mapped[Key]
    notification_id: Mapped[Key]
    store_id: Mapped[UUID]
    user_id: Mapped[UUID | None]  # NULL: everybody at the store
    kind: Mapped[str]  # offered, taken, recalled, expired, …
    details: Mapped[dict[str, Any]]
    idempotency_key: Mapped[str]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
