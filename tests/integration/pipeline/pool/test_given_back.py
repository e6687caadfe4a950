"""The open pool: which claims a store's limit of the day does not count any more."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from hq.routing import service as routing
from shared.db.session import unit_of_work
from shared.dealers.models import StoreDay
from shared.identity.actor import Actor, ActorKind
from shared.leads import service as leads
from shared.leads.withdrawal import withdraw_number
from shared.platform.errors import Missing
from tests import factories as make
from tests.integration.pipeline.movers import broken
from tests.integration.pipeline.pool.town import days_on

PHONE = "+8613900000000"


@pytest.fixture
def recall(world, engines, rows):
    """`recall(lead_id, reason=…)`: headquarters takes a lead back."""

    def act(lead_id, reason="wrong_store", **more):
        actor = make.actor_of(rows, make.hq_user(rows))
        rows.commit()
        with unit_of_work(engines["hq"]) as session:
            routing.recall(session, lead_id=lead_id, reason=reason, actor=actor, now=world.now, **more)

    return act


def claims(world):
    """What counts for the limit, day by day."""
    world.rows.rollback()
    return list(world.rows.scalars(select(StoreDay.pool_claims).order_by(StoreDay.day)))


@pytest.fixture
def claimed(world, open_store, rules, pooled, town):
    """A store with a limit of one claim from the pool a day, its claim, and another lead in the pool."""
    rules(pool_claims_per_day=1)
    near = open_store(km=5, cap=9)
    world.stores(near)
    first, other = pooled(2)
    return near, first, other, town.claim(near, first)


def test_a_recall_of_the_same_day_gives_the_claim_back_once(world, town, recall, claimed):
    near, first, other, _assignment_id = claimed
    assert town.refused(near, other)[0] == "claims"
    for _twice in range(2):
        recall(first)
    assert claims(world) == [0]
    town.claim(near, other)
    recall(first)
    assert claims(world) == [1]
    assert broken(world.rows) == {}


def test_what_the_store_gives_back_itself_counts(world, town, recall, claimed):
    near, first, other, assignment_id = claimed
    town.give_back(near, assignment_id)
    recall(first)
    assert claims(world) == [1]
    assert town.refused(near, other)[0] == "claims"


def test_on_the_next_day_nothing_comes_back_to_either_day(world, town, recall, claimed):
    near, first, other, _assignment_id = claimed
    days_on(world, 1)
    town.claim(near, other)
    recall(first)
    assert claims(world) == [1, 1]
    assert broken(world.rows) == {}


def test_a_lead_that_nobody_real_is_behind_comes_back_once_headquarters_says_so(world, town, recall, claimed):
    near, first, _other, assignment_id = claimed
    world.later(minutes=1)
    town.act(leads.decline, near, assignment_id=assignment_id, reason="wrong_number")
    world.run("hq.settle")
    assert claims(world) == [1]
    for _twice in range(2):
        with contextlib.suppress(Missing):
            recall(first, reason="not_real", close=True)
    assert claims(world) == [0]
    assert broken(world.rows) == {}


def test_a_consent_that_is_taken_back_gives_the_claim_back(world, engines, claimed):
    with unit_of_work(engines["person"]) as session:
        person = Actor(kind=ActorKind.PUBLIC, name="本人")
        withdraw_number(session, phone_bidx=make.BLIND.phone(PHONE), actor=person, now=world.now + timedelta(minutes=9))
    assert claims(world) == [0]
    assert broken(world.rows) == {}


def test_recalls_and_claims_at_the_same_moment_leave_each_claim_counted_that_stands(
    world, open_store, rules, pooled, town, race, engines
):
    rules(pool_claims_per_day=12)
    near = open_store(km=5, cap=99)
    world.stores(near)
    lead_ids = pooled(12)
    hq = make.actor_of(world.rows, make.hq_user(world.rows))
    for lead_id in lead_ids[:6]:
        town.claim(near, lead_id)

    def either(turn):
        what, lead_id = turn
        if what == "claim":
            town.claim(near, lead_id)
        else:
            with unit_of_work(engines["hq"]) as session:
                routing.recall(session, lead_id=lead_id, reason="wrong_store", actor=hq, now=world.now)

    recalls = [("recall", each) for each in lead_ids[:6] for _twice in range(2)]
    again = [("claim", each) for each in lead_ids[6:] for _twice in range(2)]
    answers = race(either, [turn for pair in zip(recalls, again, strict=True) for turn in pair])
    assert [each for each in answers if isinstance(each, Exception)] == []
    assert claims(world) == [6]
    assert broken(world.rows) == {}
