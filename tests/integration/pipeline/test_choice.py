"""What the choice of a store weighs besides distance, and what it remembers, through the real drains."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

import hq.routing.prices.jobs  # noqa: F401 (declares its drain)
from hq.routing.models import StoreTurn
from hq.routing.prices.models import PriceRun
from hq.routing.prices.queries import newest
from shared.dealers.models import StoreFigure
from shared.leads.models import Lead
from shared.platform.clock import BEIJING
from shared.work.models import WorkRun
from tests import factories as make


@pytest.fixture
def rules(rows):
    """`rules(price_percent=…)`: routing rules in force."""

    def put(**values):
        make.routing_rules(rows, **values)
        rows.commit()

    return put


def routed(world, *keys):
    world.run("hq.qualify", "hq.route")
    return [world.assignments(world.lead_of(key).lead_id)[-1] for key in keys]


def test_turns_are_kept_from_run_to_run_whatever_members_come_and_go(world, store, rows):
    first, second = store(cap=None), store(cap=None)
    world.stores(first, second)
    got = []
    for number in range(5):
        if number == 2:
            first.status = "paused"
            rows.commit()
        if number == 3:
            first.status = "active"
            rows.commit()
        (given,) = routed(world, world.sign_up(phone=f"1390000{number:04}"))
        got.append(given.store_id)
    assert {*got[:2]} == {first.store_id, second.store_id}
    assert got[2:4] == [second.store_id, first.store_id]
    turns = dict(world.rows.execute(select(StoreTurn.store_id, StoreTurn.turn)).all())
    assert sum(turns.values()) == 5


def test_weights_share_leads_as_one_to_three(world, store):
    light, heavy = store(cap=None), store(cap=None, weight=3)
    world.stores(light, heavy)
    given = routed(world, *(world.sign_up(phone=f"1390000{n:04}", minutes=n / 100) for n in range(8)))
    assert [each.store_id for each in given].count(heavy.store_id) == 6


def test_somebody_whose_last_lead_a_store_lost_comes_back_to_it(world, store, rules):
    near, before = store(km=1, status="paused"), store(km=40)
    world.stores(near, before)
    rules(protect_days=30)
    (given,) = routed(world, world.sign_up(phone="13900000001"))
    near.status = "active"
    world.claim(given)
    world.move(given, "lost", minutes=2)
    world.later(minutes=5)
    world.run("hq.settle")
    world.later(days=3)
    (again,) = routed(world, world.sign_up(phone="13900000001"))
    assert (again.store_id, again.offer["why"]) == (before.store_id, {"code": "returning"})
    assert again.lead_id != given.lead_id


def test_a_store_that_cannot_sell_what_is_wanted_is_passed_over(world, store, rows):
    make.series(rows, "M9", "锦程 M9")
    make.series(rows, "S1", "锦程 S1")
    near, far = store(km=1, series=["M9"]), store(km=9, series=["S1"])
    world.stores(near, far)
    (given,) = routed(world, world.sign_up(phone="13900000001", interest={"model": "锦程S1 Pro"}))
    assert given.store_id == far.store_id


def test_a_store_that_opens_later_is_worth_less_at_night(world, store, rules):
    world.now = world.now.astimezone(BEIJING).replace(hour=22)
    late = {day: ["14:00-20:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    early = {day: ["08:00-18:00"] for day in late}
    near, next_one = store(km=1, hours=late), store(km=5, hours=early)
    world.stores(near, next_one)
    rules(km_per_hour=1)
    (given,) = routed(world, world.sign_up(phone="13900000001"))
    assert (given.store_id, given.offer["why"]) == (next_one.store_id, {"code": "best"})


def test_room_that_people_without_another_store_will_need_is_spared(world, store, rules):
    """Every day two people come from Hangzhou, between both stores, and one from beside the lonely one."""
    town, lonely = store(km=12, cap=3), store(km=-10, cap=1)
    world.stores(town, lonely)
    rules(price_percent=100, max_km=30)
    far = {"lng": lonely.lng, "lat": lonely.lat - 0.2, "coord_sys": "WGS-84"}
    for day in range(3):
        for n in range(3):
            world.sign_up(phone=f"139{day}000{n:04}", region=far if n == 2 else {"county_code": "330106"})
        world.run("hq.qualify")
        world.later(days=1)
    world.now = world.now.astimezone(BEIJING).replace(hour=0, minute=5)
    for lead in world.rows.scalars(select(Lead)):
        lead.state, lead.closed_at = "closed", world.now
    world.rows.commit()
    world.run("hq.prices")
    run_id, prices = newest(world.rows)
    assert prices[str(lonely.store_id)] > 3
    assert str(town.store_id) not in prices
    (given,) = routed(world, world.sign_up(phone="13911110000"))
    assert given.store_id == town.store_id
    last = world.rows.scalars(select(PriceRun).where(PriceRun.run_id == run_id)).one()
    assert (last.room, last.scarce, last.next_at) == (4, 1, world.now + timedelta(minutes=1))


def test_room_costs_nothing_to_people_who_could_not_use_it_anyway(world, store, rows, rules):
    """Six people want what only the farther store sells; the nearer one has room for two."""
    make.series(rows, "M9", "锦程 M9")
    make.series(rows, "S1", "锦程 S1")
    only, other = store(km=20, cap=9, series=["S1"]), store(km=1, cap=2, series=["M9"])
    world.stores(only, other)
    rules(price_percent=100, max_km=30)
    for n in range(6):
        world.sign_up(phone=f"1390000{n:04}", interest={"model": "锦程S1"})
    world.run("hq.qualify")
    world.later(days=1)
    world.now = world.now.astimezone(BEIJING).replace(hour=0, minute=5)
    for lead in world.rows.scalars(select(Lead)):
        lead.state, lead.closed_at = "closed", world.now
    world.rows.commit()
    world.run("hq.prices")
    assert dict(newest(world.rows)[1]) == {}


def test_a_store_that_claims_in_time_is_worth_kilometres_as_soon_as_it_was_reckoned(world, store, rules):
    slow, quick = store(km=1), store(km=4)
    world.stores(slow, quick)
    rules(km_for_record=20)
    (before,) = routed(world, world.sign_up(phone="13900000001"))
    assert before.store_id == slow.store_id
    said = {"measure": "in_time", "whole": 100, "reckoned_at": world.now}
    for each, part in ((slow, 10), (quick, 95)):
        world.rows.add(StoreFigure(dealer_id=each.dealer_id, store_id=each.store_id, part=part, **said))
    world.rows.add(WorkRun(drain="hq.benchmarks", last_at=world.now, rows=2, batches=1))
    world.rows.commit()
    (after,) = routed(world, world.sign_up(phone="13900000002"))
    assert (after.store_id, after.offer["why"]) == (quick.store_id, {"code": "best"})


def test_prices_are_reckoned_anew_every_minute(world, store, rules):
    world.stores(store())
    rules(price_percent=100)
    found = []
    for _minute in range(3):
        world.run("hq.prices")
        found.append(newest(world.rows)[0])
        world.later(minutes=1)
    assert len(set(found)) == 3


def test_prices_are_not_reckoned_where_the_rules_do_not_use_them(world, store, rules):
    world.stores(store())
    rules(price_percent=0)
    assert world.run("hq.prices").rows == 0


def test_of_several_stores_that_are_offered_a_lead_the_first_to_claim_has_it_and_the_others_keep_their_room(
    world, store, rules
):
    stores = [store(km=km, cap=1) for km in (1, 2, 3, 4)]
    world.stores(*stores)
    rules(by_campaign={world.campaign.code: {"strategy": "several", "several_stores": 3}})
    key = world.sign_up(phone="13900000001")
    routed(world, key)
    given = world.assignments(world.lead_of(key).lead_id)
    assert {each.store_id for each in given} == {each.store_id for each in stores[:3]}
    assert [(each.offer["stores"], each.hop) for each in given] == [(3, 1)] * 3
    world.claim(given[1])
    world.later(minutes=2)
    world.run("hq.settle")
    assert sorted(world.stages(world.lead_of(key).lead_id)) == ["claimed", "taken", "taken"]
    again = world.sign_up(phone="13900000002")
    routed(world, again)
    others = {each.store_id for each in given} - {given[1].store_id}
    assert others < {each.store_id for each in world.assignments(world.lead_of(again).lead_id)}


@pytest.mark.parametrize(("counts", "state"), [("offers", "waiting"), ("claims", "placed")])
def test_the_rules_say_whether_what_a_store_let_go_counts_for_its_day(world, store, rules, counts, state):
    world.stores(store(cap=1))
    rules(counts=counts)
    (given,) = routed(world, world.sign_up(phone="13900000001"))
    world.move(given, "declined")
    world.later(minutes=2)
    second = world.sign_up(phone="13900000002")
    world.run("hq.settle", "hq.qualify", "hq.route")
    assert world.lead_of(second).state == state
