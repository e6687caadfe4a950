"""Breadcrumbs: which rows a worker had when it died.

A batch commits its breadcrumb beside its own transaction and deletes it within, so the breadcrumb of a living batch
is locked, that of a finished one is gone, and only that of a dead one lies open. The commit is not waited for: a
breadcrumb guards against rows that kill a process, not against the loss of the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from shared.db.batch import Column
from shared.platform.ids import new_id
from shared.work import tries
from shared.work.aside import PROCESS_DIED
from shared.work.drains import Drain
from shared.work.models import Breadcrumb
from shared.work.place import Place
from shared.work.taking import still_due, take

_DROP: Final = text(
    "INSERT INTO breadcrumbs (drain, run_id, row_ids, size, at)"
    " SELECT :drain, :run_id, to_jsonb(CAST(:ids AS uuid[])), :size, :at"
    " WHERE set_config('synchronous_commit', 'off', true) = 'off'"
)
_SWEEP: Final = text("DELETE FROM breadcrumbs WHERE drain = :drain AND run_id = :run_id")


@dataclass(frozen=True, slots=True)
class Suspects:
    """Rows that a dead worker had, and that still wait.

    Attributes:
        run_id: of the breadcrumb.
        ids: the rows to do again, in groups: halves of what the dead worker had.
    """

    run_id: UUID
    groups: tuple[tuple[UUID, ...], ...]


def drop(place: Place, drain: Drain, ids: Sequence[UUID], *, now: datetime) -> UUID:
    """Commit a breadcrumb; returns its id."""
    run_id = new_id(now)
    values = {"drain": drain.name, "run_id": run_id, "ids": Column(ids), "size": len(ids), "at": now}
    place.beside().execute(_DROP, values)
    return run_id


def guard(session: Session, drain: Drain, run_id: UUID) -> None:
    """Delete the breadcrumb in the batch's transaction: gone with the commit, locked until then."""
    session.execute(_SWEEP, {"drain": drain.name, "run_id": run_id})


def sweep(place: Place, drain: Drain, run_id: UUID) -> None:
    """Delete a breadcrumb whose rows were seen to."""
    place.beside().execute(_SWEEP, {"drain": drain.name, "run_id": run_id})


def left_behind(session: Session, drain: Drain, *, now: datetime) -> Suspects | None:
    """Rows of the smallest open breadcrumb; None, at the price of one statement, when no worker died.

    A row that was alone when its worker died has failed once more; the third time it is put aside.
    """
    for crumb in session.execute(_open(drain)).all():
        had = [UUID(key) for key in crumb.row_ids]
        due = drain.ids(take(session, drain, now=now, limit=crumb.size, only=had))
        if due:
            return _seen_to(session, drain, crumb.run_id, crumb.size, due, now=now)
        if not still_due(session, drain, now=now, only=had):  # else they are of a batch that has only just begun
            guard(session, drain, crumb.run_id)
    return None


def halves(ids: Sequence[UUID]) -> tuple[tuple[UUID, ...], ...]:
    """Two groups, or one when there is nothing to halve."""
    middle = (len(ids) + 1) // 2
    return tuple(group for group in (tuple(ids[:middle]), tuple(ids[middle:])) if group)


def _open(drain: Drain) -> Select[UUID, list[Any], int, datetime]:
    columns = (Breadcrumb.run_id, Breadcrumb.row_ids, Breadcrumb.size, Breadcrumb.at)
    smallest = select(*columns).where(Breadcrumb.drain == drain.name).order_by(Breadcrumb.size, Breadcrumb.at)
    return smallest.limit(10).with_for_update(skip_locked=True)


def _seen_to(
    session: Session, drain: Drain, run_id: UUID, size: int, due: tuple[UUID, ...], *, now: datetime
) -> Suspects | None:
    if size > 1:
        return Suspects(run_id, halves(due))
    guard(session, drain, run_id)
    if tries.failed(session, drain, due[0], PROCESS_DIED, now=now):
        return Suspects(run_id, ())
    return Suspects(run_id, (due,))
