"""Connections are shared by everybody; a tenant never is."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.db.session import make_engine, unit_of_work
from tests.architecture import pgbouncer
from tests.architecture.canaries import OTHER, OWN, plant

THREADS = 64
CONNECTIONS = 2
CHECKS, CHECKS_LONG = 3_000, 10_000
_TABLES = ("assignments", "holds", "customer_cards", "staff", "notifications", "pulls")


class _Stumble(Exception):
    """What goes wrong in the middle of somebody's request."""


@pytest.fixture
def planted(settings, superuser_url):
    """Two dealers' canaries, committed."""
    with psycopg.connect(superuser_url) as connection:
        plant(connection)
    return settings


@pytest.fixture
def checks(long_run):
    return CHECKS_LONG if long_run else CHECKS


def test_no_foreign_row_through_a_crowded_pool(planted, checks):
    engine = make_engine(planted.role_urls["dealer"], pool_size=CONNECTIONS)
    assert _crowd(engine, checks) == {"foreign": 0, "own_missing": 0, "checks": checks}


def test_no_foreign_row_through_pgbouncer_in_transaction_mode(planted, checks):
    with pgbouncer.before(planted.role_urls["dealer"], pool_size=CONNECTIONS) as url:
        engine = make_engine(url, pool_size=THREADS)
        assert _crowd(engine, checks) == {"foreign": 0, "own_missing": 0, "checks": checks}


def _crowd(engine, checks):
    engine.pool._timeout = 120  # two connections for 64 threads: waiting is the point
    seen: Counter[str] = Counter(foreign=0, own_missing=0, checks=0)
    with ThreadPoolExecutor(THREADS) as threads:
        for counted in threads.map(
            lambda seed: _client(engine, random.Random(seed), len(range(seed, checks, THREADS))), range(THREADS)
        ):
            seen.update(counted)
    engine.dispose()
    return seen


def _client(engine, rnd, share):
    seen: Counter[str] = Counter(foreign=0, own_missing=0, checks=0)
    for _ in range(share):
        tenant = rnd.choice((OWN, OTHER, None))
        try:
            with unit_of_work(engine, dealer_id=tenant) as session:
                if rnd.random() < 0.1:
                    raise _Stumble
                own, foreign = _look(session, rnd.choice(_TABLES), tenant)
                seen["foreign"] += foreign
                seen["own_missing"] += own != (tenant is not None)
                if rnd.random() < 0.05:
                    session.execute(text("SELECT 1 / 0"))
                if rnd.random() < 0.05:
                    raise _Stumble
        except (_Stumble, DBAPIError):
            continue
        finally:
            seen["checks"] += 1
    return seen


def _look(session, table, tenant):
    rows = session.execute(text(f"SELECT dealer_id FROM {table}")).scalars().all()
    return sum(row == tenant for row in rows), sum(row != tenant for row in rows)
