"""All writes of scoring anew: starting, stopping and going on; and what a page of people comes to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from hq.qualification.rescore.errors import AlreadyRunning, RunMoved
from hq.qualification.rescore.models import RescoreRun
from hq.rules.models import RuleSet
from shared.audit import service as audit
from shared.db.batch import Rows
from shared.identity.actor import Actor
from shared.platform.errors import Missing
from shared.platform.ids import new_id
from shared.work.doorbell import ring_after_commit

PAGE = 5_000
"""People of a page: a transaction of about a quarter of a second."""
DRAIN = "hq.rescore"

_FIRSTS = text(
    """
    SELECT contact_id, everybody FROM (
        SELECT contact_id, row_number() OVER (ORDER BY contact_id) - 1 AS n, count(*) OVER () AS everybody FROM contacts
    ) AS numbered
    WHERE n % :size = 0 ORDER BY contact_id
    """
)
_PAGES = Rows(
    {"page_id": "uuid", "run_id": "uuid", "number": "integer", "low": "uuid", "high": "uuid", "people": "integer"}
)
_LAY_OUT = text(f"INSERT INTO rescore_pages ({_PAGES.names}) SELECT {_PAGES.names} FROM {_PAGES.source}")  # noqa: S608 (names)
_LOCK = func.hashtextextended("rescore", 0)


def start(session: Session, *, cause: str, actor: Actor, now: datetime, size: int = PAGE) -> UUID:
    """Begin to score everybody with the scorecard in force; a run that was under way with another version ends.

    Args:
        cause: one of `models.CAUSES`.
        size: people of a page.

    Raises:
        AlreadyRunning: somebody asked for what is under way.
    """
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    version = session.scalar(select(RuleSet.version).filter_by(kind="scorecard", status="active")) or 0
    before = _unfinished(session)
    if before is not None:
        if cause == "asked" and before.state == "running" and before.version == version:
            raise AlreadyRunning(version=version, who=before.started_by, at=before.started_at)
        before.state, before.ended_at = "superseded", now
        session.flush()  # one run at a time is open: the old one goes first
    firsts = session.execute(_FIRSTS, {"size": size}).all()
    run = _run(version, cause, firsts, actor, now)
    session.add(run)
    session.flush()
    if firsts:
        session.execute(_LAY_OUT, _PAGES.parameters(_pages(run.run_id, firsts, size, now)))
    active = (RuleSet.kind == "scorecard", RuleSet.status == "active")
    session.execute(update(RuleSet).where(*active).values(rescored_at=now))
    audit.record(session, actor, "rescore:start", run.run_id, at=now, version=version, cause=cause)
    ring_after_commit(session, DRAIN)
    return run.run_id


def stop(session: Session, *, run_id: UUID, actor: Actor, now: datetime) -> None:
    """Let a run rest; what is done stays done.

    Raises:
        Missing: there is no such run.
        RunMoved: it is not running.
    """
    run = _locked(session, run_id)
    if run.state != "running":
        raise RunMoved(state=run.state)
    run.state, run.stopped_by = "stopped", actor.name
    audit.record(session, actor, "rescore:stop", run_id, at=now, people=run.people_done)


def resume(session: Session, *, run_id: UUID, actor: Actor, now: datetime) -> None:
    """Go on with a run that was stopped, where it stopped.

    Raises:
        Missing: there is no such run.
        RunMoved: it was not stopped, or another one has taken its place.
    """
    run = _locked(session, run_id)
    if run.state != "stopped":
        raise RunMoved(state=run.state)
    run.state, run.stopped_by = "running", None
    audit.record(session, actor, "rescore:resume", run_id, at=now, people=run.people_done)
    ring_after_commit(session, DRAIN)


def _run(version: int, cause: str, firsts: Sequence[Any], actor: Actor, now: datetime) -> RescoreRun:
    zeros = dict.fromkeys(("people_done", "pages_done", "leads", "changed", "nurtured", "revived"), 0)
    return RescoreRun(
        run_id=new_id(now),
        version=version,
        cause=cause,
        state="running" if firsts else "done",
        as_of=now,
        people=firsts[0].everybody if firsts else 0,
        pages=len(firsts),
        started_by=actor.name,
        started_at=now,
        ended_at=None if firsts else now,
        **zeros,
    )


def _pages(run_id: UUID, firsts: Sequence[Any], size: int, now: datetime) -> list[tuple[Any, ...]]:
    highs = [*(row.contact_id for row in firsts[1:]), None]
    last = firsts[0].everybody - size * (len(firsts) - 1)
    sizes = [size] * (len(firsts) - 1) + [last]
    return [
        (new_id(now), run_id, number, row.contact_id, high, people)
        for number, (row, high, people) in enumerate(zip(firsts, highs, sizes, strict=True))
    ]


def _unfinished(session: Session) -> RescoreRun | None:
    query = select(RescoreRun).where(RescoreRun.state.in_(("running", "stopped")))
    return session.scalars(query.with_for_update(key_share=True)).one_or_none()


def _locked(session: Session, run_id: UUID) -> RescoreRun:
    query = select(RescoreRun).where(RescoreRun.run_id == run_id).with_for_update(key_share=True)
    run = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if run is None:
        raise Missing(run=str(run_id))
    return run
