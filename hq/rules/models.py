"""Rules are data with versions: draft → active → retired, never edited in place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from shared.db.base import Base, Key
from shared.db.columns import one_of

RULE_KINDS = ("screening", "scorecard", "thresholds", "routing")
RULE_STATES = ("draft", "active", "retired", "discarded")


class RuleSet(Base):
    """One version of one kind of rules; `body` is read by the kind's own pure module and changes only in a draft."""

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
    note: Mapped[str]  # why it was put in force
    author: Mapped[str]
    created_at: Mapped[datetime]
    based_on: Mapped[int | None]  # the version that it was copied from
    revision: Mapped[int]  # of a draft: 1, 2, … each time it is saved
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
    activated_by: Mapped[str | None]
    activated_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    rescored_at: Mapped[datetime | None]  # of a scorecard: since when everybody is scored with it; NULL: nobody yet
