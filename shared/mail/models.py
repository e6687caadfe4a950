"""E-mails to be sent, and the tries to send them. Neither holds an address or words in plain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of

MAIL_STATES = ("due", "sent", "failed", "uncertain")


class MailMessage(Base):
    """An e-mail that somebody meant to send. `uncertain`: the server may have it, nobody knows."""

    __tablename__ = "mail_messages"
    __table_args__ = (
        one_of("state", MAIL_STATES),
        Index("ix_mail_messages_due", "due_at", postgresql_where=text("state = 'due' AND aside_at IS NULL")),
        Index("ix_mail_messages_purge_at", "purge_at"),
        Index("ix_mail_messages_failed", "answered_at", postgresql_where=text("state IN ('failed', 'uncertain')")),
    )

    message_id: Mapped[Key]
    key: Mapped[str] = mapped_column(unique=True)  # idempotency; it makes the Message-ID too
    template: Mapped[str]  # what it is about: notices, confirm
    sealed: Mapped[bytes]  # JSON: to, subject, text; AAD names table, row, field
    state: Mapped[str]
    tries: Mapped[int]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]  # it would be of no use after this
    answered_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any]]  # what the server said last: its code; never personal data
    purge_at: Mapped[datetime]
    created_at: Mapped[datetime]
    aside_at: Mapped[datetime | None]


class MailTry(Base):
    """One call of the server, committed before it; `answer` is written when it has answered."""

    __tablename__ = "mail_tries"

    message_id: Mapped[Key] = mapped_column(ForeignKey("mail_messages.message_id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime]
    answer: Mapped[dict[str, Any] | None]
