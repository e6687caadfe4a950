"""Several workers, stores and people at headquarters at once: nobody is lost, doubled or held twice."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hq.qualification import jobs, queries, service
from hq.qualification.books import balance
from hq.qualification.decide import decide_all
from hq.qualification.decisions import Geography
from hq.qualification.matching.crowding import MOST_PHONES
from hq.routing import service as routing
from shared.contacts.models import Contact, Identity
from shared.db.session import unit_of_work
from shared.identity.actor import Actor, ActorKind
from shared.leads import service as leads
from shared.leads.models import Assignment, CustomerCard, Hold, Lead
from shared.leads.withdrawal import withdraw
from shared.platform.ids import next_id
from shared.signups.models import Signup
from shared.work.attempt import attempt
from shared.work.drains import find
from shared.work.runs import run
from shared.work.taking import take
from tests import factories as make
from tests.working import at_work

HQ = Actor(kind=ActorKind.HQ, name="总部小王")


def drain_at_once(world, race, name="hq.qualify", *, workers=3, batch=15):
    """Several workers empty a drain with small batches, each batch at the moment that it is: a contact that somebody
    else changed is known by when it was changed."""
    small = replace(find(name), batch=batch)

    def work(_number):
        with at_work(world.settings.worker()) as place:
            return run(place, small).last_error

    assert race(work, list(range(workers))) == [None] * workers
    assert work(0) is None
    world.rows.expire_all()


def people_of(rows):
    """Which sign-ups are of one contact, as sets of ids."""
    groups = {}
    for signup_id, contact_id in rows.execute(select(Signup.signup_id, Signup.contact_id)):
        groups.setdefault(contact_id, set()).add(signup_id)
    return sorted(map(sorted, groups.values()))


@pytest.mark.parametrize("seed", [1, 2])
def test_workers_that_meet_the_same_people_agree_on_who_is_who(world, store, race, seed):
    world.stores(store())
    rnd = random.Random(seed)
    keys = [(rnd.randrange(60), rnd.randrange(60)) for _ in range(150)]
    made = [world.sign_up(phone=f"1380000{p:04}", openid=f"o{o}", minutes=n / 50) for n, (p, o) in enumerate(keys)]
    drain_at_once(world, race)
    assert people_of(world.rows) == _closure(dict(zip(made, keys, strict=True)))
    open_leads = select(Lead.contact_id, func.count()).where(Lead.closed_at.is_(None)).group_by(Lead.contact_id)
    assert {count for _, count in world.rows.execute(open_leads)} <= {1}
    living = set(world.rows.scalars(select(Contact.contact_id).where(Contact.merged_into.is_(None))))
    assert set(world.rows.scalars(select(Identity.contact_id))) <= living
    assert set(world.rows.scalars(select(Signup.contact_id))) <= living
    assert balance(world.rows).places["pending"] == 0
    assert sum(balance(world.rows).places.values()) == len(keys)


def _closure(keys):
    """Who is who by chains of equal keys; an openid with many phones joins nobody."""
    groups = []
    for signup_id, (phone, openid) in keys.items():
        crowded = len({other for other, same in keys.values() if same == openid}) > MOST_PHONES
        members, shared = {signup_id}, {("p", phone)} if crowded else {("p", phone), ("o", openid)}
        for other in [group for group in groups if group[1] & shared]:
            groups.remove(other)
            members, shared = members | other[0], shared | other[1]
        groups.append((members, shared))
    return sorted(sorted(members) for members, _ in groups)


def test_a_person_whose_lead_is_being_merged_is_decided_once(world, store, race):
    world.stores(store())
    for n in range(40):
        world.sign_up(phone=f"1380000{n:04}", openid=f"o{n}", minutes=n / 50)
    world.run("hq.qualify", "hq.route")
    world.later(minutes=5)
    for n in range(40):
        world.sign_up(phone=f"1380000{n:04}", openid=f"o{(n + 1) % 40}", actions={"visited_store": True})
    drain_at_once(world, race, batch=7)
    assert len(people_of(world.rows)) == 1
    assert world.rows.scalar(select(func.count()).select_from(Lead).where(Lead.closed_at.is_(None))) == 1
    live = world.rows.scalars(select(Assignment).where(Assignment.ended_at.is_(None))).all()
    assert len(live) == 1
    assert world.rows.scalar(select(func.count()).select_from(CustomerCard)) == 1


def test_a_person_who_changed_after_the_facts_were_read_is_left_for_the_next_batch(world, store):
    world.stores(store())
    world.sign_up(phone="13800000001", openid="o1")
    world.run("hq.qualify")
    world.later(minutes=1)
    slow = world.sign_up(phone="13800000001", actions={"booked_test_ride": True})
    stranger = world.sign_up(phone="13900000009")
    quick = world.sign_up(phone="13700000002", openid="o1", actions={"visited_store": True})
    drain, place = find("hq.qualify"), world.place()
    with place.transaction() as session:
        rules = jobs.rulebook(session)
        batch = [
            queries.as_received(row) for row in take(session, drain, now=world.now, limit=9, only=[slow, stranger])
        ]
        facts = queries.facts_of(session, batch, rules.screening, now=world.now)
        with at_work(world.settings.worker(), now=world.now + timedelta(seconds=9)) as other:
            assert len(attempt(other, drain, only=[quick]).ids) == 1
        nowhere = Geography(lambda _signups: {}, lambda _place: None)
        decisions = decide_all(facts, rules, nowhere, lambda: next_id(world.now))
        service.write(session, decisions, facts, rules, {}, now=world.now)
    assert [world.signup(key).state for key in (slow, stranger, quick)] == ["received", "decided", "decided"]
    world.run("hq.qualify")
    lead = world.lead_of(slow)
    assert {"visited_store", "booked_test_ride"} <= set(lead.wish)
    assert world.signup(quick).lead_id == lead.lead_id


@pytest.fixture
def offers(world, store, rows):
    """Thirty offers at one store, and its manager."""
    at = store()
    world.stores(at)
    for n in range(30):
        world.sign_up(phone=f"1380000{n:04}", minutes=n / 50)
    world.run("hq.qualify", "hq.route")
    manager = make.actor_of(rows, make.staff(rows, [at]))
    rows.commit()
    return rows.scalars(select(Assignment)).all(), manager


@pytest.fixture
def claim(engines, offers):
    """`claim(assignment, now)`: the manager claims, as the dealer's role."""

    def act(assignment, now):
        with unit_of_work(engines["dealer"], dealer_id=assignment.dealer_id) as session:
            leads.claim(session, assignment_id=assignment.assignment_id, actor=offers[1], now=now)
        return "claimed"

    return act


def holds_agree(rows) -> None:
    """A hold for every held assignment and for no other; a card for every live one."""
    rows.expire_all()
    held = set(rows.scalars(select(Assignment.assignment_id).where(Assignment.stage == "claimed")))
    live = set(rows.scalars(select(Assignment.assignment_id).where(Assignment.ended_at.is_(None))))
    assert set(rows.scalars(select(Hold.assignment_id))) == held
    assert set(rows.scalars(select(CustomerCard.assignment_id))) == live


def test_a_claim_at_the_last_moment_or_the_expiry_wins_never_both(world, offers, claim, race):
    given, _ = offers
    last = world.now + timedelta(minutes=29, seconds=59)
    late = world.now + timedelta(minutes=31)
    expiry = replace(find("hq.settle"), batch=3)

    def act(what):
        if what is not None:
            return claim(what, last)
        with at_work(world.settings.worker(), now=late) as place:
            return run(place, expiry).last_error

    answers = race(act, [*given[:15], None, *given[15:], None])
    assert "claimed" in answers
    holds_agree(world.rows)
    world.now = late
    world.run("hq.settle")
    holds_agree(world.rows)
    stages = set(world.rows.scalars(select(Assignment.stage)))
    assert stages <= {"claimed", "expired"}


@pytest.mark.parametrize("how", ["recall", "withdraw"])
def test_a_claim_and_headquarters_taking_it_back_end_in_one_state(world, offers, claim, race, engines, how):
    given, _ = offers
    now = world.now + timedelta(minutes=5)
    contacts = {lead.lead_id: lead.contact_id for lead in world.rows.scalars(select(Lead))}

    def act(job):
        assignment, take_back = job
        if not take_back:
            return claim(assignment, now)
        with unit_of_work(engines["hq"]) as session:
            if how == "recall":
                routing.recall(session, lead_id=assignment.lead_id, reason="mistake", actor=HQ, now=now)
            else:
                withdraw(session, contact_id=contacts[assignment.lead_id], actor=HQ, now=now)
        return "taken back"

    jobs = [(assignment, back) for assignment in given for back in (False, True)]
    random.Random(3).shuffle(jobs)
    answers = race(act, jobs)
    assert answers.count("taken back") == len(given), [each for each in answers if isinstance(each, Exception)][:3]
    holds_agree(world.rows)
    assert set(world.rows.scalars(select(Assignment.stage))) == {"recalled"}
