"""Replays, and the people for whom the rules that are tried mean something else."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of
from shared.platform.clock import beijing_day

REPLAY_STATES = ("running", "stopped", "done")
REPLAY_WAYS = ("enter", "leave", "other")


class Replay(Base):
    """One comparison of two versions of rules over a past period; the bodies are kept as they were when it began."""

    __tablename__ = "replays"
    __table_args__ = (
        one_of("state", REPLAY_STATES),
        Index("ix_replays_version", "kind", "version", "started_at"),
        Index(
            "ix_replays_due",
            text("coalesce(stepped_at, started_at)"),
            postgresql_where=text("state = 'running' AND aside_at IS NULL"),
        ),
        Index("ix_replays_purge_at", "purge_at"),
    )

    replay_id: Mapped[Key]
    kind: Mapped[str]
    version: Mapped[int]  # that is tried
    revision: Mapped[int]  # of the draft then
    against: Mapped[int]  # the version in force then
    body: Mapped[dict[str, Any]]
    against_body: Mapped[dict[str, Any]]
    beside: Mapped[dict[str, Any]]  # kind → version and body of the other rules in force, the same on both sides
    bar: Mapped[float | None]  # the chance that thresholds of the version ask for, where it comes from capacity
    against_bar: Mapped[float | None]  # the same of the other side
    since: Mapped[datetime]
    until: Mapped[datetime]  # before this moment
    state: Mapped[str]
    people: Mapped[int]  # of a scorecard; of routing leads, of other rules sign-ups
    people_done: Mapped[int]
    after_at: Mapped[datetime | None]  # the last person done: moment and key; of routing, where the next day begins
    after_id: Mapped[UUID | None]
    tally: Mapped[dict[str, Any]]  # see `people.tally.add`, `people.ruling.add`; of routing two of `routed.outcome`
    asked: Mapped[dict[str, Any]]  # of routing, on what demand; see `routed.demand.Asked`
    carried: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)  # for the next step; see `routed.step`
    started_by: Mapped[str]
    started_at: Mapped[datetime]
    stepped_at: Mapped[datetime | None]
    stopped_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    purge_at: Mapped[datetime]
    aside_at: Mapped[datetime | None]

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day in Beijing."""
        return beijing_day(self.since), beijing_day(self.until - timedelta(microseconds=1))


class ReplayStop(Base):
    """Somebody wants a replay to end whose step is under way."""

    __tablename__ = "replay_stops"

    replay_id: Mapped[Key]
    stopped_by: Mapped[str]
    at: Mapped[datetime]


class ReplayMove(Base):
    """Somebody whose fate is another with the rules that are tried."""

    __tablename__ = "replay_moves"
    __table_args__ = (one_of("way", REPLAY_WAYS), Index("ix_replay_moves_way", "replay_id", "way", "number"))

    replay_id: Mapped[Key] = mapped_column(ForeignKey("replays.replay_id"))
    number: Mapped[int] = mapped_column(primary_key=True)
    way: Mapped[str]
    contact_id: Mapped[UUID | None]
    signup_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    before: Mapped[str]  # fates
    after: Mapped[str]
    points_before: Mapped[int | None]
    points: Mapped[int | None]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # what stops the person after, or else did before
    became: Mapped[str]
    at: Mapped[datetime]


class ReplayLoad(Base):
    """Leads of a store with both sets of routing rules, and what either remembers of it until the next day."""

    __tablename__ = "replay_loads"

    replay_id: Mapped[Key] = mapped_column(ForeignKey("replays.replay_id"))
    store_id: Mapped[Key]
    before: Mapped[int]
    after: Mapped[int]
    day: Mapped[date]  # on which it was last offered one
    day_before: Mapped[int]
    day_after: Mapped[int]
    week_before: Mapped[int]
    week_after: Mapped[int]
    turn_before: Mapped[float]  # see `hq.routing.policy.Room`
    turn_after: Mapped[float]
