"""A consent that was taken back stays taken back, whatever is found out about the person later."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from hq.qualification.books import balance
from shared.contacts.models import Consent
from shared.db.session import unit_of_work
from shared.identity.actor import Actor, ActorKind
from shared.leads.models import CustomerCard, Lead
from shared.leads.withdrawal import withdraw, withdraw_number
from shared.platform.errors import Missing
from tests import factories as make

HQ = Actor(kind=ActorKind.HQ, name="总部小王")
PERSON = Actor(kind=ActorKind.PUBLIC, name="本人")
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
    assert world.outcomes(late) == ["withdrawn"]


def test_an_old_yes_that_arrives_late_gives_nothing_again(world, two_contacts, take_back):
    """A list of people who signed up before the withdrawal, imported after it."""
    before = world.now
    take_back(two_contacts[0])
    world.later(days=2)
    late = world.sign_up(phone=FIRST, occurred_at=before)
    world.run("hq.qualify", "hq.route", "hq.settle")
    assert count(world, Consent) == 1  # the other contact's
    assert world.outcomes(late) == ["withdrawn"]
    assert world.signup(late).lead_id is None


@pytest.fixture
def take_back_number(world, engines):
    """`take_back_number(phone)`: on the page of one's own, a minute later."""

    def act(phone, **more):
        world.later(minutes=1)
        with unit_of_work(engines["hq"]) as session:
            leads = withdraw_number(session, phone_bidx=make.BLIND.phone(phone), actor=PERSON, now=world.now, **more)
        world.rows.expire_all()
        return leads

    return act


def test_taken_back_before_anybody_looked_at_it_opens_no_lead(world, store, take_back_number, engines):
    world.stores(store(km=1))
    key = world.sign_up(phone=FIRST)
    assert take_back_number(f"+86{FIRST}") == []
    world.run("hq.qualify", "hq.route")
    assert world.outcomes(key) == ["withdrawn"]
    assert [count(world, model) for model in (Lead, Consent, CustomerCard)] == [0, 0, 0]
    with unit_of_work(engines["hq"]) as session:
        places = balance(session).places
    assert (places["withdrawn"], sum(places.values())) == (1, 1)


def test_taken_back_by_somebody_known_holds_for_what_waits_too(world, store, take_back_number):
    world.stores(store(km=1))
    first = world.sign_up(phone=FIRST)
    world.run("hq.qualify", "hq.route")
    second = world.sign_up(phone=FIRST, minutes=1)
    (lead_id,) = take_back_number(f"+86{FIRST}")
    world.run("hq.qualify", "hq.route")
    assert world.stages(lead_id) == ["recalled"]
    assert world.outcomes(first, second) == ["withdrawn", "withdrawn"]
    assert [count(world, model) for model in (Consent, CustomerCard)] == [0, 0]


def test_a_number_that_gave_nothing_has_nothing_to_take_back(world, store, take_back_number):
    world.stores(store(km=1))
    world.sign_up(phone=FIRST, share=False)
    with pytest.raises(Missing):
        take_back_number(f"+86{FIRST}")


def test_while_somebody_decides_it_the_withdrawal_waits_and_then_recalls(world, store, engines, race):
    """Whoever is first: no lead is left with a store."""
    world.stores(store(km=1))
    for number in range(6):
        phone = f"1380013{number:04}"
        key = world.sign_up(phone=phone)

        def back(phone=phone):
            with unit_of_work(engines["hq"]) as session:
                withdraw_number(session, phone_bidx=make.BLIND.phone(f"+86{phone}"), actor=PERSON, now=world.now)

        answers = race(lambda act: act(), [back, lambda: world.run("hq.qualify", "hq.route")])
        assert [each for each in answers if isinstance(each, Exception)] == []
        world.rows.expire_all()
        assert world.outcomes(key) == ["withdrawn"]
    assert count(world, Consent) == 0
