"""The open pool: who may claim what there and when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shared.contacts.crypto import Vault
from shared.dealers.capacity import QuotaReached
from shared.dealers.models import StoreDay
from shared.leads import service as leads
from shared.leads.cards import Card, open_card
from shared.leads.errors import AlreadyTaken, OnItsWay
from shared.leads.models import CustomerCard, FollowUp, Hold
from shared.leads.pool import queries
from shared.leads.pool.models import PoolEntry, PoolView
from shared.notifications.models import Notification
from shared.platform.clock import next_day_start
from shared.platform.errors import Missing
from tests import factories as make
from tests.integration.pipeline.pool.town import days_on, lead


def test_a_lead_comes_into_the_pool_and_who_lives_near_sees_it_masked(world, store, rules, pooled, town):
    rules(pool_cool_minutes=30)
    near, far = store(km=5), store(km=31)
    world.stores(near, far)
    (lead_id,) = pooled()
    assert (lead(world, lead_id).state, world.story(lead_id)) == ("pooled", ["opened", "pooled"])
    (one,) = town.shown(near).leads
    assert (one.lead_id, one.offer.km, one.grade) == (lead_id, 5.0, "A")
    assert (one.offer.name, one.offer.phone, one.offer.district) == ("", "", "杭州市 西湖区")
    assert one.open_from == world.now + timedelta(minutes=30)
    assert one.until == world.now + timedelta(days=3)
    assert town.seen(far) == []
    assert world.assignments(lead_id) == []
    assert world.rows.scalar(select(func.count()).select_from(CustomerCard)) == 0


def test_a_claim_gives_the_lead_its_hold_its_place_in_the_day_and_a_moment_later_the_card(
    world, open_store, rules, pooled, town
):
    rules()
    near, other = open_store(km=5, cap=3), open_store(km=6)
    world.stores(near, other)
    (lead_id,) = pooled()
    assignment_id = town.claim(near, lead_id)
    found = lead(world, lead_id)
    assert (found.state, found.state_reason) == ("placed", {"code": "pool"})
    assert world.rows.scalar(select(func.count()).select_from(PoolEntry)) == 0
    (assignment,) = world.assignments(lead_id)
    assert (assignment.stage, assignment.store_id, assignment.offer["why"]) == (
        "claimed",
        near.store_id,
        {"code": "pool"},
    )
    assert assignment.offer["km"] == 5.0
    assert world.rows.get(Hold, lead_id).assignment_id == assignment_id
    day = world.rows.scalars(select(StoreDay).where(StoreDay.store_id == near.store_id)).one()
    assert (day.taken, day.pool_claims) == (1, 1)
    assert world.rows.scalars(select(FollowUp.kind)).all() == ["claim"]
    with pytest.raises(OnItsWay):
        town.act(leads.reveal, near, assignment_id=assignment_id, vault=Vault(make.RING.cards, 1))
    world.run("hq.cards", "hq.settle")
    place = {"dealer_id": near.dealer_id, "assignment_id": assignment_id}
    (card,) = world.rows.scalars(select(CustomerCard)).all()
    assert open_card(Vault(make.RING.cards, 1), card.sealed, **place) == Card("陈小明", ("+8613900000000",))
    assert town.act(leads.reveal, near, assignment_id=assignment_id, vault=Vault(make.RING.cards, 1)).phones
    (assignment,) = world.assignments(lead_id)
    assert (assignment.due_kind, assignment.card_due_at) == ("contact", None)
    assert world.story(lead_id) == ["opened", "pooled", "pool_claimed"]


def test_claiming_twice_is_one_claim_and_whoever_comes_later_is_told(world, store, rules, pooled, town):
    rules()
    near, other = store(km=5, cap=3), store(km=6)
    world.stores(near, other)
    (lead_id,) = pooled()
    assert town.claim(near, lead_id) == town.claim(near, lead_id)
    with pytest.raises(AlreadyTaken):
        town.claim(other, lead_id)
    assert world.rows.scalar(select(func.sum(StoreDay.pool_claims))) == 1


def test_capacity_one_with_one_held_is_refused_with_the_reason_and_nothing_is_lost(world, store, rules, pooled, town):
    rules()
    near = store(km=5, cap=1)
    world.stores(near)
    first, second = pooled(2)
    town.claim(near, first)
    with pytest.raises(QuotaReached) as refusal:
        town.claim(near, second)
    assert refusal.value.params["period"] == "day"
    assert refusal.value.params["retry_at"] == next_day_start(world.now).isoformat()
    assert lead(world, second).state == "pooled"
    assert town.seen(near) == [second]
    day = world.rows.scalars(select(StoreDay).execution_options(populate_existing=True)).one()
    assert (day.taken, day.pool_claims) == (1, 1)


def test_the_daily_limit_counts_claims_not_what_is_still_held(world, store, rules, pooled, town):
    rules(pool_claims_per_day=2)
    near = store(km=5, cap=9)
    world.stores(near)
    first, second, third = pooled(3)
    for lead_id in (first, second):
        town.give_back(near, town.claim(near, lead_id))
    assert town.refused(near, third) == ("claims", next_day_start(world.now))
    assert lead(world, third).state == "pooled"
    days_on(world, 1)
    assert town.claim(near, third)


def test_a_former_holder_is_refused_for_its_days_also_after_another_store_held_it_in_between(
    world, open_store, rules, pooled, town
):
    rules(pool_former_days=7, pool_days=30)
    one, other = open_store(km=5), open_store(km=6)
    world.stores(one, other)
    (lead_id,) = pooled()
    town.give_back(one, town.claim(one, lead_id))
    until = world.now + timedelta(days=7)
    assert town.refused(one, lead_id) == ("former", until)
    (seen,) = town.shown(one).later
    assert (town.seen(one), seen.opens_at(world.now)) == ([], until)
    days_on(world, 2)
    town.give_back(other, town.claim(other, lead_id))
    days_on(world, 3)
    assert town.refused(one, lead_id) == ("former", until)
    days_on(world, 2)
    assert town.claim(one, lead_id)


def test_nobody_claims_while_the_lead_cools_down_and_an_edit_does_not_begin_it_anew(world, store, rules, pooled, town):
    rules(pool_cool_minutes=60)
    near = store(km=5)
    world.stores(near)
    (lead_id,) = pooled()
    opens = world.now + timedelta(minutes=60)
    assert town.refused(near, lead_id) == ("cooling", opens)
    world.later(minutes=50)
    world.sign_up(phone="13900000000", interest={"purchase_horizon": "now", "model": "S1"})
    world.run("hq.qualify", "hq.route")
    world.run("hq.pool")
    (seen,) = town.shown(near).leads
    assert seen.offer.signups == 2
    assert town.refused(near, lead_id) == ("cooling", opens)
    world.later(minutes=10)
    assert town.claim(near, lead_id)


def test_a_store_that_sent_the_offer_back_never_sees_it_in_the_pool(world, store, rules, pooled, town):
    rules(strategy="one", max_hops=1, after_hops="to_pool")
    one, other = store(km=5), store(km=6)
    world.stores(one, other)
    (lead_id,) = pooled()
    (offer,) = world.assignments(lead_id)
    world.later(minutes=1)
    town.act(leads.decline, one, assignment_id=offer.assignment_id, reason="too_far")
    world.run("hq.settle", "hq.route")
    assert lead(world, lead_id).state_reason == {"code": "pool_hops"}
    assert (town.seen(one), town.seen(other)) == ([], [lead_id])
    assert town.refused(one, lead_id) == ("declined", None)


def test_after_twice_as_many_stores_the_lead_comes_to_the_desk_for_good(world, store, rules, pooled, town):
    rules(strategy="one", max_hops=1, after_hops="to_pool")
    one, other = store(km=5), store(km=6)
    world.stores(one, other)
    (lead_id,) = pooled()
    (offer,) = world.assignments(lead_id)
    world.later(minutes=1)
    town.act(leads.decline, one, assignment_id=offer.assignment_id, reason="too_far")
    world.run("hq.settle", "hq.route")
    town.give_back(other, town.claim(other, lead_id))
    assert (lead(world, lead_id).state, lead(world, lead_id).state_reason) == ("desk", {"code": "hops_used"})


def test_what_nobody_claims_comes_to_the_desk_after_its_days(world, store, rules, pooled):
    rules()
    world.stores(store(km=5))
    (lead_id,) = pooled()
    world.later(days=3, seconds=-1)
    world.run("hq.pool")
    assert lead(world, lead_id).state == "pooled"
    world.later(seconds=1)
    world.run("hq.pool")
    assert (lead(world, lead_id).state, lead(world, lead_id).state_reason) == ("desk", {"code": "pool_over"})
    assert world.rows.scalar(select(func.count()).select_from(PoolEntry)) == 0
    assert world.rows.scalar(select(Notification.kind).where(Notification.audience == "hq")) == "desk"


def test_opening_a_lead_counts_once_and_who_looked_is_written_down_each_time(world, store, rules, pooled, town):
    rules(pool_views_per_day=2)
    near = store(km=5)
    world.stores(near)
    first, second, third = pooled(3)
    with pytest.raises(Missing):
        town.act(queries.entry, near, lead_id=first, store_id=near.store_id)
    for lead_id in (first, first, second):
        town.look(near, lead_id)
    assert town.act(queries.entry, near, lead_id=first, store_id=near.store_id).offer.phone == "139****0000"
    assert town.refused(near, third, town.look) == ("views", next_day_start(world.now))
    town.look(near, second)
    looks = world.rows.execute(select(PoolView.lead_id, PoolView.user_id).order_by(PoolView.lead_id)).all()
    who = town.person(near).user_id
    assert sorted(looks) == sorted([(first, who), (first, who), (second, who), (second, who)])
    days_on(world, 1)
    town.look(near, third)


def test_after_a_pool_claim_the_clock_waits_for_the_protection_to_end(world, open_store, rules, pooled, town):
    rules(pool_protect_hours=72, first_contact_minutes=60)
    near = open_store(km=5)
    world.stores(near)
    (lead_id,) = pooled()
    town.claim(near, lead_id)
    world.run("hq.settle")
    (assignment,) = world.assignments(lead_id)
    assert assignment.due_at == world.now + timedelta(minutes=60)
    assert assignment.recycle_at == world.now + timedelta(hours=72)
    world.later(hours=72)
    world.run("hq.settle")
    assert world.stages(lead_id) == ["recycled"]
