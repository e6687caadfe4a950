"""A pool with stores around it: everything that comes in goes there."""

from __future__ import annotations

import pytest

from shared.dealers.hours import ALL_DAY
from tests import factories as make
from tests.integration.pipeline.pool.town import Town

POOL = {"strategy": "pool", "pool_km": 30.0, "pool_days": 3}


@pytest.fixture
def rules(rows):
    """`rules(pool_cool_minutes=…)`: routing rules in force, with everything going to the pool."""

    def put(**values):
        make.routing_rules(rows, **{**POOL, **values})
        rows.commit()

    return put


@pytest.fixture
def town(world, engines):
    return Town(world, engines["dealer"])


@pytest.fixture
def pooled(world):
    """`pooled(n)`: people who signed up and came into the pool, as ids of their leads."""

    def of(count=1, **said):
        number = world.numbers
        keys = [world.sign_up(phone=f"1390000{n:04}", minutes=n / 100, **said) for n in range(number, number + count)]
        world.run("hq.qualify", "hq.route")
        return [world.lead_of(key).lead_id for key in keys]

    return of


@pytest.fixture
def open_store(store):
    """`open_store(km=…)`: a store that is open day and night."""
    return lambda **values: store(**{"hours": ALL_DAY.to_json(), **values})
