"""What somebody at a store, a dealer or headquarters must be told."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of
from shared.notifications.brand import Channel
from shared.notifications.kinds import AUDIENCES
from shared.platform.ids import NIL

SETTINGS: Final = "brand"
DELIVERY_STATES: Final = ("waiting", "composed", "dropped")


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
        Index("ix_notifications_due", "at", postgresql_where=text("spread_at IS NULL AND aside_at IS NULL")),
        Index("ix_notifications_at", "at"),
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
    spread_at: Mapped[datetime | None]  # when it was found out whom it goes out to
    aside_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # it no longer holds, and is not shown any more


class NoticePerson(Base):
    """How somebody wants to be told, and up to when they have read everything. Headquarters: the nil dealer."""

    __tablename__ = "notice_people"
    __table_args__ = (
        Index(
            "ix_notice_people_asked",
            "mail_asked_at",
            postgresql_where=text("mail_asked_at IS NOT NULL AND mail_told_at IS NULL"),
        ),
    )

    dealer_id: Mapped[Key]
    user_id: Mapped[Key]
    seen_until: Mapped[datetime | None]
    choices: Mapped[dict[str, Any]]  # only what differs from what the brand decided
    phone_sealed: Mapped[bytes | None]  # where they get text messages, proved by a code; AAD names row and way
    phone_masked: Mapped[str | None]
    mail_sealed: Mapped[bytes | None]
    mail_masked: Mapped[str | None]
    mail_asked: Mapped[bytes | None]  # an address to be proved, with the code that was sent there, sealed
    mail_asked_at: Mapped[datetime | None]
    mail_told_at: Mapped[datetime | None]  # when the code became a message
    mail_tries: Mapped[int | None]


class NoticeRead(Base):
    """A notice that somebody has read, while it is newer than their `seen_until`."""

    __tablename__ = "notice_reads"

    dealer_id: Mapped[Key]
    user_id: Mapped[Key]
    notification_id: Mapped[Key]
    notice_at: Mapped[datetime]


class Delivery(Base):
    """A notice that goes out to somebody by a way other than the portal. Several become one message."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("dealer_id", "notification_id", "user_id", "channel"),
        one_of("channel", Channel),
        one_of("state", DELIVERY_STATES),
        Index("ix_deliveries_due", "due_at", postgresql_where=text("state = 'waiting' AND aside_at IS NULL")),
        Index("ix_deliveries_person", "dealer_id", "user_id", "channel", "composed_at"),
        Index("ix_deliveries_message", "message_id", postgresql_where=text("message_id IS NOT NULL")),
    )

    dealer_id: Mapped[Key]
    delivery_id: Mapped[Key]
    notification_id: Mapped[UUID]
    user_id: Mapped[UUID]
    channel: Mapped[str]
    state: Mapped[str]
    why: Mapped[str | None]  # why it was dropped: seen, over, off, no_address, left
    due_at: Mapped[datetime]
    message_id: Mapped[UUID | None]  # of sms_messages or mail_messages, as the channel is
    composed_at: Mapped[datetime | None]
    aside_at: Mapped[datetime | None]


class NoticeSettings(Base):
    """What the brand decided about notices: one row."""

    __tablename__ = "notice_settings"

    name: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
