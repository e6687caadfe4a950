"""All writes of learning on pages: a file or a time to learn from, what is asked of it, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hq.intake.imports.columns import plain
from hq.qualification.fits.files import KEPT, FitFiles
from hq.qualification.fits.models import FitHeading, FitStep, ScorecardFit
from hq.qualification.fits.wishes import Wished
from shared.audit import service as audit
from shared.contacts.hiding import without_phones
from shared.identity.actor import Actor
from shared.platform.errors import Conflict, Missing
from shared.platform.ids import new_id
from shared.work.doorbell import ring_after_commit

LOOK, LEARN = "hq.look_at_past", "hq.learn_card"
_LONGEST_NAME = 200  # characters
_ASKABLE = ("choosing", "done", "refused", "stopped")


class FitUnderWay(Conflict):
    """A worker has it; `params`: state."""

    code = "fit_under_way"


def take_in(session: Session, *, file_name: str, content: bytes, files: FitFiles, actor: Actor, now: datetime) -> UUID:
    """Keep a file for a worker to look at, unopened."""
    name = without_phones(PurePath(file_name).name)[:_LONGEST_NAME]
    row = _row("file", "looking", name, Wished(), actor, now)
    row.file_key = files.put(row.fit_id, content)
    session.add(row)
    audit.record(session, actor, "fit:upload", f"fit:{row.fit_id}", at=now, size=len(content))
    ring_after_commit(session, LOOK)
    return row.fit_id


def from_own(session: Session, *, wished: Wished, actor: Actor, now: datetime) -> UUID:
    """Have a card learnt from Koi's own leads."""
    row = _row("own", "waiting", "", wished, actor, now)
    session.add(row)
    audit.record(session, actor, "fit:learn", f"fit:{row.fit_id}", at=now, source="own")
    ring_after_commit(session, LEARN)
    return row.fit_id


def ask(session: Session, *, fit_id: UUID, wished: Wished, actor: Actor, now: datetime) -> None:
    """Have a card learnt from a file, or once more from the same in another way; a report that stood there goes.

    Raises:
        Missing: there is no such fit, or its file is gone.
        FitUnderWay: a worker has it.
    """
    row = _taken(session, fit_id)
    if row.source == "file" and row.file_key is None:
        raise Missing(fit=str(fit_id))
    if (row.state not in _ASKABLE and row.aside_at is None) or (row.source == "file" and row.columns is None):
        raise FitUnderWay(state=row.state)
    row.state, row.wishes, row.report, row.refusal, row.ended_at = "waiting", wished.as_json(), None, None, None
    row.asked_by, row.asked_at, row.aside_at = actor.name, now, None
    session.execute(delete(FitStep).where(FitStep.fit_id == fit_id))
    _remember(session, row.columns or (), wished, actor, now)
    audit.record(session, actor, "fit:learn", f"fit:{fit_id}", at=now, source=row.source)
    ring_after_commit(session, LEARN)


def stop(session: Session, *, fit_id: UUID, actor: Actor, now: datetime) -> None:
    """Stop a learning: at once when no worker has it, else at its next step. One that has ended stays as it is.

    Raises:
        Missing: there is no such fit.
    """
    audit.record(session, actor, "fit:stop", f"fit:{fit_id}", at=now)
    try:
        row: ScorecardFit | None = _taken(session, fit_id)
    except FitUnderWay:
        row = None
    if row is not None and row.state != "waiting":
        return
    asked = insert(FitStep).values(fit_id=fit_id, done=0, total=0, stop_by=actor.name)
    session.execute(asked.on_conflict_do_update(index_elements=["fit_id"], set_={"stop_by": actor.name}))
    if row is not None:
        row.state, row.ended_at, row.aside_at = "stopped", now, None


def stopped(session: Session, fit_id: UUID, *, now: datetime) -> None:
    """Keep that nothing was learnt because somebody stopped it."""
    row = session.get_one(ScorecardFit, fit_id)
    row.state, row.ended_at = "stopped", now


def looked(session: Session, fit_id: UUID, columns: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """Keep which columns a file has."""
    row = session.get_one(ScorecardFit, fit_id)
    row.state, row.columns, row.ended_at = "choosing", [dict(each) for each in columns], now


def refuse(session: Session, fit_id: UUID, code: str, params: Mapping[str, Any], *, now: datetime) -> None:
    """Keep why nothing can be learnt."""
    row = session.get_one(ScorecardFit, fit_id)
    row.state, row.refusal, row.ended_at = "refused", {"code": code, "params": dict(params)}, now


def learnt(session: Session, fit_id: UUID, report: Mapping[str, Any], *, now: datetime) -> None:
    """Keep the report."""
    row = session.get_one(ScorecardFit, fit_id)
    row.state, row.report, row.ended_at = "done", dict(report), now


def purge(session: Session, fit_id: UUID, key: str, files: FitFiles) -> None:
    """Remove a file that was kept long enough; what was learnt stays."""
    files.delete(key)
    row = session.get_one(ScorecardFit, fit_id)
    row.file_key = None
    if row.state in ("looking", "choosing"):
        row.state, row.refusal = "refused", {"code": "fit_refused.file_gone", "params": {}}


def _remember(
    session: Session, columns: Sequence[Mapping[str, Any]], wished: Wished, actor: Actor, now: datetime
) -> None:
    """Keep what each column was for the next file with one of that name."""
    rows = {
        plain(column["name"]): {
            "meaning": wished.meaning(column["name"]),
            "words": dict(wished.facts.get(column["name"], {}).get("words", {})),
            "by": actor.name,
            "at": now,
        }
        for column in columns
    }
    if not rows:
        return
    kept = insert(FitHeading).values([{"heading": heading, **row} for heading, row in sorted(rows.items())])
    changed = {name: kept.excluded[name] for name in ("meaning", "words", "by", "at")}
    session.execute(kept.on_conflict_do_update(index_elements=["heading"], set_=changed))


def _taken(session: Session, fit_id: UUID) -> ScorecardFit:
    """The row under its lock; nobody waits here for a worker, who may have it for a minute.

    Raises:
        Missing: there is none. FitUnderWay: a worker has it.
    """
    query = select(ScorecardFit).where(ScorecardFit.fit_id == fit_id).execution_options(populate_existing=True)
    row = session.scalars(query.with_for_update(key_share=True, skip_locked=True)).one_or_none()
    if row is not None:
        return row
    if (known := session.scalars(query).one_or_none()) is None:
        raise Missing(fit=str(fit_id))
    raise FitUnderWay(state=known.state)


def _row(source: str, state: str, name: str, wished: Wished, actor: Actor, now: datetime) -> ScorecardFit:
    return ScorecardFit(
        fit_id=new_id(now),
        source=source,
        state=state,
        file_name=name,
        wishes=wished.as_json(),
        asked_by=actor.name,
        asked_at=now,
        purge_at=now + KEPT,
    )
