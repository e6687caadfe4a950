"""What stands on the lists of screening."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import CIDR
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of
from shared.platform.clock import beijing_day

PURPOSES: Final = ("blocked", "staff", "owner", "winner")
WHATS: Final = ("phone", "openid", "device", "address")


class Listed(Base):
    """One phone, openid, device or range of addresses on a list. What was added is never changed, only taken off."""

    __tablename__ = "listed"
    __table_args__ = (
        one_of("purpose", PURPOSES),
        one_of("what", WHATS),
        Index("ix_listed_value", "what", "value_bidx", postgresql_where=text("value_bidx IS NOT NULL")),
        Index(
            "ix_listed_network",
            "network",
            postgresql_using="gist",
            postgresql_ops={"network": "inet_ops"},
            postgresql_where=text("network IS NOT NULL"),
        ),
        Index("ix_listed_added", "added_at", "entry_id"),
        Index("ix_listed_batch", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
    )

    entry_id: Mapped[Key]
    purpose: Mapped[str]
    what: Mapped[str]
    value_bidx: Mapped[bytes | None]  # NULL for addresses
    network: Mapped[str | None] = mapped_column(CIDR)  # NULL for the rest
    shown: Mapped[str]  # masked, as people may see it
    why: Mapped[str]
    batch_id: Mapped[UUID | None]  # of one file
    file_name: Mapped[str]  # '' when typed by hand
    added_by: Mapped[str]
    added_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]  # NULL: stays until somebody takes it off
    removed_by: Mapped[str | None]
    removed_at: Mapped[datetime | None]
    removed_why: Mapped[str | None]

    @property
    def last_day(self) -> date | None:
        """The last day on which it stands, in Beijing; None without an end."""
        return None if self.expires_at is None else beijing_day(self.expires_at - timedelta(microseconds=1))
