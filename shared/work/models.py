"""Tries, what was put aside, and the breadcrumbs of running batches. The work itself is rows in other tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key


class WorkTry(Base):
    """How often a row failed and why; `aside_at` is set when it was put aside."""

    __tablename__ = "work_tries"
    __table_args__ = (Index("ix_work_tries_aside", "aside_at", "drain", postgresql_where=text("aside_at IS NOT NULL")),)

    drain: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[Key]
    tries: Mapped[int]
    reason: Mapped[dict[str, Any]]  # {"error": class, "message": …}; never personal data
    last_at: Mapped[datetime]
    aside_at: Mapped[datetime | None]


class Breadcrumb(Base):
    """Rows that a worker has taken and not finished; what a crash leaves behind is run again in halves."""

    __tablename__ = "breadcrumbs"

    drain: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[Key]
    row_ids: Mapped[list[Any]]
    size: Mapped[int]
    at: Mapped[datetime]


class WorkRun(Base):
    """Per drain: what it did, written by its runs; and what waits, written by the clock. For metrics and alarms."""

    __tablename__ = "work_runs"

    drain: Mapped[str] = mapped_column(primary_key=True)
    last_at: Mapped[datetime | None]
    rows: Mapped[int] = mapped_column(BigInteger)  # rows done since the beginning
    batches: Mapped[int] = mapped_column(BigInteger)
    last_error: Mapped[str | None]
    waiting: Mapped[int | None] = mapped_column(BigInteger)  # rows due when the clock looked
    oldest_at: Mapped[datetime | None]  # since when the oldest of them waited
    aside: Mapped[int | None] = mapped_column(BigInteger)
    looked_at: Mapped[datetime | None]
