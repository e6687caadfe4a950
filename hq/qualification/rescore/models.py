"""Runs over everybody, and the pages that they are made of."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of

RUN_STATES = ("running", "stopped", "superseded", "done")
CAUSES = ("activated", "thresholds", "aged", "asked")


class RescoreRun(Base):
    """One run with one version of the scorecard; at most one is running or stopped."""

    __tablename__ = "rescore_runs"
    __table_args__ = (
        one_of("state", RUN_STATES),
        one_of("cause", CAUSES),
        Index("ix_rescore_runs_started", "started_at", "run_id"),
        Index(
            "uq_rescore_runs_open",
            text("(true)"),
            unique=True,
            postgresql_where=text("state IN ('running', 'stopped')"),
        ),
    )

    run_id: Mapped[Key]
    version: Mapped[int]  # of the scorecard; 0 is what Koi comes with
    cause: Mapped[str]
    state: Mapped[str]
    as_of: Mapped[datetime]  # the moment for which scores are to hold: how old a wish is counts from here
    people: Mapped[int]
    pages: Mapped[int]
    people_done: Mapped[int]
    pages_done: Mapped[int]
    leads: Mapped[int]  # leads looked at so far
    changed: Mapped[int]  # of these, with another score
    nurtured: Mapped[int]  # leads that waited and no longer go to a store
    revived: Mapped[int]  # of those, and people whom the thresholds turned away, who do now
    started_by: Mapped[str]
    started_at: Mapped[datetime]
    stopped_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class RescorePage(Base):
    """A stretch of contacts in order of key; the row is the work, and its lock the lease."""

    __tablename__ = "rescore_pages"
    __table_args__ = (
        UniqueConstraint("run_id", "number"),
        Index(
            "ix_rescore_pages_due",
            "run_id",
            "number",
            postgresql_where=text("done_at IS NULL AND aside_at IS NULL"),
        ),
    )

    page_id: Mapped[Key]
    run_id: Mapped[UUID] = mapped_column(ForeignKey("rescore_runs.run_id"))
    number: Mapped[int]
    low: Mapped[UUID]  # the first contact
    high: Mapped[UUID | None]  # before this one; NULL: to the last, also those that came later
    people: Mapped[int]
    done_at: Mapped[datetime | None]
    aside_at: Mapped[datetime | None]
