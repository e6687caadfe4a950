"""What a ring leads to: one run of one drain, in RQ's work-horse."""

from __future__ import annotations

from typing import Final

from shared.platform.settings import WorkerSettings
from shared.work import doorbell
from shared.work.drains import find
from shared.work.place import at_work
from shared.work.runs import Pace, run

_SLICE_S: Final = 5.0
_LINGER_S: Final = 0.1

_SETTINGS: list[WorkerSettings] = []


def prepare(settings: WorkerSettings) -> None:
    """Tell the jobs of this process, and of those it forks, where they work."""
    _SETTINGS[:] = [settings]


def answer(drain: str) -> None:
    """Do what is due in a drain, for a slice of time; ring again when there is more."""
    settings = _SETTINGS[0]
    bell = doorbell.install(settings.redis_url)
    bell.answered(drain)
    work = find(drain)

    def call_help() -> None:
        if not work.single_flight:
            bell.ring_now(drain)

    with at_work(settings) as place:
        ran = run(place, work, Pace(slice_s=_SLICE_S, linger_s=_LINGER_S, call_help=call_help))
    if ran.more:
        bell.ring_now(drain)
    bell.flush()  # the work-horse ends without waiting for the bell's thread
