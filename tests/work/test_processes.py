"""The worker with its work-horses, and the clock, as processes of their own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.platform.settings import Settings
from shared.work import drains, ticker, worker
from shared.work.doorbell import Doorbell
from shared.work.place import Place, at_work
from tests.waiting import until
from tests.work.conftest import NAME, PatientBell, Story

Counts = Callable[[], dict[str, int]]
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # from Python 3.12
_FORK = multiprocessing.get_context("fork")


@pytest.fixture
def start(settings: Settings) -> Iterator[Callable[..., multiprocessing.process.BaseProcess]]:
    """Start `run(settings)` in a child; it is gone after the test, with its children."""
    children: list[multiprocessing.process.BaseProcess] = []

    def begin(run: Callable[..., None], *more: object) -> multiprocessing.process.BaseProcess:
        child = _FORK.Process(target=run, args=(settings.worker(), *more))
        child.start()
        children.append(child)
        return child

    yield begin
    for child in children:
        if child.is_alive():
            for one in psutil.Process(child.pid).children(recursive=True):
                one.kill()
            child.kill()
        child.join(10)


def test_a_worker_does_what_is_rung_for_and_stops_on_sigterm(
    start, settings: Settings, story: Story, sign_up, counts: Counts
):
    listening = start(worker.run)
    sign_up(20)
    bell = PatientBell(settings.redis_url)
    bell.ring_now(NAME)
    until(lambda: counts() == {"decided": 20}, what="the sign-ups")
    sign_up(5)
    bell.ring_now(NAME)
    until(lambda: counts() == {"decided": 25}, what="the later ones")
    os.kill(listening.pid, signal.SIGTERM)
    listening.join(10)
    assert listening.exitcode == 0


def test_a_killed_work_horse_costs_nothing_but_its_batch(
    start, settings: Settings, story: Story, sign_up, counts: Counts, tmp_path: Path
):
    first = tmp_path / "first"

    def die_once(_session: Session, _batch: drains.Batch) -> None:
        if not first.exists():
            first.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    story.before.append(die_once)
    sign_up(30)
    start(worker.run)
    bell = PatientBell(settings.redis_url)
    bell.ring_now(NAME)
    until(first.exists, what="the death")
    until(lambda: bell.ring_now(NAME) and counts() == {"decided": 30}, what="the sign-ups", every=0.5)


def test_the_clock_rings_for_what_nobody_rang_for(start, story: Story, sign_up, counts: Counts):
    start(worker.run)
    start(ticker.run)
    sign_up(3)
    until(lambda: counts() == {"decided": 3}, what="the sign-ups")


def test_the_clock_works_by_itself_while_redis_is_away(
    place: Place, the_drain: drains.Drain, sign_up, counts: Counts, tmp_path: Path
):
    sign_up(600)
    ticker.tick(place, Doorbell(f"unix://{tmp_path}/nobody.sock"), ticker.Patience())
    assert counts() == {"decided": 600}


def test_the_clock_leaves_the_work_to_the_workers_while_redis_is_there(
    place: Place, settings: Settings, the_drain: drains.Drain, sign_up, counts: Counts
):
    sign_up(3)
    assert ticker.tick(place, PatientBell(settings.redis_url), ticker.Patience()) == (NAME,)
    assert counts() == {"received": 3}


def test_the_clock_works_by_itself_when_nobody_comes(
    place: Place, settings: Settings, the_drain: drains.Drain, sign_up, counts: Counts
):
    sign_up(3)
    bell, patience = PatientBell(settings.redis_url), ticker.Patience(limit_s=0.2)
    ticker.tick(place, bell, patience)
    assert counts() == {"received": 3}
    threading.Event().wait(0.25)
    ticker.tick(place, bell, patience)
    assert counts() == {"decided": 3}


def test_patience_begins_anew_when_a_drain_has_done_something(the_drain: drains.Drain):
    patience = ticker.Patience(limit_s=15)
    early, late = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
    assert not patience.spent([ticker.Waiting(the_drain, None)], clock_s=0)
    assert patience.spent([ticker.Waiting(the_drain, None)], clock_s=16) == (the_drain,)
    assert not patience.spent([ticker.Waiting(the_drain, early)], clock_s=17)
    assert not patience.spent([ticker.Waiting(the_drain, late)], clock_s=40)
    assert not patience.spent([], clock_s=50)
    assert not patience.spent([ticker.Waiting(the_drain, late)], clock_s=60)


def test_one_clock_at_a_time(settings: Settings, place: Place, the_drain: drains.Drain, worker_engine: Engine):
    with at_work(settings.worker()) as other, other.transaction() as session:
        assert ticker.may_tick(session)
        assert ticker.look(place) is None
    assert ticker.look(place) is not None


def test_the_clock_stops_on_sigterm_within_a_moment(start, story: Story):
    clock = start(ticker.run)
    threading.Event().wait(0.5)
    os.kill(clock.pid, signal.SIGTERM)
    clock.join(3)
    assert clock.exitcode == 0


def test_a_worker_without_redis_waits_for_it_and_stops_when_told(settings: Settings, tmp_path: Path):
    nowhere = replace(settings.worker(), redis_url=f"unix://{tmp_path}/nobody.sock")
    listening = _FORK.Process(target=worker.run, args=(nowhere,))
    listening.start()
    threading.Event().wait(1.5)
    assert listening.is_alive()
    os.kill(listening.pid, signal.SIGTERM)
    listening.join(5)
    assert listening.exitcode == 0


def test_an_idle_worker_stops_at_once_when_told(start):
    listening = start(worker.run)
    threading.Event().wait(2)
    os.kill(listening.pid, signal.SIGTERM)
    listening.join(3)
    assert listening.exitcode == 0
