"""A run: one drain, batch after batch, until nothing is due or the time slice is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from shared.db.session import now_of
from shared.work import breadcrumbs, tries
from shared.work.attempt import Busy, Done, Failed, Outcome, attempt
from shared.work.breadcrumbs import Suspects, halves
from shared.work.drains import Drain, find
from shared.work.models import WorkRun
from shared.work.place import Place

_RACES: Final = 3  # times that a batch is tried as a whole
_PAUSE_S: Final = 0.05
_GATHER_S: Final = 0.5  # no longer than this, however long a short batch took
_TURNS: Final = 3  # pauses before a single-flight drain is left to whoever runs it


def _never() -> bool:
    return False


def _nobody() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long a run stays.

    Attributes:
        slice_s: seconds after which it leaves although there is more.
        linger_s: seconds that it waits for stragglers after the last row: under steady work one run is cheaper
            than many short ones.
        stop: asked after each batch.
        call_help: called once when there is more than a batch.
    """

    slice_s: float = float("inf")
    linger_s: float = 0.0
    stop: Callable[[], bool] = _never
    call_help: Callable[[], None] = _nobody


@dataclass(slots=True)
class Ran:
    """What a run did. `more`: it left although there may be work; `failed`: rows left for another run."""

    rows: int = 0
    batches: int = 0
    aside: int = 0
    more: bool = False
    last_error: str | None = None
    failed: set[UUID] = field(default_factory=set)


def run(place: Place, drain: Drain, pace: Pace | None = None) -> Ran:
    """Do what is due.

    Raises:
        WorkStopped: the database is away, or refuses us; what was committed stays.
    """
    try:
        ran = _until_nothing_is_due(place, drain, pace or Pace())
        if ran.batches or ran.last_error:
            _write_down(place, drain, ran)
    finally:
        place.leave()
    return ran


def run_all(place: Place, *drains: str) -> int:
    """Run drains in this order until none of them finds anything more; returns how many rows were done.

    Raises:
        WorkStopped: see `run`.
    """
    total = 0
    while rows := sum(run(place, find(name)).rows for name in drains):
        total += rows
    return total


def _until_nothing_is_due(place: Place, drain: Drain, pace: Pace) -> Ran:
    ran = Ran()
    started = last_found = time.monotonic()
    turns, died = 0, False
    while True:
        began = time.monotonic()
        outcome = attempt(place, drain, without=ran.failed, thorough=died)
        died = died or isinstance(outcome, Suspects)
        if isinstance(outcome, Busy):
            turns += 1
        elif not isinstance(outcome, Done) or outcome.ids:
            _see_to(place, drain, outcome, ran)
            last_found = time.monotonic()
        waits = time.monotonic() - last_found < pace.linger_s and ran.rows > 0
        over = time.monotonic() - started > pace.slice_s or pace.stop()
        if over or _nothing_left(outcome, turns, waits=waits):
            ran.more = over and not _nothing_left(outcome, turns, waits=False)
            break
        if _idle(outcome):
            time.sleep(_PAUSE_S)
        elif waits and _is_short(drain, outcome):
            time.sleep(min(_GATHER_S, time.monotonic() - began))
        elif isinstance(outcome, Done) and ran.batches == 1 and len(outcome.ids) == drain.batch:
            pace.call_help()
    return ran


def _is_short(drain: Drain, outcome: Outcome) -> bool:
    """Whether there was less than a batch holds: what comes now is left to gather for as long as that one took, since a
    full batch costs hardly more. So a steady stream takes half of the time at most, and what it takes from others."""
    return isinstance(outcome, Done) and len(outcome.ids) < drain.batch


def _idle(outcome: Outcome) -> bool:
    return isinstance(outcome, Busy) or (isinstance(outcome, Done) and not outcome.ids)


def _nothing_left(outcome: Outcome, turns: int, *, waits: bool) -> bool:
    if isinstance(outcome, Busy):
        return turns > _TURNS
    return _idle(outcome) and not waits


def _see_to(place: Place, drain: Drain, outcome: Outcome, ran: Ran) -> None:
    if isinstance(outcome, Done):
        _count(ran, outcome)
    elif isinstance(outcome, Failed):
        _halve(place, drain, outcome, ran)
    elif isinstance(outcome, Suspects):
        for group in outcome.groups:
            _group(place, drain, group, ran)
        breadcrumbs.sweep(place, drain, outcome.run_id)


def _count(ran: Ran, done: Done) -> None:
    ran.rows += len(done.ids)
    ran.batches += 1
    ran.aside += done.aside


def _halve(place: Place, drain: Drain, failed: Failed, ran: Ran) -> None:
    """Do a failed batch again: as a whole when it lost a race, else in halves, down to the row."""
    outcome: Outcome = failed
    for turn in range(1, _RACES):
        if not (isinstance(outcome, Failed) and outcome.race):
            break
        time.sleep(_PAUSE_S * turn)
        outcome = attempt(place, drain, only=failed.ids)
    if isinstance(outcome, Done):
        _count(ran, outcome)
    elif isinstance(outcome, Failed) and len(outcome.ids) == 1:
        _blame(place, drain, outcome, ran)
    else:
        for group in halves(outcome.ids if isinstance(outcome, Failed) else failed.ids):
            _group(place, drain, group, ran)


def _group(place: Place, drain: Drain, ids: Sequence[UUID], ran: Ran) -> None:
    outcome = attempt(place, drain, only=ids)
    if isinstance(outcome, Failed):
        _halve(place, drain, outcome, ran)
    elif isinstance(outcome, Done) and outcome.ids:
        _count(ran, outcome)
        with place.transaction() as session:
            tries.forgive(session, drain, [key for key in outcome.ids if key not in ran.failed])


def _blame(place: Place, drain: Drain, failed: Failed, ran: Ran) -> None:
    """A row failed by itself: count it in a transaction of its own, and leave it for another run."""
    ran.failed.add(failed.ids[0])
    ran.last_error = f"{failed.reason['error']}: {failed.reason['message']}"
    with place.transaction() as session:
        put = tries.failed(session, drain, failed.ids[0], failed.reason, now=now_of(session))
    ran.aside += put


def _write_down(place: Place, drain: Drain, ran: Ran) -> None:
    new = insert(WorkRun).values(
        drain=drain.name, last_at=place.now or func.now(), rows=ran.rows, batches=ran.batches, last_error=ran.last_error
    )
    place.beside().execute(
        new.on_conflict_do_update(
            index_elements=["drain"],
            set_={
                "last_at": new.excluded.last_at,
                "rows": WorkRun.rows + ran.rows,
                "batches": WorkRun.batches + ran.batches,
                "last_error": new.excluded.last_error if ran.last_error else WorkRun.last_error,
            },
        )
    )
