"""What a scorecard is learnt from, how, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of

SOURCES = ("file", "own")
FIT_STATES = (
    "looking",  # uploaded; a worker finds its columns
    "choosing",  # somebody says which column is the outcome
    "waiting",  # a worker learns
    "done",
    "stopped",  # somebody did not want to wait; it can be asked again
    "refused",  # nothing could be learnt; `refusal` says why, and it can be asked again
)


class ScorecardFit(Base):
    """One learning: from an uploaded file, or from Koi's own leads of a time."""

    __tablename__ = "scorecard_fits"
    __table_args__ = (
        one_of("source", SOURCES),
        one_of("state", FIT_STATES),
        Index("ix_scorecard_fits_asked", "asked_at", "fit_id"),
        Index("ix_scorecard_fits_due", "asked_at", postgresql_where=text("state IN ('looking', 'waiting')")),
        Index("ix_scorecard_fits_purge", "purge_at", postgresql_where=text("file_key IS NOT NULL")),
    )

    fit_id: Mapped[Key]
    source: Mapped[str]
    state: Mapped[str]
    file_name: Mapped[str]  # empty for Koi's own leads
    file_key: Mapped[str | None]  # in the storage, sealed; NULL after the purge
    columns: Mapped[list[Any] | None]  # of the file: see `looking.Seen`
    wishes: Mapped[dict[str, Any]]  # see `wishes.Wished`
    report: Mapped[dict[str, Any] | None]  # `scoring.report.Report.as_json`
    refusal: Mapped[dict[str, Any] | None]  # {"code", "params"}
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    purge_at: Mapped[datetime]
    aside_at: Mapped[datetime | None]


class FitStep(Base):
    """How far a learning is, in a row of its own: the learning's row is the worker's lease all the while."""

    __tablename__ = "scorecard_fit_steps"

    fit_id: Mapped[UUID] = mapped_column(ForeignKey("scorecard_fits.fit_id"), primary_key=True)
    step: Mapped[str | None]  # of `scoring.steps.STEPS`; NULL: no worker has begun
    done: Mapped[int]
    total: Mapped[int]
    begun_at: Mapped[datetime | None]
    stop_by: Mapped[str | None]  # who wants it stopped; the worker asks at every step


class FitHeading(Base):
    """What a column of that name was the last time that somebody had a card learnt."""

    __tablename__ = "scorecard_fit_headings"

    heading: Mapped[str] = mapped_column(primary_key=True)  # `columns.plain`
    meaning: Mapped[str]  # see `wishes.Wished.meaning`
    words: Mapped[dict[str, Any]]  # answer of the file → answer of the fact
    by: Mapped[str]
    at: Mapped[datetime]
