"""What the overview shows, counted ahead of time: counting 200,000 leads takes longer than anybody waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.db.base import Base, Key


class Counted(Base):
    """The figures of one campaign (the nil id: of all together) as they were at `as_of`."""

    __tablename__ = "overview_figures"
    __table_args__ = (Index("ix_overview_figures_due", "due_at"),)

    campaign_id: Mapped[Key]
    figures: Mapped[dict[str, Any]]  # see hq.analytics.figures
    as_of: Mapped[datetime]
    took_ms: Mapped[int]
    due_at: Mapped[datetime]  # counted again then, while somebody looks
    wanted_at: Mapped[datetime]  # when somebody looked last
