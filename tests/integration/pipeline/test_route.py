"""From leads to offers."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from hq.routing.waking import wake
from shared.contacts.crypto import Vault
from shared.dealers.models import Store
from shared.leads.cards import Card, open_card
from shared.leads.models import CustomerCard, Lead
from shared.notifications.models import Notification
from shared.platform.clock import BEIJING
from tests import factories as make
from tests.working import at_work


def people(world, count, *, start=0, **said):
    return [world.sign_up(phone=f"1390000{n:04}", minutes=n / 100, **said) for n in range(start, start + count)]


def stores_of(world, keys):
    return [world.assignments(world.lead_of(key).lead_id)[-1].store_id for key in keys]


def test_the_nearest_store_with_room_is_offered_the_lead_with_a_deadline_and_a_sealed_card(world, store):
    near, far = store(km=2, cap=1), store(km=9)
    world.stores(near, far)
    first, second = people(world, 2)
    world.run("hq.qualify", "hq.route")
    assert stores_of(world, (first, second)) == [near.store_id, far.store_id]
    (assignment,) = world.assignments(world.lead_of(first).lead_id)
    assert assignment.deadline_at == world.now + timedelta(minutes=30)
    assert assignment.offer["phone"] == "139****0000"
    assert assignment.offer["district"] == "杭州市 西湖区"
    assert assignment.offer["why"] == {"code": "nearest"}
    place = {"dealer_id": assignment.dealer_id, "assignment_id": assignment.assignment_id}
    sealed = world.rows.scalar(select(CustomerCard.sealed).filter_by(**place))
    assert open_card(Vault(make.RING.cards, 1), sealed, **place) == Card("陈小明", ("+8613900000000",))
    told = world.rows.scalar(select(Notification).where(Notification.store_id == near.store_id))
    assert (told.kind, told.details["assignment_id"]) == ("offered", str(assignment.assignment_id))
    assert world.lead_of(first).state == "placed"


def test_a_store_whose_week_is_full_is_passed_over_though_its_day_has_room(world, store):
    near, far = store(km=2, cap=9, weekly_capacity=2), store(km=9)
    make.open_day(world.rows, near, day=make.NOW.date() - timedelta(days=1), taken=1)
    world.stores(near, far)
    first, second = people(world, 2)
    world.run("hq.qualify", "hq.route")
    assert stores_of(world, (first, second)) == [near.store_id, far.store_id]


def test_the_scanned_store_goes_before_distance(world, store):
    near, scanned = store(km=1), store(km=80)
    world.stores(near, scanned)
    (key,) = people(world, 1, touchpoint="store_qr", store_code=scanned.code)
    world.run("hq.qualify", "hq.route")
    assert stores_of(world, [key]) == [scanned.store_id]


def test_a_person_who_named_no_place_goes_to_the_store_that_was_scanned_else_to_the_desk(world, store):
    scanned = store()
    world.stores(scanned)
    (here,) = people(world, 1, region={}, touchpoint="store_qr", store_code=scanned.code)
    (nowhere,) = people(world, 1, start=1, region={})
    world.run("hq.qualify", "hq.route")
    assert stores_of(world, [here]) == [scanned.store_id]
    lead = world.lead_of(nowhere)
    assert (lead.state, lead.state_reason) == ("desk", {"code": "no_place"})
    (told,) = world.rows.scalars(select(Notification).where(Notification.audience == "hq"))
    assert (told.kind, told.details["lead_id"]) == ("desk", str(lead.lead_id))


def test_two_equal_stores_and_thirty_single_leads_share_fifteen_each(world, store):
    stores = [store(), store()]
    world.stores(*stores)
    keys = []
    for n in range(30):
        keys += people(world, 1, start=n)
        world.run("hq.qualify", "hq.route")
        world.later(seconds=30)
    got = stores_of(world, keys)
    assert [got.count(each.store_id) for each in stores] == [15, 15]


def test_without_room_leads_wait_and_go_out_the_next_day_the_best_first(world, store):
    only = store(cap=1)
    world.stores(only)
    good = people(world, 2)
    (best,) = people(world, 1, start=2, actions={"visited_store": True})
    world.run("hq.qualify", "hq.route")
    states = [world.lead_of(key).state for key in (*good, best)]
    assert sorted(states) == ["placed", "waiting", "waiting"]
    waiting = [key for key in (*good, best) if world.lead_of(key).state == "waiting"]
    assert {world.lead_of(key).state_reason["code"] for key in waiting} == {"no_room"}
    assert world.lead_of(waiting[0]).due_at == datetime(2026, 11, 21, tzinfo=BEIJING)
    assert world.run("hq.route").rows == 0
    world.now = datetime(2026, 11, 21, 9, 0, tzinfo=BEIJING)
    world.run("hq.settle", "hq.route")
    assert [world.lead_of(key).state for key in waiting].count("placed") == 1
    assert world.story(world.lead_of(waiting[1]).lead_id).count("waiting") == 1


def test_a_higher_daily_number_wakes_the_leads_that_wait_near(world, store, rows):
    only = store(cap=1)
    world.stores(only)
    keys = people(world, 2)
    world.run("hq.qualify", "hq.route")
    rows.get(Store, (only.dealer_id, only.store_id)).daily_capacity = 5
    rows.commit()
    assert world.run("hq.room").rows == 1
    world.run("hq.route")
    assert [world.lead_of(key).state for key in keys] == ["placed", "placed"]
    assert world.run("hq.room").rows == 0


def test_room_far_away_wakes_nobody(world, store):
    only = store(cap=0)
    world.stores(only)
    (key,) = people(world, 1)
    world.run("hq.qualify", "hq.route")
    with at_work(world.settings.worker(), now=world.now) as place, place.transaction() as session:
        wake(session, [(only.lng + 10, only.lat)], km=300, now=world.now)
    assert world.lead_of(key).due_at > world.now
    with at_work(world.settings.worker(), now=world.now) as place, place.transaction() as session:
        wake(session, [(only.lng + 1, only.lat)], km=300, now=world.now)
    assert world.lead_of(key).due_at == world.now


def test_a_store_is_offered_at_most_its_daily_number_even_if_it_declines(world, store):
    only = store(cap=2)
    world.stores(only)
    keys = people(world, 4)
    world.run("hq.qualify", "hq.route")
    placed = [world.lead_of(key).lead_id for key in keys if world.lead_of(key).state == "placed"]
    assert len(placed) == 2
    world.move(world.assignments(placed[0])[0], "declined")
    world.later(minutes=2)
    world.run("hq.settle", "hq.route")
    assert sum(len(world.assignments(world.lead_of(key).lead_id)) for key in keys) == 2


def test_no_lead_goes_to_a_dealer_whom_the_person_did_not_name(world, store):
    foreign, named = store(km=1), store(km=50)
    world.stores(named)
    (key,) = people(world, 1)
    world.run("hq.qualify", "hq.route")
    assert stores_of(world, [key]) == [named.store_id]
    assert foreign.store_id not in stores_of(world, [key])


@pytest.mark.parametrize("standing", ["paused", "closed"])
def test_a_store_that_is_not_open_for_leads_gets_none(world, store, standing):
    shut, other = store(km=1, status=standing), store(km=40)
    world.stores(shut, other)
    (key,) = people(world, 1)
    world.run("hq.qualify", "hq.route")
    assert stores_of(world, [key]) == [other.store_id]


def test_a_store_out_of_reach_is_a_case_for_headquarters(world, store):
    world.stores(store(km=400))
    (key,) = people(world, 1)
    world.run("hq.qualify", "hq.route")
    assert world.lead_of(key).state_reason == {"code": "too_far"}


def test_an_offer_at_night_runs_out_after_the_opening(world, store):
    world.stores(store())
    world.now = datetime(2026, 11, 20, 22, 0, tzinfo=BEIJING)
    (key,) = people(world, 1)
    world.run("hq.qualify", "hq.route")
    (assignment,) = world.assignments(world.lead_of(key).lead_id)
    assert assignment.deadline_at == datetime(2026, 11, 21, 9, 30, tzinfo=BEIJING)


def test_only_one_router_runs_at_a_time(world, store):
    world.stores(store())
    people(world, 1)
    world.run("hq.qualify")
    place = world.place()
    with place.transaction() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('drain:hq.route', 0))"))
        assert world.run("hq.route").rows == 0
    assert world.run("hq.route").rows == 1


def test_capacity_changed_by_hand_is_seen_at_once(world, store, rows):
    only = store(cap=0)
    world.stores(only)
    (key,) = people(world, 1)
    world.run("hq.qualify", "hq.route")
    assert world.lead_of(key).state == "waiting"
    rows.get(Store, (only.dealer_id, only.store_id)).daily_capacity = None
    rows.execute(text("DELETE FROM store_days"))
    rows.get(Lead, world.lead_of(key).lead_id).due_at = world.now
    rows.commit()
    world.run("hq.route")
    assert world.lead_of(key).state == "placed"
