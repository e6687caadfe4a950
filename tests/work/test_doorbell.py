"""Ringing is cheap, kept together, never lost while a job runs, and harmless while Redis is away."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from rq import Queue, SimpleWorker
from sqlalchemy.orm import Session

from shared.db.session import unit_of_work
from shared.platform.settings import Settings
from shared.work import doorbell, drains, jobs
from shared.work.doorbell import QUEUE, Doorbell, ring_after_commit
from tests.waiting import until
from tests.work.conftest import NAME, PatientBell, Story


@pytest.fixture
def client(settings: Settings) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.redis_url) as connection:
        yield connection


@pytest.fixture
def queue(client: redis.Redis) -> Queue:
    return Queue(QUEUE, connection=client, serializer="json")


@pytest.fixture
def bell(settings: Settings) -> Iterator[Doorbell]:
    yield doorbell.install(settings.redis_url, PatientBell)
    doorbell.flush()
    doorbell.remove()


@pytest.fixture
def work_once(settings: Settings, client: redis.Redis, queue: Queue) -> Callable[[], None]:
    """One job, in this process."""
    jobs.prepare(settings.worker())

    def work() -> None:
        SimpleWorker([queue], connection=client, serializer="json").work(burst=True, max_jobs=1, logging_level="ERROR")

    return work


@pytest.fixture
def dead_bell(tmp_path: Path) -> Doorbell:
    """Its Redis is not there."""
    return Doorbell(f"unix://{tmp_path}/nobody.sock")


def test_a_thousand_rings_are_one_job_that_holds_nothing_but_the_drains_name(bell: Doorbell, queue: Queue):
    for _ in range(1000):
        bell.ring(NAME)
    bell.flush()
    time.sleep(0.1)
    assert queue.count == 1
    job = queue.jobs[0]
    assert (job.func_name, list(job.args), job.kwargs) == (doorbell.JOB, [NAME], {})
    assert job.id.startswith("test-decide-")
    assert not job.id.strip("abcdefghijklmnopqrstuvwxyz0123456789-_")


def test_two_drains_are_two_jobs(bell: Doorbell, queue: Queue):
    assert bell.ring_now("test.one", "test.two")
    assert queue.count == 2


def test_the_thread_carries_a_ring_by_itself(bell: Doorbell, queue: Queue):
    bell.ring(NAME)
    until(lambda: queue.count == 1, what="the ring to arrive", seconds=2)


def test_a_ring_while_the_job_runs_is_heard_by_another_job(
    bell: Doorbell, queue: Queue, story: Story, sign_up, work_once
):
    sign_up(2)
    heard: list[bool] = []

    def somebody_rings(_session: Session, _batch: drains.Batch) -> None:
        if not heard:
            heard.append(PatientBell(bell.url).ring_now(NAME))

    story.before.append(somebody_rings)
    bell.ring_now(NAME)
    work_once()
    assert heard == [True]
    assert queue.count == 1
    work_once()
    assert queue.count == 0


def test_a_lost_job_silences_its_drain_for_three_seconds_at_most(bell: Doorbell, queue: Queue, client: redis.Redis):
    bell.ring_now(NAME)
    queue.empty()
    assert bell.ring_now(NAME)
    assert queue.count == 0
    assert 0 < client.pttl(f"koi:rung:{NAME}") <= 3000
    client.flushall()
    assert bell.ring_now(NAME)
    assert queue.count == 1


def test_jobs_do_not_pile_up_when_nobody_works(bell: Doorbell, queue: Queue, client: redis.Redis):
    for _ in range(80):
        bell.ring_now(NAME)
        client.delete(f"koi:rung:{NAME}")
    assert queue.count == 64


def test_ringing_without_redis_costs_nothing_and_says_so_when_asked(dead_bell: Doorbell):
    started = time.perf_counter()
    for _ in range(1000):
        dead_bell.ring(NAME)
    assert time.perf_counter() - started < 0.5
    assert not dead_bell.ring_now(NAME)


def test_a_redis_that_hangs_is_waited_for_50_ms_once_a_second(tmp_path: Path):
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "deaf.sock"))
        deaf.listen()
        bell = Doorbell(f"unix://{tmp_path}/deaf.sock")
        started = time.perf_counter()
        assert not any(bell.ring_now(NAME) for _ in range(100))
        assert 0.04 < time.perf_counter() - started < 1.0


def test_the_bell_rings_after_the_commit_and_not_before(bell: Doorbell, queue: Queue, worker_engine):
    with unit_of_work(worker_engine) as session:
        ring_after_commit(session, NAME)
        with session.begin_nested():
            session.connection()
        bell.flush()
        assert queue.count == 0
    bell.flush()
    until(lambda: queue.count == 1, what="the ring", seconds=2)


def test_a_rollback_rings_nothing(bell: Doorbell, queue: Queue, worker_engine):
    def fail() -> None:
        with unit_of_work(worker_engine) as session:
            ring_after_commit(session, NAME)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    time.sleep(0.1)
    assert queue.count == 0


def test_a_job_that_finds_nothing_leaves_nothing_in_redis(
    bell: Doorbell, queue: Queue, client: redis.Redis, story: Story, work_once
):
    bell.ring_now(NAME)
    work_once()
    assert not client.keys("rq:job:*")
    assert not client.keys("koi:rung:*")
