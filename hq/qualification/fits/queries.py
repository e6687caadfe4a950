"""Reading what was learnt on pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from hq.intake.imports.columns import plain
from hq.qualification.fits.models import FitHeading, FitStep, ScorecardFit
from hq.qualification.fits.wishes import Wished
from hq.qualification.scoring.report import Report
from shared.platform.errors import Missing

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a column was the last time (see `FitHeading`)."""

    meaning: str
    words: Mapping[str, str]
    by: str


@dataclass(frozen=True, slots=True)
class Stand:
    """How far a learning is (see `FitStep`); `before`: learnings that come first."""

    step: str | None
    done: int
    total: int
    begun_at: datetime | None
    stop_by: str | None
    before: int


@dataclass(frozen=True, slots=True)
class Fit:
    """One learning, as pages show it (see `ScorecardFit`); `kept`: its file is still there."""

    fit_id: UUID
    source: str
    state: str
    file_name: str
    kept: bool
    columns: Sequence[Mapping[str, Any]]
    wished: Wished
    report: Report | None
    refusal: Mapping[str, Any] | None
    asked_by: str
    asked_at: datetime
    purge_at: datetime
    aside: bool

    @property
    def moves(self) -> bool:
        """Whether a worker has it or will have it."""
        return self.state in ("looking", "waiting") and not self.aside


def latest(session: Session) -> list[Fit]:
    """The latest of them, without their reports."""
    query = _query(ScorecardFit.report.is_not(None)).order_by(ScorecardFit.asked_at.desc(), ScorecardFit.fit_id)
    return [_fit(row, None) for row in session.execute(query.limit(_SHOWN))]


def one(session: Session, fit_id: UUID) -> Fit:
    """One of them with its report.

    Raises:
        Missing: there is none of that id.
    """
    row = session.execute(_query(ScorecardFit.report).where(ScorecardFit.fit_id == fit_id)).one_or_none()
    if row is None:
        raise Missing(fit=str(fit_id))
    stored = row[-1]
    return _fit(row, Report.from_json(stored) if stored else None)


def stand(session: Session, fit: Fit) -> Stand:
    """How far it is."""
    earlier = (ScorecardFit.state == "waiting", ScorecardFit.aside_at.is_(None), ScorecardFit.asked_at < fit.asked_at)
    before = session.scalar(select(func.count()).select_from(ScorecardFit).where(*earlier)) or 0
    row = session.get(FitStep, fit.fit_id)
    if row is None:
        return Stand(None, 0, 0, None, None, before)
    return Stand(row.step, row.done, row.total, row.begun_at, row.stop_by, before)


def remembered(session: Session, names: Iterable[str]) -> dict[str, Remembered]:
    """What columns of these names were the last time, by `plain` heading."""
    query = select(FitHeading).where(FitHeading.heading.in_({plain(name) for name in names}))
    return {row.heading: Remembered(row.meaning, row.words, row.by) for row in session.scalars(query)}


def _query(report: Any) -> Select[Any]:
    columns: list[Any] = [
        ScorecardFit.fit_id,
        ScorecardFit.source,
        ScorecardFit.state,
        ScorecardFit.file_name,
        ScorecardFit.file_key,
        ScorecardFit.columns,
        ScorecardFit.wishes,
        ScorecardFit.refusal,
        ScorecardFit.asked_by,
        ScorecardFit.asked_at,
        ScorecardFit.purge_at,
        ScorecardFit.aside_at,
        report,
    ]
    return select(*columns)


def _fit(row: Any, report: Report | None) -> Fit:
    return Fit(
        row.fit_id,
        row.source,
        row.state,
        row.file_name,
        row.file_key is not None,
        row.columns or (),
        Wished.from_json(row.wishes),
        report,
        row.refusal,
        row.asked_by,
        row.asked_at,
        row.purge_at,
        row.aside_at is not None,
    )
