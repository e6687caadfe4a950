"""Rules are data with versions: draft → active → retired, never edited in place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from shared.db.base import Base, Key
from shared.db.columns import one_of

RULE_KINDS = ("screening", "scorecard", "routing")
RULE_STATES = ("draft", "active", "retired")


class RuleSet(Base):
    """One version of one kind of rules; `body` is read by the kind's own pure module."""

    __tablename__ = "rule_sets"
    __table_args__ = (
        one_of("kind", RULE_KINDS),
        one_of("status", RULE_STATES),
        UniqueConstraint("kind", "version"),
        Index("uq_rule_sets_active", "kind", unique=True, postgresql_where=text("status = 'active'")),
    )

    rule_set_id: Mapped[Key]
    kind: Mapped[str]
    version: Mapped[int]
    status: Mapped[str]
    body: Mapped[dict[str, Any]]
    note: Mapped[str]
    author: Mapped[str]
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
