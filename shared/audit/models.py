"""Append-only log of what people did and saw."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.db.base import Base, Key


class AuditEntry(Base):
    """One act of one person. Headquarters' own rows carry the nil dealer."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_at", "at", "entry_id"),
        Index("ix_audit_log_subject", "subject", "at"),
        Index("ix_audit_log_action", "action", "at"),
    )

    dealer_id: Mapped[Key]
    entry_id: Mapped[Key]
    at: Mapped[datetime]
    user_id: Mapped[UUID | None]
    actor: Mapped[str]  # name and role as they were
    action: Mapped[str]  # "assignment:claim", "phone:reveal", …
    subject: Mapped[str]  # "assignment:018f…"
    address: Mapped[str]
    details: Mapped[dict[str, Any]]
