"""The outlook of the leads that wait, where reckoning it takes too long for somebody who looks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped

from shared.db.base import Base, Key


class DeskOutlook(Base):
    """The one row: what was reckoned last."""

    __tablename__ = "desk_outlooks"

    outlook_id: Mapped[Key]
    reckoned_at: Mapped[datetime]
    next_at: Mapped[datetime]  # when it is reckoned anew
    waiting: Mapped[int]  # leads that waited then
    seconds: Mapped[float]
    told: Mapped[dict[str, Any]]  # `outlook.Outlook` as JSON
    aside_at: Mapped[datetime | None]
