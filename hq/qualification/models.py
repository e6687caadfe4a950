"""The audit of machine decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of
from shared.signups.models import OUTCOMES


class SignupDecision(Base):
    """One decision about one sign-up: every step with its reasons, and the versions of the rules that made it."""

    __tablename__ = "signup_decisions"
    __table_args__ = (one_of("outcome", OUTCOMES), Index("ix_signup_decisions_at", "at"))

    signup_id: Mapped[Key] = mapped_column(ForeignKey("signups.signup_id"))
    run: Mapped[int] = mapped_column(primary_key=True)  # 1, 2, … each looking-again
    outcome: Mapped[str]
    contact_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    steps: Mapped[dict[str, Any]]  # {"matching": …, "screening": …, "scoring": …, "lead": …}
    rules: Mapped[dict[str, Any]]  # {"screening": version, "scorecard": version}
    at: Mapped[datetime]
