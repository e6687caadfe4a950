"""The open pool: who may claim what there and when, and that exactly one store gets it."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from hq.routing import service as routing
from shared.contacts.crypto import Vault
from shared.db.session import unit_of_work
from shared.dealers.capacity import QuotaReached, open_days
from shared.dealers.hours import ALL_DAY
from shared.dealers.models import Dealer, QuotaEntry, Series, StoreDay
from shared.identity.permissions import Role
from shared.leads import service as leads
from shared.leads.cards import Card, open_card
from shared.leads.errors import AlreadyTaken, OnItsWay, PoolRefused
from shared.leads.models import CustomerCard, FollowUp, Hold, Lead
from shared.leads.pool import queries, service
from shared.leads.pool.models import PoolEntry, PoolView
from shared.leads.withdrawal import withdraw
from shared.notifications.models import Notification
from shared.platform.clock import beijing_day, next_day_start
from shared.platform.errors import DomainError, Missing
from tests import factories as make
from tests.integration.pipeline.movers import broken

POOL = {"strategy": "pool", "pool_km": 30.0, "pool_days": 3}


@pytest.fixture
def rules(rows):
    """`rules(pool_cool_minutes=…)`: routing rules in force, with everything going to the pool."""

    def put(**values):
        make.routing_rules(rows, **{**POOL, **values})
        rows.commit()

    return put


class Town:
    """Stores that claim, as their own people and as the dealer's role."""

    def __init__(self, world, engine):
        self.world, self.engine = world, engine
        self.people = {}

    def person(self, store):
        if store.store_id not in self.people:
            self.people[store.store_id] = make.actor_of(self.world.rows, make.staff(self.world.rows, [store]))
            self.world.rows.commit()
        return self.people[store.store_id]

    def act(self, call, store, **given):
        actor = self.person(store)
        with unit_of_work(self.engine, dealer_id=actor.dealer_id) as session:
            return call(session, actor=actor, **{"now": self.world.now, **given})

    def claim(self, store, lead_id, **given):
        return self.act(service.claim, store, lead_id=lead_id, store_id=store.store_id, **given).assignment_id

    def look(self, store, lead_id):
        return self.act(service.look, store, lead_id=lead_id, store_id=store.store_id)

    def shown(self, store, **given):
        return self.act(queries.shown, store, store_id=store.store_id, **given)

    def seen(self, store):
        return [each.lead_id for each in self.shown(store).leads]

    def give_back(self, store, assignment_id):
        self.world.later(minutes=1)
        self.act(leads.decline, store, assignment_id=assignment_id, reason="busy")
        self.world.run("hq.settle", "hq.route")

    def refused(self, store, lead_id, call=None):
        with pytest.raises(PoolRefused) as refusal:
            (call or self.claim)(store, lead_id)
        retry_at = refusal.value.params["retry_at"]
        return refusal.value.params["why"], retry_at and datetime.fromisoformat(retry_at)


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


def lead(world, lead_id):
    return world.rows.get(Lead, lead_id, populate_existing=True)


def days_on(world, days):
    """Let days pass and the worker open the new one."""
    world.later(days=days)
    open_days(world.rows, first=beijing_day(world.now), last=beijing_day(world.now))
    world.rows.commit()


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
    (seen,) = town.shown(one).leads
    assert seen.opens_at(world.now) == until
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


def test_an_exclusive_territory_is_for_its_stores_only(world, store, rules, pooled, town, rows):
    rules()
    near, lord = store(km=5), store(km=90)
    make.territory(rows, lord, mode="exclusive", divisions=["330106"])
    world.stores(near, lord)
    (lead_id,) = pooled()
    assert (town.seen(near), town.seen(lord)) == ([], [lead_id])
    with pytest.raises(Missing):
        town.claim(near, lead_id)
    assert town.claim(lord, lead_id)


def test_a_lead_that_no_store_could_ever_claim_comes_to_the_desk_with_the_reason(world, store, rules, pooled, rows):
    rules()
    rows.add(Series(code="S", name="S 系列", models=["S1"], created_at=make.NOW, changed_at=make.NOW))
    rows.add(Series(code="X", name="X 系列", models=["X9"], created_at=make.NOW, changed_at=make.NOW))
    near, _outside = store(km=5, series=["X"]), store(km=6)
    world.stores(near)
    eager = {"purchase_horizon": "now", "current_vehicle": "none", "budget": "3500-5000"}
    reasons = [
        lead(world, pooled(**said)[0]).state_reason["code"]
        for said in ({"interest": {**eager, "model": "S1"}}, {"region": {"county_code": "110105"}}, {"region": {}})
    ]
    assert reasons == ["not_sold", "too_far", "no_place"]


def test_who_was_scanned_goes_before_the_pool_and_without_room_the_pool_goes_on(world, store, rules, pooled):
    rules()
    scanned, near = store(km=40, cap=1), store(km=5)
    world.stores(scanned, near)
    said = {"touchpoint": "store_qr", "store_code": scanned.code}
    first, second = pooled(2, **said)
    assert [lead(world, each).state for each in (first, second)] == ["placed", "pooled"]


def test_a_withdrawn_consent_takes_the_lead_out_at_once(world, store, rules, pooled, town, engines):
    rules()
    near = store(km=5)
    world.stores(near)
    (lead_id,) = pooled()
    with unit_of_work(engines["hq"]) as session:
        contact_id = lead(world, lead_id).contact_id
        withdraw(
            session, contact_id=contact_id, actor=make.actor_of(world.rows, make.hq_user(world.rows)), now=world.now
        )
    assert world.rows.scalar(select(func.count()).select_from(PoolEntry)) == 0
    assert town.seen(near) == []
    assert town.refused(near, lead_id) == ("gone", None)


def test_a_store_reaches_nothing_through_a_foreign_id(world, store, rules, pooled, town, rows):
    rules()
    near, foreign, outsider = store(km=5), store(km=6), store(km=5)
    sister = store(km=5, of=rows.get(Dealer, near.dealer_id))
    far = store(km=60, of=rows.get(Dealer, near.dealer_id))
    world.stores(near, foreign)
    (lead_id,) = pooled()
    with pytest.raises(Missing):  # the consent does not name the dealer
        town.claim(outsider, lead_id)
    assert town.seen(outsider) == []
    for other in (foreign, sister):  # another dealer's store, and another store of the same dealer
        for call in (service.claim, service.look, queries.entry):
            with pytest.raises(Missing):
                town.act(call, near, lead_id=lead_id, store_id=other.store_id)
        with pytest.raises(Missing):
            town.act(queries.shown, near, store_id=other.store_id)
    owner = make.actor_of(rows, make.staff(rows, rows.get(Dealer, near.dealer_id), Role.DEALER_OWNER))
    rows.commit()
    with unit_of_work(town.engine, dealer_id=owner.dealer_id) as session:  # sees all stores of the dealer, no other
        assert queries.shown(session, store_id=sister.store_id, actor=owner, now=world.now).count == 1
        assert queries.shown(session, store_id=foreign.store_id, actor=owner, now=world.now).count == 0
        assert queries.left(session, store_id=foreign.store_id, now=world.now) == queries.Left(0, 0)
    with pytest.raises(Missing):  # too far away
        town.claim(far, lead_id)
    assert lead(world, lead_id).state == "pooled"


def test_a_paused_store_is_told_so(world, store, rules, pooled, town, rows):
    rules()
    near = store(km=5)
    world.stores(near)
    (lead_id,) = pooled()
    near.status = "paused"
    rows.commit()
    assert town.refused(near, lead_id) == ("paused", None)
    assert town.seen(near) == []


def racing(town, world, stores, lead_ids):
    people = [town.person(each) for each in stores]

    def attempt(turn):
        actor, store, lead_id = turn
        try:
            with unit_of_work(town.engine, dealer_id=actor.dealer_id) as session:
                service.claim(session, lead_id=lead_id, store_id=store.store_id, actor=actor, now=world.now)
        except DomainError as refused:
            return refused.params.get("why", refused.code)
        return "claimed"

    return attempt, [
        (actor, store, lead_id) for actor, store in zip(people, stores, strict=True) for lead_id in lead_ids
    ]


def test_of_200_stores_that_race_for_one_pooled_lead_exactly_one_gets_it(
    world, store, rules, pooled, town, race, long_run
):
    rules(pool_claims_per_day=1)
    stores = [store(km=number % 20 + 1, cap=(1, 3, None, 0)[number % 4]) for number in range(200 if long_run else 24)]
    world.stores(*stores)
    (lead_id,) = pooled()
    attempt, turns = racing(town, world, stores, [lead_id])
    answers = race(attempt, turns)
    assert answers.count("claimed") == 1
    assert set(answers) <= {"claimed", "already_taken", "quota_reached"}
    winner = stores[answers.index("claimed")]
    assert world.rows.get(Hold, lead_id).dealer_id == winner.dealer_id
    assert broken(world.rows) == {}
    world.run("hq.cards", "hq.settle", "hq.route")
    assert world.rows.scalars(select(CustomerCard.dealer_id)).all() == [winner.dealer_id]


def test_one_store_that_races_itself_never_takes_more_than_its_limit(world, store, rules, pooled, town, race):
    rules(pool_claims_per_day=3)
    near = store(km=5, cap=9)
    world.stores(near)
    lead_ids = pooled(12)
    attempt, turns = racing(town, world, [near], lead_ids)
    answers = race(attempt, turns)
    assert (answers.count("claimed"), answers.count("claims")) == (3, 9)
    assert world.rows.execute(select(StoreDay.taken, StoreDay.pool_claims)).one() == (3, 3)
    assert world.rows.scalar(select(func.sum(QuotaEntry.delta))) == 3
    assert broken(world.rows) == {}


def test_colleagues_who_look_at_once_are_counted_once(world, store, rules, pooled, town, race):
    rules(pool_views_per_day=5)
    near = store(km=5)
    world.stores(near)
    (lead_id,) = pooled()
    town.person(near)
    assert race(lambda _: town.look(near, lead_id), range(8)) == [None] * 8
    assert world.rows.scalar(select(StoreDay.pool_views)) == 1
    assert world.rows.scalar(select(func.count()).select_from(PoolView)) == 8


def test_a_claim_and_a_recall_from_the_pool_never_both_win(world, store, rules, pooled, town, race, engines, long_run):
    rules()
    near = store(km=5)
    world.stores(near)
    lead_ids = pooled(100 if long_run else 20)
    attempt, turns = racing(town, world, [near], lead_ids)
    hq = make.actor_of(world.rows, make.hq_user(world.rows))
    world.rows.commit()

    def either(turn):
        if len(turn) == 3:
            return attempt(turn)
        with contextlib.suppress(DomainError), unit_of_work(engines["hq"]) as session:
            routing.recall(session, lead_id=turn[0], reason="wrong_store", actor=hq, now=world.now)
        return "recalled"

    race(either, [each for turn in turns for each in (turn, (turn[2],))])
    states = world.rows.execute(
        select(Lead.state, func.count(Hold.lead_id)).outerjoin(Hold, Hold.lead_id == Lead.lead_id).group_by(Lead.state)
    ).all()
    assert all(held == 0 for state, held in states if state == "desk")
    assert broken(world.rows) == {}


def test_dealers_are_granted_nothing_on_the_pool(engines):
    with unit_of_work(engines["dealer"]) as session:
        for table in ("pool_entries", "pool_views", "leads"):
            may = text("SELECT has_table_privilege(current_user, :table, 'SELECT')")
            assert session.execute(may, {"table": table}).scalar_one() is False
