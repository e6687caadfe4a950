"""Limits that headquarters raises for one day, and takes back."""

from __future__ import annotations

import pytest

from hq.desk import limits
from shared.db.session import unit_of_work
from shared.dealers.models import StoreDay
from shared.platform.clock import beijing_day
from tests import factories as make


@pytest.fixture
def full(world, store):
    """A store that takes ten a day, and has."""
    full = store(km=1, cap=10)
    world.stores(full)
    _day(world, full).taken = 10
    world.rows.commit()
    return full


@pytest.fixture
def act(world, rows, engines):
    """`act(limits.raise_today, …)`: headquarters acts, a second later each time; gives the moment."""
    hq = make.actor_of(rows, make.hq_user(rows))
    rows.commit()

    def do(call, *given, **named):
        world.later(seconds=1)
        with unit_of_work(engines["hq"]) as session:
            call(session, *given, actor=hq, now=world.now, **named)
        world.rows.expire_all()
        return world.now

    return do


def _day(world, store):
    return world.rows.get(StoreDay, (store.dealer_id, store.store_id, beijing_day(world.now)))


def test_what_is_raised_on_top_of_what_was_claimed_beyond_the_number_stays(world, full, act):
    first = act(limits.raise_today, {full.store_id: 2})
    _day(world, full).taken = 12
    world.rows.commit()
    act(limits.lower_again, at=first)
    act(limits.raise_today, {full.store_id: 3})
    world.run("hq.room")
    assert _day(world, full).cap == 15


def test_an_undo_that_is_sent_twice_takes_back_its_own_raise_only(world, full, act):
    act(limits.raise_today, {full.store_id: 10})
    second = act(limits.raise_today, {full.store_id: 10})
    act(limits.lower_again, at=second)
    act(limits.lower_again, at=second)
    assert (_day(world, full).cap, _day(world, full).raised) == (20, 10)


def test_a_store_without_a_limit_meanwhile_stays_without_one(world, full, act):
    raised = act(limits.raise_today, {full.store_id: 2})
    _day(world, full).cap = None
    world.rows.commit()
    act(limits.lower_again, at=raised)
    assert _day(world, full).cap is None
