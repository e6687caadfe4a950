"""What headquarters does with the open pool, and takes back."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import func, select, update

from hq.network.territories import service as territories
from hq.network.territories.holders import Holder
from hq.routing import many, service, undoing
from hq.routing.errors import PoolCannot, UndoTooLate
from hq.routing.pool import by_hand
from hq.routing.pool.reach import Stay
from shared.db.session import unit_of_work
from shared.leads.models import Lead
from shared.leads.pool import service as pool
from shared.leads.pool.models import PoolEntry
from shared.platform.ids import new_id
from tests import factories as make
from tests.waiting import until


@pytest.fixture
def act(world, rows, engines):
    """`act(service, …)`: headquarters acts, in a transaction of its own, a second later each time."""
    hq = make.actor_of(rows, make.hq_user(rows))
    rows.commit()

    def do(call, **given):
        world.later(seconds=1)
        with unit_of_work(engines["hq"]) as session:
            return call(session, actor=hq, now=world.now, **given)

    return do


@pytest.fixture
def desk(world, store, rows):
    """A lead on the desk, as a campaign that is given out by hand has it."""
    make.routing_rules(rows, strategy="desk", pool_km=30.0, pool_days=3, pool_cool_minutes=10)
    near = store(km=5)
    world.stores(near)
    lead_id = world.lead_of(decided(world, world.sign_up(phone="13900000000"))).lead_id
    world.near = near
    return lead_id


def decided(world, key):
    world.run("hq.qualify", "hq.route")
    return key


def state(world, lead_id):
    found = world.rows.get(Lead, lead_id, populate_existing=True)
    return found.state, found.state_reason.get("code")


def entry(world, lead_id):
    return world.rows.get(PoolEntry, lead_id, populate_existing=True)


def test_a_lead_of_the_desk_is_put_into_the_pool_and_taken_out_again(world, desk, act):
    act(by_hand.put_one, lead_id=desk)
    at = world.now
    assert state(world, desk) == ("pooled", "pool_hand")
    assert entry(world, desk).until == at + timedelta(days=3)
    act(undoing.undo, lead_id=desk, act="pool", at=at, keys=make.RING)
    assert state(world, desk) == ("desk", "by_hand")
    assert entry(world, desk) is None


def test_what_a_store_has_claimed_is_not_taken_out_by_an_undo(world, desk, act, rows, engines):
    act(by_hand.put_one, lead_id=desk)
    at = world.now
    world.later(minutes=10)
    actor = make.actor_of(rows, make.staff(rows, [world.near]))
    rows.commit()
    with unit_of_work(engines["dealer"], dealer_id=actor.dealer_id) as session:
        pool.claim(session, lead_id=desk, store_id=world.near.store_id, actor=actor, now=world.now)
    with pytest.raises(UndoTooLate):
        act(undoing.undo, lead_id=desk, act="pool", at=at, keys=make.RING)
    assert state(world, desk) == ("placed", "pool")


@pytest.mark.parametrize(
    ("taking", "named"),
    [
        (lambda act, lead_id: act(service.recall, lead_id=lead_id, reason="wrong_store"), "recall"),
        (lambda act, lead_id: act(many.recall, lead_ids=[lead_id], reason="wrong_store"), "recall"),
        (lambda act, lead_id: act(service.send_to_routing, lead_id=lead_id), "return"),
        (lambda act, lead_id: act(many.send_to_routing, lead_ids=[lead_id]), "return"),
        (lambda act, lead_id: act(service.recall, lead_id=lead_id, reason="no_store", close=True), "close"),
    ],
)
def test_what_was_taken_out_lies_there_again_with_the_times_that_it_had(world, desk, act, taking, named):
    act(by_hand.put_one, lead_id=desk)
    before = entry(world, desk)
    times = Stay(before.entered_at, before.open_from, before.until)
    taking(act, desk)
    at = world.now
    world.rows.expire_all()
    assert state(world, desk)[0] in ("desk", "waiting", "closed")
    assert world.rows.scalar(select(func.count()).select_from(PoolEntry)) == 0
    act(undoing.undo, lead_id=desk, act=named, at=at, keys=make.RING)
    assert state(world, desk) == ("pooled", "pool_hand")
    after = entry(world, desk)
    assert (after.entered_at, after.open_from, after.until) == times


def test_many_are_put_there_at_once_and_those_that_cannot_stay(world, desk, act):
    far = world.lead_of(decided(world, world.sign_up(phone="13900000001", region={"county_code": "110105"}))).lead_id
    found = act(by_hand.put, lead_ids=[desk, far, new_id(make.NOW)])
    assert (found.done, found.refused) == (1, {"too_far": 1, "not_free": 1})
    assert state(world, far) == ("desk", "by_hand")
    undone = act(many.undo, act="pool", at=world.now, keys=make.RING)
    assert (undone.done, state(world, desk)) == (1, ("desk", "by_hand"))
    with pytest.raises(PoolCannot) as refusal:
        act(by_hand.put_one, lead_id=far)
    assert refusal.value.params["why"] == "too_far"


def test_what_is_taken_out_to_the_rules_goes_to_a_store(world, desk, act):
    act(by_hand.put_one, lead_id=desk)
    act(service.send_to_routing, lead_id=desk)
    world.run("hq.route")
    assert state(world, desk)[0] == "placed"


def test_a_territory_that_goes_to_another_store_takes_along_what_lies_in_the_pool(world, store, rows, act):
    make.routing_rules(rows, strategy="pool", pool_km=30.0, pool_days=3)
    first, second = store(km=5), store(km=6)
    moved = make.territory(rows, first, mode="exclusive", divisions=["330106"])
    world.stores(first, second)
    lead_id = world.lead_of(decided(world, world.sign_up(phone="13900000000"))).lead_id
    entry = select(PoolEntry.store_ids, PoolEntry.until).where(PoolEntry.lead_id == lead_id)
    before = world.rows.execute(entry).one()
    to = Holder(second.dealer_id, second.store_id, second.code, second.name)
    act(territories.move, territory_id=moved.territory_id, seen=moved.changed_at.isoformat(), to=to)
    world.run("hq.pool")
    after = world.rows.execute(entry).one()
    assert (before.store_ids, after.store_ids) == ([first.store_id], [second.store_id])
    assert after.until == before.until


def test_a_territory_that_moves_while_the_pool_is_looked_at_is_followed_all_the_same(
    world, store, rows, race, superuser_url
):
    make.routing_rules(rows, strategy="pool", pool_km=30.0, pool_days=3)
    first, second = store(km=5), store(km=6)
    make.territory(rows, first, mode="exclusive", divisions=["330106"])
    world.stores(first, second)
    lead_id = world.lead_of(decided(world, world.sign_up(phone="13900000000"))).lead_id
    world.rows.execute(update(PoolEntry).values(due_at=world.now))
    world.rows.commit()
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(superuser_url, autocommit=True) as looker, psycopg.connect(superuser_url) as slow:
        slow.execute("SELECT FROM pool_entries FOR UPDATE")

        def side(name):
            if name == "drain":
                world.run("hq.pool")
                return
            until(lambda: looker.execute(waits).fetchone() == (1,), what="the drain to wait")
            mine = (second.dealer_id, second.store_id)
            slow.execute("UPDATE territories SET for_dealer_id = %s, for_store_id = %s, changed_at = now()", mine)
            slow.commit()

        race(side, ["drain", "territory"])
    stores = world.rows.scalar(select(PoolEntry.store_ids).where(PoolEntry.lead_id == lead_id))
    assert stores == [second.store_id]


def test_what_is_due_in_the_pool_already_is_due_again_after_a_territory_moved(world, store, rows, act):
    make.routing_rules(rows, strategy="pool", pool_km=30.0, pool_days=3)
    first, second = store(km=5), store(km=6)
    moved = make.territory(rows, first, mode="exclusive", divisions=["330106"])
    world.stores(first, second)
    lead_id = world.lead_of(decided(world, world.sign_up(phone="13900000000"))).lead_id
    world.rows.execute(update(PoolEntry).values(due_at=world.now))
    world.rows.commit()
    to = Holder(second.dealer_id, second.store_id, second.code, second.name)
    act(territories.move, territory_id=moved.territory_id, seen=moved.changed_at.isoformat(), to=to)
    assert world.rows.scalar(select(PoolEntry.due_at).where(PoolEntry.lead_id == lead_id)) == world.now
