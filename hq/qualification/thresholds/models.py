"""The bars that were reckoned from what stores can take."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from shared.db.base import Base, Key
from shared.db.columns import one_of

BECAUSE = ("fits", "room", "step", "nobody", "no_limit")


class ThresholdReckoning(Base):
    """One reckoning: the bar for the seven days from `at`, and what it rests on. Rows are never changed."""

    __tablename__ = "threshold_reckonings"
    __table_args__ = (
        one_of("because", BECAUSE),
        CheckConstraint("bar >= 0 AND bar < 1", name="bar_is_a_chance"),
        Index("ix_threshold_reckonings_at", "at", "reckoning_id"),
    )

    reckoning_id: Mapped[Key]
    version: Mapped[int]  # of the thresholds
    at: Mapped[datetime]
    bar: Mapped[float]  # the least chance for a store; 0: everybody passes whose grade goes to stores
    wanted: Mapped[float]  # what the room asks for, before the step was limited
    before: Mapped[float | None]  # the bar of the reckoning before of the same version
    because: Mapped[str]
    room: Mapped[int | None]  # people that are to be sent to stores; NULL: no store has a limit
    stores: Mapped[int]  # that take leads now
    unlimited: Mapped[int]  # of these, without a limit of their own: taken for stores as most are
    waiting: Mapped[int]  # leads that wait for a store already, taken off the room
    seen: Mapped[int]  # people who signed up lately
    days: Mapped[float]  # in so many days
    coming: Mapped[float]  # of such people, expected in seven days whose grade goes to stores
    nurtured: Mapped[int]  # people who were turned away, and whose grade goes to stores
    passing: Mapped[float]  # people who are expected to pass at the bar
