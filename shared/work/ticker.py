"""The clock: every two seconds it rings for what is due, and works by itself while nobody answers."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.db.session import now_of
from shared.platform.settings import WorkerSettings
from shared.work import gauges, runs
from shared.work.attempt import WorkStopped
from shared.work.doorbell import Doorbell, install
from shared.work.drains import Drain, all_drains
from shared.work.models import WorkRun
from shared.work.place import Place, at_work
from shared.work.runs import Pace

EVERY_S: Final = 2.0
_MEASURED_EVERY: Final = 5  # ticks
_LOCK: Final = func.hashtextextended("tick", 0)
_PATIENCE_S: Final = 15.0
_SLICE_S: Final = 2.0
_LOG = logging.getLogger("koi.work")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A drain with work due; `last_at`: when it last did something."""

    drain: Drain
    last_at: datetime | None


class Patience:
    """How long each drain has had work due without doing any."""

    def __init__(self, limit_s: float = _PATIENCE_S) -> None:
        self._limit_s = limit_s
        self._since: dict[str, tuple[datetime | None, float]] = {}

    def spent(self, due: Sequence[Waiting], *, clock_s: float) -> tuple[Drain, ...]:
        """The drains that nobody has answered for; `clock_s` is any steady clock."""
        seen = {each.drain.name: self._seen(each, clock_s) for each in due}
        self._since = seen
        return tuple(each.drain for each in due if clock_s - seen[each.drain.name][1] > self._limit_s)

    def _seen(self, each: Waiting, clock_s: float) -> tuple[datetime | None, float]:
        before = self._since.get(each.drain.name)
        return before if before is not None and before[0] == each.last_at else (each.last_at, clock_s)


def run(settings: WorkerSettings) -> None:
    """The clock process: tick until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with at_work(settings) as place:
        beat(place, install(settings.redis_url), stop)


def beat(place: Place, bell: Doorbell, stop: threading.Event, *, every_s: float = EVERY_S) -> None:
    """Tick until told to stop; a tick that takes long makes the next come at once, not later and later."""
    patience = Patience()
    for number, pause in enumerate(_beats(every_s)):
        if stop.wait(pause):
            return
        try:
            tick(place, bell, patience, stop=stop.is_set)
            if number % _MEASURED_EVERY == 0:
                measure(place)
        except (DBAPIError, WorkStopped) as error:
            _LOG.warning("tick: %s", type(error).__name__)


def tick(
    place: Place, bell: Doorbell, patience: Patience, *, stop: Callable[[], bool] = lambda: False
) -> tuple[str, ...] | None:
    """Ring for all drains with work due; do it here when Redis is away, or when nobody comes.

    Returns:
        the names of the drains with work due; None when another process is ticking.
    """
    due = look(place)
    if due is None:
        return None
    heard = bell.ring_now(*(each.drain.name for each in due))
    unanswered = patience.spent(due, clock_s=time.monotonic())
    for drain in unanswered if heard else tuple(each.drain for each in due):
        runs.run(place, drain, Pace(slice_s=_SLICE_S, stop=stop))
    return tuple(each.drain.name for each in due)


def look(place: Place) -> tuple[Waiting, ...] | None:
    """The drains that have work due; None when another process is looking. Three statements, four when there is any."""
    with place.transaction() as session:
        if not may_tick(session):
            return None
        due = tuple(_due(session, now_of(session)))
        runs_of = dict(session.execute(select(WorkRun.drain, WorkRun.last_at)).all()) if due else {}
    return tuple(Waiting(drain, runs_of.get(drain.name)) for drain in due)


def measure(place: Place) -> None:
    """Write down what waits, for the metrics."""
    with place.transaction() as session:
        if may_tick(session):
            gauges.write_down(session, now=now_of(session))


def may_tick(session: Session) -> bool:
    """Whether this transaction is the one that ticks now: true for one at a time, until it ends."""
    return bool(session.execute(select(func.pg_try_advisory_xact_lock(_LOCK))).scalar_one())


def _due(session: Session, now: datetime) -> Iterator[Drain]:
    drains = all_drains()
    if not drains:
        return
    waits = [drain.due(now).order_by(None).limit(1).exists() for drain in drains]
    answer = session.execute(select(*waits)).one()
    yield from (drain for drain, has_work in zip(drains, answer, strict=True) if has_work)


def _beats(every_s: float) -> Iterator[float]:
    """Seconds to wait before each tick."""
    following = time.monotonic()
    while True:
        following += every_s
        pause = following - time.monotonic()
        if pause < 0:
            following, pause = time.monotonic(), 0.0
        yield pause
