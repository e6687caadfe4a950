"""Whatever is killed in the middle of a batch: acknowledged is terminal, nothing is lost, nothing is done twice."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
import redis

from shared.platform.process import send
from tests.waiting import until
from tests.work.plant import Plant, running_plant

pytestmark = pytest.mark.alone

SMALL, FULL = 240, 2000
TERMINAL_S = 60.0


@pytest.fixture(scope="module")
def plant() -> Iterator[Plant]:
    with running_plant() as running:
        yield running


@pytest.fixture
def size(long_run: bool) -> int:
    """How many sign-ups a fault meets: 2,000 in the long run."""
    return FULL if long_run else SMALL


def nothing(plant: Plant) -> None:
    """No fault: what the others are compared with."""
    plant.in_a_batch()


def kill_web(plant: Plant) -> None:
    plant.in_a_batch()
    plant.kill("web")


def kill_a_web_process(plant: Plant) -> None:
    plant.in_a_batch()
    send(plant.children("web")[0], signal.SIGKILL)


def kill_the_worker(plant: Plant) -> None:
    plant.in_a_batch()
    plant.kill("worker")


def kill_the_work_horse(plant: Plant) -> None:
    for _ in range(3):
        plant.in_a_batch()
        for horse in plant.children("worker"):
            send(horse, signal.SIGKILL)
        if plant.books().pending == 0:
            break


def kill_the_clock(plant: Plant) -> None:
    plant.in_a_batch()
    plant.kill("ticker")


def kill_all_three(plant: Plant) -> None:
    plant.in_a_batch()
    for name in ("worker", "ticker", "web"):
        plant.kill(name)


def flush_redis(plant: Plant) -> None:
    plant.in_a_batch()
    with redis.Redis.from_url(plant.servers.valkey.url) as client:
        client.flushall()


def stop_postgres_at_once(plant: Plant) -> None:
    plant.in_a_batch()
    plant.servers.postgres.stop("immediate")
    threading.Event().wait(1)
    plant.servers.postgres.start()


FAULTS = [
    nothing,
    kill_web,
    kill_a_web_process,
    kill_the_worker,
    kill_the_work_horse,
    kill_the_clock,
    kill_all_three,
    flush_redis,
    stop_postgres_at_once,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_acknowledged_is_terminal(plant: Plant, size: int, fault: Callable[[Plant], None]):
    before = plant.books()
    plant.pause()
    told = plant.post([f"{fault.__name__}-{number}" for number in range(size)])
    waiting = plant.books()
    assert (waiting.acknowledged, waiting.pending) == (before.acknowledged + size, size)

    more = Later(plant, [f"{fault.__name__}-later-{number}" for number in range(size // 4)])
    plant.go_on()
    fault(plant)
    told |= more.told()

    all_terminal(plant)
    after = plant.books()
    assert after.acknowledged - before.acknowledged == len(told) == size + size // 4
    assert after.signups == after.acknowledged
    assert (after.pending, after.aside) == (0, 0)
    each_once(plant, told)


def test_the_api_takes_sign_ups_while_redis_is_away(plant: Plant, size: int, long_run: bool):
    before = plant.books()
    plant.servers.valkey.stop(kill=True)
    told = plant.post([f"redis-away-{number}" for number in range(size)])
    over = threading.Event()
    over.wait(10 if long_run else 2)
    until(lambda: plant.books().pending == 0, what="the clock to do it by itself", seconds=TERMINAL_S)
    plant.servers.valkey.start()
    told |= plant.post([f"redis-back-{number}" for number in range(size)])
    all_terminal(plant)
    assert plant.books().acknowledged - before.acknowledged == len(told) == 2 * size
    each_once(plant, told)


def test_the_workers_hear_the_bell_again_after_redis_was_away(plant: Plant):
    send(plant.pid("ticker"), signal.SIGSTOP)
    try:
        plant.post(["bell-1"])
        until(lambda: plant.books().pending == 0, what="a worker", seconds=15)
    finally:
        send(plant.pid("ticker"), signal.SIGCONT)


def test_the_books_were_right_at_every_moment(plant: Plant):
    assert len(plant.differences) > 50
    assert set(plant.differences) == {0}


class Later:
    """Sign-ups that come in while the fault happens."""

    def __init__(self, plant: Plant, people: list[str]) -> None:
        self._told: dict[str, str] = {}
        self._thread = threading.Thread(target=lambda: self._told.update(plant.post(people)))
        self._thread.start()

    def told(self) -> dict[str, str]:
        self._thread.join(120)
        assert not self._thread.is_alive()
        return self._told


def all_terminal(plant: Plant) -> None:
    """Every sign-up decided and every lead routed, within a minute."""

    def done() -> bool:
        try:
            return plant.books().pending == 0 and plant.scalar(_UNROUTED) == 0
        except psycopg.OperationalError:
            return False

    until(done, what="everything to be terminal", seconds=TERMINAL_S, every=0.2)


def each_once(plant: Plant, told: dict[str, str]) -> None:
    """Every id that a client was told is there, decided once, and no person has two open leads."""
    with plant.look() as connection:
        found = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE runs = 1), count(lead_id) FROM signups WHERE signup_id = ANY(%s)",
            (list(told.values()),),
        ).fetchone()
        decisions = connection.execute(
            "SELECT count(*), count(DISTINCT signup_id) FROM signup_decisions WHERE signup_id = ANY(%s)",
            (list(told.values()),),
        ).fetchone()
    people = len(told)
    assert found == (people, people, people)
    assert decisions == (people, people)
    assert plant.scalar("SELECT count(*) FROM work_tries WHERE aside_at IS NOT NULL") == 0
    assert plant.scalar(_TWO_LEADS) == 0
    assert plant.scalar(_TWO_OFFERS) == 0


_UNROUTED = "SELECT count(*) FROM leads WHERE state = 'waiting' AND due_at <= now()"
_TWO_LEADS = (
    "SELECT count(*) FROM (SELECT FROM leads WHERE closed_at IS NULL GROUP BY contact_id HAVING count(*) > 1) x"
)
_TWO_OFFERS = (
    "SELECT count(*) FROM (SELECT FROM assignments WHERE ended_at IS NULL GROUP BY lead_id HAVING count(*) > 1) x"
)
