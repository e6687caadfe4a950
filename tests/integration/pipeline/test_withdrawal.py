"""A consent that was taken back stays taken back, whatever is found out about the person later."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from hq.qualification.withdrawal import withdraw
from shared.contacts.models import Consent
from shared.db.session import unit_of_work
from shared.identity.actor import Actor, ActorKind
from shared.leads.models import CustomerCard

HQ = Actor(kind=ActorKind.HQ, name="总部小王")
FIRST, SECOND = "13800138000", "13900139000"


@pytest.fixture
def two_contacts(world, store):
    """One person whom Koi takes for two: by one number, and by another number with an openid."""
    world.stores(store(km=1), store(km=2))
    keys = world.sign_up(phone=FIRST), world.sign_up(phone=SECOND, openid="o1")
    world.run("hq.qualify", "hq.route")
    return keys


@pytest.fixture
def take_back(world, engines):
    """`take_back(key)`: the person of this sign-up withdraws, nine minutes later."""

    def act(key):
        world.later(minutes=9)
        with unit_of_work(engines["hq"]) as session:
            withdraw(session, contact_id=world.signup(key).contact_id, actor=HQ, now=world.now)
        world.rows.expire_all()

    return act


def count(world, model) -> int:
    return world.rows.scalar(select(func.count()).select_from(model))


@pytest.mark.parametrize("taken_back", [0, 1])
def test_it_holds_for_the_other_contact_of_the_same_person_too(world, two_contacts, take_back, taken_back):
    take_back(two_contacts[taken_back])
    kept = world.lead_of(two_contacts[1 - taken_back]).lead_id
    assert world.stages(kept) == ["offered"]
    world.sign_up(phone=FIRST, openid="o1", share=False, minutes=1)
    world.later(minutes=2)
    world.run("hq.qualify", "hq.route", "hq.settle")
    assert world.stages(kept) == ["recalled"]
    assert [count(world, model) for model in (Consent, CustomerCard)] == [0, 0]
    assert world.outcomes(*two_contacts) == ["withdrawn", "withdrawn"]


def test_a_consent_given_after_it_stands(world, two_contacts, take_back):
    take_back(two_contacts[0])
    kept = world.lead_of(two_contacts[1]).lead_id
    world.sign_up(phone=FIRST, openid="o1", minutes=1)
    world.later(minutes=2)
    world.run("hq.qualify", "hq.route", "hq.settle")
    assert world.stages(kept) == ["offered"]
    assert count(world, Consent) == 1


def test_one_given_before_it_but_read_after_it_opens_nothing(world, two_contacts, take_back):
    late = world.sign_up(phone=FIRST, minutes=1, actions={"booked_test_ride": True})
    take_back(two_contacts[0])
    world.run("hq.qualify", "hq.route", "hq.settle")
    assert count(world, Consent) == 1  # the other contact's
    assert world.signup(late).lead_id is None or world.stages(world.signup(late).lead_id) == []


def test_an_old_yes_that_arrives_late_gives_nothing_again(world, two_contacts, take_back):
    """A list of people who signed up before the withdrawal, imported after it."""
    before = world.now
    take_back(two_contacts[0])
    world.later(days=2)
    late = world.sign_up(phone=FIRST, occurred_at=before)
    world.run("hq.qualify", "hq.route", "hq.settle")
    assert count(world, Consent) == 1  # the other contact's
    assert world.signup(late).lead_id is None or world.stages(world.signup(late).lead_id) == []
