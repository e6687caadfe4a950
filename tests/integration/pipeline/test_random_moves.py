"""Whatever stores, headquarters, workers and the clock do at once, and whoever of them is killed: what must always be
true is true at every snapshot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from hq.qualification.books import balance
from shared.dealers.capacity import open_days
from shared.dealers.hours import ALL_DAY
from shared.dealers.models import QuotaEntry
from shared.leads.models import CustomerCard, Hold
from shared.platform.clock import beijing_day
from shared.platform.settings import CHECKOUT
from shared.work.drains import find
from shared.work.runs import run
from tests import factories as make
from tests.integration.pipeline.movers import broken
from tests.working import at_work

_SETTLED = ("hq.settle", "hq.route", "hq.cards")


@pytest.fixture
def clients(world, town):
    """`clients(seed)`: a process of clients that move until it is killed, or done."""
    running = []

    def begin(seed, size):
        running.append(start(world.settings, town, seed=seed, **size))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def town(world, store, rows, long_run):
    """Stores of several dealers with little room, and people who signed up, all decided; as dealer and store ids."""
    now = rows.scalar(select(func.now()))
    world.now = now
    people, cap, week = (1500, 500, 700) if long_run else (40, 6, 9)
    stores = [store(km=number, cap=cap, weekly_capacity=week, hours=ALL_DAY.to_json()) for number in range(1, 9)]
    world.stores(*stores)
    claims, views = (120, 40) if long_run else (5, 3)  # not used up before the last client is killed
    rules = {"pool_claims_per_day": claims, "pool_views_per_day": views}
    make.routing_rules(rows, max_hops=1, after_hops="to_pool", **rules)
    for number in range(people):
        make.receipt(rows, world.signup(world.sign_up(phone=f"1390000{number:04}")))
    today = beijing_day(now)
    open_days(rows, first=today, last=today + timedelta(days=1))
    rows.commit()
    with at_work(world.settings.worker()) as place:
        for name in ("hq.qualify", "hq.route"):
            assert run(place, find(name)).last_error is None
    return [[str(each.dealer_id), str(each.store_id)] for each in stores]


def start(settings, town, *, seed, clients, moves):
    """A process of clients, which have begun."""
    environment = {
        "DATABASE_URL": settings.owner_url,
        "REDIS_URL": settings.redis_url,
        "KOI_SECRET_KEY": settings.secret_text,
        "KOI_VAR": str(settings.var),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.pipeline.movers"],
        env={**os.environ, **environment},
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdin.write(json.dumps({"clients": clients, "moves": moves, "seed": seed, "stores": town}) + "\n")
    process.stdin.flush()
    return process


def snapshot(engine):
    """What does not hold at one moment, and how many were claimed by then."""
    with Session(engine.execution_options(isolation_level="REPEATABLE READ")) as session:
        assert broken(session) == {}
        assert balance(session).difference == 0
        return session.scalar(select(func.count()).select_from(QuotaEntry).where(QuotaEntry.delta > 0))


def test_whatever_everybody_does_at_once_and_whoever_is_killed_the_books_are_right(
    world, clients, rows, _superuser_engine, long_run
):
    processes, kills, apart = (4, 12, 40) if long_run else (2, 1, 3)
    size = {"clients": 16, "moves": 1000} if long_run else {"clients": 4, "moves": 30}
    running = [clients(number, size) for number in range(processes)]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for number in range(kills):
        enough = snapshot(_superuser_engine) + apart
        while snapshot(_superuser_engine) < enough and running[0].poll() is None:
            pass
        running.pop(0).kill()
        running.append(clients(processes + number, size))
    done = Counter()
    for process in running:
        while process.poll() is None:
            snapshot(_superuser_engine)
        assert process.returncode == 0
        done += Counter(json.loads(process.stdout.read().replace("ready\n", "")))
    assert {"claim", "decline", "follow_up", "recalled", "returned", "time", "pool_claim"} <= set(done)
    _calm(world, rows)
    snapshot(_superuser_engine)


def _calm(world, rows):
    """Let the workers follow everything; then nothing is left to follow."""
    with at_work(world.settings.worker()) as place:
        for name in _SETTLED * 2:
            assert run(place, find(name)).last_error is None
    unsettled = text("SELECT count(*) FROM assignments WHERE settled_at IS DISTINCT FROM moved_at AND ended_at IS NULL")
    assert rows.scalar(unsettled) == 0
    held = rows.scalar(select(func.count()).select_from(Hold))
    assert rows.scalar(select(func.count()).select_from(CustomerCard)) >= held
    placed = "SELECT count(*) FROM assignments WHERE ended_at IS NULL AND stage IN ('claimed', 'contacted', 'won')"
    assert rows.scalar(text(placed)) == held
