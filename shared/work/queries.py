"""What waits, how long, and what was put aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from shared.work.drains import Drain, Rows, all_drains
from shared.work.models import WorkRun, WorkTry


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one drain stands.

    Attributes:
        waiting: rows that are due now; oldest_at: since when the oldest waits, None when none does or no one can say.
        retrying: rows that failed and will be tried again by themselves.
        aside: rows put aside.
        ran_at, rows, batches, last_error: of its runs since the beginning; ran_at None: never.
    """

    drain: str
    waiting: int
    oldest_at: datetime | None
    retrying: int = 0
    aside: int = 0
    ran_at: datetime | None = None
    rows: int = 0
    batches: int = 0
    last_error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideRow:
    """One row that was put aside, and why."""

    drain: str
    row_id: UUID
    tries: int
    error: str
    message: str
    aside_at: datetime


def standings(session: Session, *, now: datetime) -> list[Standing]:
    """Every drain that this process knows, by name; three statements."""
    drains = all_drains()
    if not drains:
        return []
    tries = {row.drain: row for row in session.execute(_tries())}
    runs = {run.drain: run for run in session.execute(_runs())}
    found = session.execute(union_all(*(_waiting(drain, now) for drain in drains)).order_by("drain")).all()
    return [_standing(row, tries.get(row.drain), runs.get(row.drain)) for row in found]


def put_aside(session: Session, *, drain: str | None = None, limit: int = 200) -> list[AsideRow]:
    """Rows that were put aside, the latest first."""
    rows = select(WorkTry.drain, WorkTry.row_id, WorkTry.tries, WorkTry.reason, WorkTry.aside_at)
    rows = rows.where(WorkTry.aside_at.is_not(None)).order_by(WorkTry.aside_at.desc(), WorkTry.row_id).limit(limit)
    if drain is not None:
        rows = rows.where(WorkTry.drain == drain)
    return [
        AsideRow(
            drain=row.drain,
            row_id=row.row_id,
            tries=row.tries,
            error=str(row.reason.get("error", "")),
            message=str(row.reason.get("message", "")),
            aside_at=row.aside_at,
        )
        for row in session.execute(rows)
    ]


# Typed: PostgreSQL takes two bare NULLs of a UNION for text before it sees the third part.
_NO_TIME = cast(null(), DateTime(timezone=True))


def _waiting(drain: Drain, now: datetime) -> Rows:
    since = drain.since if drain.since is not None else _NO_TIME
    # only the time: of some rows this reader may not see what they hold, such as whom a message goes to
    rows = drain.due(now).order_by(None).with_only_columns(since.label("waits_since"), maintain_column_froms=True)
    due = rows.subquery()
    counted = select(literal(drain.name).label("drain"), func.count().label("waiting"))
    return counted.add_columns(func.min(due.c.waits_since).label("oldest_at")).select_from(due)


def _tries() -> Rows:
    aside = func.count().filter(WorkTry.aside_at.is_not(None)).label("aside")
    retrying = func.count().filter(WorkTry.aside_at.is_(None)).label("retrying")
    return select(WorkTry.drain, aside, retrying).group_by(WorkTry.drain)


def _runs() -> Rows:
    return select(WorkRun.drain, WorkRun.last_at, WorkRun.rows, WorkRun.batches, WorkRun.last_error)


def _standing(waiting: Any, tries: Any, run: Any) -> Standing:
    return Standing(
        drain=waiting.drain,
        waiting=waiting.waiting,
        oldest_at=waiting.oldest_at,
        retrying=tries.retrying if tries else 0,
        aside=tries.aside if tries else 0,
        ran_at=run.last_at if run else None,
        rows=run.rows if run else 0,
        batches=run.batches if run else 0,
        last_error=run.last_error if run else None,
    )
