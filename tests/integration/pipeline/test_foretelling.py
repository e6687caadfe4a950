"""What the desk foretells for tomorrow is what the router does then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from hq.desk import outlook, reach
from hq.routing.rules import RoutingRules
from shared.leads.models import Assignment, Lead
from shared.platform.clock import next_day_start
from tests import factories as make


@pytest.fixture
def rules(rows):
    """`rules(max_km=…)`: routing rules in force."""

    def put(**values):
        make.routing_rules(rows, **values)
        rows.commit()

    return put


def test_tomorrow_comes_as_it_was_foretold(world, store, rules):
    near, far = store(km=1, cap=2), store(km=9, cap=1)
    world.stores(near, far)
    rules(max_km=30)
    for n in range(12):
        world.sign_up(phone=f"1390000{n:04}", minutes=n)
    world.later(minutes=20)
    world.run("hq.qualify", "hq.route")
    for given in world.rows.scalars(select(Assignment)):
        world.claim(given)
    world.run("hq.settle")
    waiting = set(world.rows.scalars(select(Lead.lead_id).where(Lead.state == "waiting")))
    assert len(waiting) == 9
    told = outlook.reckon(world.rows, now=world.now)
    world.rows.rollback()
    assert sum(cell.tomorrow for cell in told.cells) == 3
    world.now = next_day_start(world.now) + timedelta(seconds=1)
    world.run("hq.route")
    given = world.rows.scalars(select(Assignment).where(Assignment.lead_id.in_(waiting))).all()
    assert {str(each.lead_id): str(each.store_id) for each in given} == {
        lead_id: store_id for lead_id, (store_id, _km) in told.chances.items()
    }
    assert told.load == {str(near.store_id): (2, 2), str(far.store_id): (1, 1)}


def test_rules_whose_reach_ends_before_every_store_leave_nobody(world, store, rules):
    world.stores(store(km=5))
    rules(max_km=30)
    world.sign_up(phone="13900000001")
    world.run("hq.qualify")
    short = reach.of(world.rows, RoutingRules(max_km=1).as_body(), now=world.now)
    assert (short.leads, short.out, short.before, short.nobody) == (1, 0, 1, True)
    usual = reach.of(world.rows, RoutingRules(max_km=30).as_body(), now=world.now)
    assert not usual.nobody
