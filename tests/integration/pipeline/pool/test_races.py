"""The open pool: exactly one store gets a lead, whoever is there at once."""

from __future__ import annotations

import contextlib

from sqlalchemy import func, select

from hq.routing import service as routing
from shared.db.session import unit_of_work
from shared.dealers.models import QuotaEntry, StoreDay
from shared.leads.models import CustomerCard, Hold, Lead
from shared.leads.pool import service
from shared.leads.pool.models import PoolView
from shared.platform.errors import DomainError
from tests import factories as make
from tests.integration.pipeline.movers import broken


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
