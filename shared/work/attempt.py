"""One batch in one transaction, and what it means when that fails. The only catch-all of the code base is here."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.orm import Session

from shared.db.races import sqlstate
from shared.db.session import now_of
from shared.work import breadcrumbs, tries
from shared.work.aside import Reason, reason_of
from shared.work.breadcrumbs import Suspects
from shared.work.collector import collector_paused
from shared.work.drains import Batch, Drain
from shared.work.place import Place
from shared.work.taking import alone, take

_LOG = logging.getLogger("koi.work")

# Deadlock, serialization, lock not available, unique and foreign key violation: the loser of a race wins next time.
_RACES: Final = frozenset({"40P01", "40001", "55P03", "23505", "23503"})
_SLOW: Final = "57014"  # statement_timeout: perhaps one row's fault
# Connection, privileges and syntax, resources, operator, system: never a row's fault.
_NOBODYS: Final = ("08", "42", "53", "57", "58", "XX", "25")


@dataclass(frozen=True, slots=True)
class Done:
    """A committed batch: its rows, and how many of them were put aside."""

    ids: tuple[UUID, ...]
    aside: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """A batch that was rolled back; `race`: worth trying again as it is."""

    ids: tuple[UUID, ...]
    reason: Reason
    race: bool


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody else runs the single-flight drain."""


Outcome: TypeAlias = Done | Failed | Busy | Suspects


class WorkStopped(Exception):
    """The drain cannot run now: the database is away or refuses us. Names and places only, no values."""

    def __init__(self, drain: str, reason: Reason) -> None:
        super().__init__(f"{drain}: {reason['error']} ({reason['message']})")
        self.reason = reason


def attempt(
    place: Place,
    drain: Drain,
    *,
    only: Collection[UUID] | None = None,
    without: Collection[UUID] = (),
    thorough: bool = False,
) -> Outcome:
    """Do a batch, or the rows `only`, leaving out those in `without`.

    Args:
        thorough: look for what dead workers left also when nothing is due: some have died.

    Raises:
        WorkStopped: no row is to blame.
    """
    taken: list[UUID] = []
    crumbs: list[UUID] = []
    try:
        return _batch(place, drain, taken, crumbs, only=only, without=without, thorough=thorough)
    except Exception as error:  # noqa: BLE001 (whatever a batch raises is a row's fault until it was halved down to it)
        reason = reason_of(error)
        if not taken or _nobodys_fault(error):
            raise WorkStopped(drain.name, reason) from None  # the original quotes values
    for crumb in crumbs:
        breadcrumbs.sweep(place, drain, crumb)
    _LOG.warning("%s: batch of %d rolled back: %s", drain.name, len(taken), reason)
    return Failed(tuple(taken), reason, _is_race(reason))


def _batch(
    place: Place,
    drain: Drain,
    taken: list[UUID],
    crumbs: list[UUID],
    *,
    only: Collection[UUID] | None,
    without: Collection[UUID],
    thorough: bool,
) -> Outcome:
    with place.transaction() as session:
        if drain.single_flight and not alone(session, drain):
            return Busy()
        now = now_of(session)
        limit = drain.batch if only is None else len(only)
        batch = take(session, drain, now=now, limit=limit, only=only, without=without)
        looks = only is None and (batch or thorough)
        if looks and (suspects := breadcrumbs.left_behind(session, drain, now=now)):
            return suspects
        if not batch:
            return Done(())
        taken.extend(drain.ids(batch))
        crumbs.append(breadcrumbs.drop(place, drain, taken, now=now))
        breadcrumbs.guard(session, drain, crumbs[0])
        return Done(tuple(taken), _work(session, drain, batch))


def _work(session: Session, drain: Drain, batch: Batch) -> int:
    now = now_of(session)
    with collector_paused():
        aside = drain.function(session, batch, now)
    tries.put_aside(session, drain, aside, now=now)
    return len(aside)


def _is_race(reason: Reason) -> bool:
    return str(reason["message"])[:5] in _RACES


def _nobodys_fault(error: Exception) -> bool:
    if not isinstance(error, DBAPIError):
        return False
    code = sqlstate(error)
    if error.connection_invalidated or isinstance(error, InterfaceError) or (not code and _lost(error)):
        return True
    return code != _SLOW and code.startswith(_NOBODYS)


def _lost(error: DBAPIError) -> bool:
    return type(error.orig).__name__ == "OperationalError"
