"""The clock: every two seconds it rings for what is due, and works by itself while nobody answers."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
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
_UNANSWERED: Final = timedelta(seconds=15)
_SLICE_S: Final = 2.0
_LOG = logging.getLogger("koi.work")


@dataclass(frozen=True, slots=True)
class Tick:
    """What a tick found: drains with work due, and those of them that nobody has run for a while."""

    due: tuple[Drain, ...]
    unanswered: tuple[Drain, ...]


def run(settings: WorkerSettings) -> None:
    """The clock process: tick until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with at_work(settings) as place:
        beat(place, install(settings.redis_url), stop)


def beat(place: Place, bell: Doorbell, stop: threading.Event, *, every_s: float = EVERY_S) -> None:
    """Tick until told to stop; a tick that takes long makes the next come at once, not later and later."""
    for number, pause in enumerate(_beats(every_s)):
        if stop.wait(pause):
            return
        try:
            tick(place, bell, stop)
            if number % _MEASURED_EVERY == 0:
                measure(place)
        except (DBAPIError, WorkStopped) as error:
            _LOG.warning("tick: %s", type(error).__name__)


def tick(place: Place, bell: Doorbell, stop: threading.Event | None = None) -> Tick | None:
    """Ring for all drains with work due; do it here when Redis is away, or nobody has come for 15 s.

    Returns:
        None when another process is ticking.
    """
    found = look(place)
    if found is None:
        return None
    heard = bell.ring_now(*(drain.name for drain in found.due))
    for drain in found.unanswered if heard else found.due:
        runs.run(place, drain, Pace(slice_s=_SLICE_S, stop=stop.is_set if stop else lambda: False))
    return found


def look(place: Place) -> Tick | None:
    """Which drains have work due, read in one statement; None when another process is looking."""
    with place.transaction() as session:
        if not may_tick(session):
            return None
        now = now_of(session)
        due = tuple(_due(session, now))
        last = {} if not due else dict(session.execute(select(WorkRun.drain, WorkRun.last_at)).all())
    return Tick(due, tuple(drain for drain in due if now - (last.get(drain.name) or now) > _UNANSWERED))


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
