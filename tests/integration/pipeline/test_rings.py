"""An openid with many numbers is a ring: it names nobody, also when that shows only later, in whatever batches."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from sqlalchemy import event, func, select

from hq.qualification.books import balance
from hq.qualification.matching.crowding import MOST_PHONES
from hq.qualification.models import SignupDecision
from shared.contacts.models import Consent, Contact, ContactPhone, Identity
from shared.leads.models import Lead
from shared.signups.models import Signup
from shared.work.drains import find
from shared.work.runs import run
from tests.integration.pipeline.test_races import _closure, drain_at_once, people_of
from tests.working import at_work


@pytest.fixture(autouse=True)
def _campaign(world, store):
    world.stores(store(cap=50))


def reason_of(world, key):
    query = select(SignupDecision.steps).where(SignupDecision.signup_id == key).order_by(SignupDecision.run.desc())
    reasons = world.rows.scalars(query).first()["screening"]["reasons"]
    return next((each for each in reasons if each["code"] == "openid_many_phones"), None)


def whole(world):
    """Everybody has their own keys, numbers, consents and leads."""
    world.rows.expire_all()
    owners = {bytes(each.value_bidx): each.contact_id for each in world.rows.scalars(select(Identity))}
    for signup in world.rows.scalars(select(Signup)):
        assert signup.contact_id == owners[bytes(signup.phone_bidx)]
        if signup.lead_id is not None:
            assert world.rows.get(Lead, signup.lead_id).contact_id == signup.contact_id
    for phone in world.rows.scalars(select(ContactPhone)):
        assert phone.contact_id == owners[bytes(phone.phone_bidx)]
    open_leads = select(Lead.contact_id, func.count()).where(Lead.closed_at.is_(None)).group_by(Lead.contact_id)
    assert {count for _, count in world.rows.execute(open_leads)} <= {1}
    assert balance(world.rows).places["pending"] == 0


def test_five_numbers_at_once_are_five_people_with_the_evidence(world):
    keys = [world.sign_up(phone=f"1380000000{n}", openid="farm") for n in range(5)]
    world.run("hq.qualify")
    assert len({world.signup(key).contact_id for key in keys}) == 5
    assert reason_of(world, keys[0])["phones"] == 5
    whole(world)


def test_when_it_shows_later_those_it_had_joined_are_parted_and_looked_at_again(world):
    early = [world.sign_up(phone=f"1380000000{n}", openid="farm", minutes=n) for n in range(4)]
    world.run("hq.qualify")
    assert len({world.signup(key).contact_id for key in early}) == 1
    (lead,) = world.rows.scalars(select(Lead)).all()
    world.later(minutes=9)
    late = world.sign_up(phone="13800000009", openid="farm")
    world.run("hq.qualify")
    world.later(minutes=1)
    world.run("hq.qualify")
    assert len({world.signup(key).contact_id for key in (*early, late)}) == 5
    assert all(reason_of(world, key) for key in (*early, late))
    assert "parted" in world.story(lead.lead_id)
    assert len(set(world.rows.scalars(select(Consent.contact_id)))) == 5
    whole(world)


def test_a_person_of_a_ring_keeps_what_a_private_openid_joined(world):
    first = world.sign_up(phone="13800000001", openid="own")
    second = world.sign_up(phone="13800000002", openid="own", minutes=1)
    ring = [world.sign_up(phone=f"1380000000{n}", openid="farm", minutes=n) for n in range(1, 6)]
    world.run("hq.qualify")
    assert world.signup(first).contact_id == world.signup(second).contact_id == world.signup(ring[0]).contact_id
    assert len({world.signup(key).contact_id for key in ring}) == 4
    whole(world)


@pytest.mark.parametrize("seed", range(4))
def test_who_is_who_does_not_hang_on_order_or_batches(world, seed):
    rnd = random.Random(seed)
    pairs = [(rnd.randrange(14), rnd.randrange(9)) for _ in range(40)]
    made = [world.sign_up(phone=f"1380000{p:04}", openid=f"o{o}", minutes=n / 50) for n, (p, o) in enumerate(pairs)]
    small = replace(find("hq.qualify"), batch=rnd.choice((1, 3, 7, 40)))
    for _ in range(3):
        with at_work(world.settings.worker(), now=world.now) as place:
            assert run(place, small).last_error is None
        world.later(minutes=1)
    assert people_of(world.rows) == _closure(dict(zip(made, pairs, strict=True)))
    whole(world)


def test_workers_at_once_agree_on_the_ring(world, race):
    rnd = random.Random(5)
    pairs = [(rnd.randrange(30), rnd.choice((0, 0, 1, 2, 3 + rnd.randrange(20)))) for _ in range(90)]
    made = [world.sign_up(phone=f"1380000{p:04}", openid=f"o{o}", minutes=n / 50) for n, (p, o) in enumerate(pairs)]
    drain_at_once(world, race)
    assert people_of(world.rows) == _closure(dict(zip(made, pairs, strict=True)))
    whole(world)


def test_a_batch_full_of_rings_takes_a_fixed_number_of_statements(world):
    for ring in range(40):
        for n in range(MOST_PHONES):
            world.sign_up(phone=f"1380{ring:03}{n:04}", openid=f"farm{ring}")
    world.run("hq.qualify")
    world.later(minutes=1)
    for ring in range(40):
        world.sign_up(phone=f"1380{ring:03}0009", openid=f"farm{ring}")
    place, sent = world.place(), []
    event.listen(place.engine, "before_cursor_execute", lambda *call: sent.append(call[2]))
    assert run(place, replace(find("hq.qualify"), batch=40)).rows >= 40
    world.rows.expire_all()
    assert world.rows.scalar(select(func.count()).select_from(Contact)) == 40 * (MOST_PHONES + 1)
    assert len(sent) <= 250
