"""Messages to be sent, and the codes in some of them. Neither holds a number or a code in plain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of

MESSAGE_STATES = ("due", "sent", "failed", "void")


class SmsMessage(Base):
    """A message that somebody meant to send. `void`: written for nobody, so that an unknown number costs the same."""

    __tablename__ = "sms_messages"
    __table_args__ = (
        one_of("state", MESSAGE_STATES),
        Index("ix_sms_messages_due", "due_at", postgresql_where=text("state = 'due' AND aside_at IS NULL")),
        Index("ix_sms_messages_purge_at", "purge_at"),
        Index("ix_sms_messages_failed", "answered_at", postgresql_where=text("state IN ('failed', 'uncertain')")),
    )

    message_id: Mapped[Key]
    key: Mapped[str] = mapped_column(unique=True)  # idempotency: the gateway gets it too
    template: Mapped[str]
    sealed: Mapped[bytes]  # JSON: phone (E.164), language, parameters; AAD names table, row, field, key id
    state: Mapped[str]
    tries: Mapped[int]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]  # it would be of no use after this
    answered_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any]]  # what the gateway said last: status, id; never personal data
    purge_at: Mapped[datetime]
    created_at: Mapped[datetime]
    aside_at: Mapped[datetime | None]


class SmsCode(Base):
    """A code that was asked for. Only the functions `koi_sms_ask` and `koi_sms_check` write here."""

    __tablename__ = "sms_codes"
    __table_args__ = (
        Index("ix_sms_codes_phone", "phone_bidx", "created_at"),
        Index("ix_sms_codes_device", "device_bidx", "created_at", postgresql_where=text("device_bidx IS NOT NULL")),
        Index("ix_sms_codes_address", "address_bidx", "created_at"),
        Index("ix_sms_codes_purge_at", "purge_at"),
    )

    code_id: Mapped[Key]
    purpose: Mapped[str]
    phone_bidx: Mapped[bytes]
    device_bidx: Mapped[bytes | None]
    address_bidx: Mapped[bytes]
    code_hash: Mapped[bytes]  # HMAC of purpose, number and code
    tries: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[bytes | None]  # digest of the form that used it: the same form sent twice is one use
    purge_at: Mapped[datetime]
