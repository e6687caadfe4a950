"""What was reckoned, when, and from how much."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped

from shared.db.base import Base, Key


class PriceRun(Base):
    """One solution. The newest keeps its prices; of the others the numbers stay."""

    __tablename__ = "price_runs"
    __table_args__ = (
        Index(
            "uq_price_runs_newest",
            text("(prices IS NOT NULL)"),
            unique=True,
            postgresql_where=text("prices IS NOT NULL"),
        ),
        Index("ix_price_runs_solved", "solved_at"),
    )

    run_id: Mapped[Key]
    solved_at: Mapped[datetime]
    next_at: Mapped[datetime]  # when it is reckoned anew
    expected: Mapped[float]  # customers still to come today, with those who wait
    room: Mapped[int | None]  # places at stores; NULL: some have no limit
    scarce: Mapped[int]  # stores with a price
    mean_km: Mapped[float | None]  # of the plan; NULL: nobody was expected
    unserved: Mapped[float]  # customers for whom no store has room
    seconds: Mapped[float]
    prices: Mapped[dict[str, Any] | None]  # km by store id, those above 0
    aside_at: Mapped[datetime | None]
