"""Replays, and the people who enter or leave with the card that is tried."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of
from shared.platform.clock import beijing_day

REPLAY_STATES = ("running", "done")


class Replay(Base):
    """One comparison of two cards over a past period; the bodies are kept as they were when it began."""

    __tablename__ = "replays"
    __table_args__ = (
        one_of("state", REPLAY_STATES),
        Index("ix_replays_version", "version", "started_at"),
        Index("ix_replays_due", "started_at", postgresql_where=text("state = 'running' AND aside_at IS NULL")),
    )

    replay_id: Mapped[Key]
    version: Mapped[int]  # the card that is tried
    against: Mapped[int]  # the card in force then
    body: Mapped[dict[str, Any]]
    against_body: Mapped[dict[str, Any]]
    since: Mapped[datetime]
    until: Mapped[datetime]  # before this moment
    state: Mapped[str]
    people: Mapped[int]
    people_done: Mapped[int]
    after_at: Mapped[datetime | None]  # the last person done: moment and key
    after_id: Mapped[UUID | None]
    tally: Mapped[dict[str, Any]]  # see `tally.Tally`
    started_by: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    aside_at: Mapped[datetime | None]

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day in Beijing."""
        return beijing_day(self.since), beijing_day(self.until - timedelta(days=1))


class ReplayMove(Base):
    """Somebody who would go to a store with one card and not with the other."""

    __tablename__ = "replay_moves"

    replay_id: Mapped[Key] = mapped_column(ForeignKey("replays.replay_id"))
    number: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID]
    lead_id: Mapped[UUID | None]
    enters: Mapped[bool]
    points_before: Mapped[int]
    points: Mapped[int]
    became: Mapped[str]
    at: Mapped[datetime]
