"""Headquarters judges people whom screening has stopped, and takes it back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hq.qualification import jobs, queries
from hq.qualification import service as qualification
from hq.qualification.books import balance
from hq.qualification.decide import decide_all
from hq.qualification.quarantine import service
from hq.qualification.quarantine.errors import TooManyAtOnce
from hq.qualification.quarantine.models import ScreeningVerdict
from hq.routing.network import ATLAS
from shared.audit.models import AuditEntry
from shared.db.session import unit_of_work
from shared.identity.actor import Actor, ActorKind
from shared.leads.models import Lead
from shared.platform.errors import Invalid, Missing
from shared.platform.ids import new_id
from shared.work.drains import find
from shared.work.runs import run
from tests.integration.pipeline.test_qualify import decision
from tests.working import at_work

HQ = Actor(kind=ActorKind.HQ, name="沈清")


@pytest.fixture(autouse=True)
def _campaign(world, store):
    world.stores(store(cap=20))


@pytest.fixture
def judge(world, hq_engine):
    """`judge("fraud", keys)`: the verdict of headquarters about the people of some sign-ups, and what follows."""

    def of(verdict, keys, *, drains=("hq.qualify",), note="", actor=HQ):
        world.later(minutes=1)
        with unit_of_work(hq_engine) as session:
            act = service.judge(
                session,
                signup_ids=keys,
                ring_key=min(keys),
                verdict=verdict,
                note=note,
                actor=actor,
                now=world.now,
            )
        world.later(minutes=1)
        for name in drains:
            world.run(name)
        world.rows.expire_all()
        return act

    return of


@pytest.fixture
def undo(world, hq_engine):
    def of(act, *, drains=("hq.qualify",)):
        world.later(minutes=1)
        with unit_of_work(hq_engine) as session:
            undone = service.undo(session, act_id=act.act_id, actor=HQ, now=world.now)
        world.later(minutes=1)
        for name in drains:
            world.run(name)
        world.rows.expire_all()
        return undone

    return of


def ring(world, people=4, *, device="d1", first=0, **said):
    """People on one device, all stopped."""
    keys = [
        world.sign_up(phone=f"1380013{n:04}", device_id=device, minutes=n, **said) for n in range(first, first + people)
    ]
    world.run("hq.qualify")
    assert world.outcomes(*keys) == ["quarantined"] * people
    return keys


def codes(world, key):
    return [reason["code"] for reason in decision(world, key).steps["screening"]["reasons"]]


def test_who_is_genuine_becomes_a_lead_and_the_reasons_stay_to_be_read(world, judge):
    keys = ring(world)
    act = judge("genuine", keys)
    assert (act.people, act.signups) == (4, 4)
    assert world.outcomes(*keys) == ["in_lead"] * 4
    assert codes(world, keys[0]) == ["device_many_people", "cleared_by_headquarters"]
    assert decision(world, keys[0]).run == 2


def test_only_the_people_named_are_judged(world, judge):
    keys = ring(world)
    judge("genuine", keys[:2])
    assert world.outcomes(*keys) == ["in_lead", "in_lead", "quarantined", "quarantined"]


def test_who_is_genuine_is_not_stopped_again_for_what_was_known(world, judge):
    keys = ring(world)
    judge("genuine", keys[:1])
    again = world.sign_up(phone="13800130000", device_id="d1", minutes=1, actions={"booked_test_ride": True})
    world.run("hq.qualify")
    assert world.outcomes(again) == ["in_lead"]


def test_evidence_of_another_kind_stops_a_genuine_person_until_headquarters_looks_again(world, judge):
    keys = ring(world)
    judge("genuine", keys[:1])
    news = world.sign_up(phone="13800130000", openid="o9", invited_by="o9", minutes=5)
    world.run("hq.qualify", "hq.qualify")
    assert world.outcomes(news, keys[0]) == ["quarantined", "quarantined"]
    later = world.sign_up(phone="13800130000", minutes=9)
    world.run("hq.qualify")
    assert world.outcomes(later) == ["quarantined"]
    act = judge("genuine", [news])
    assert act.people == 1
    assert "quarantined" not in world.outcomes(news, keys[0], later)


def test_a_prize_hunter_is_rejected_now_and_later(world, judge):
    keys = ring(world)
    judge("fraud", keys)
    later = world.sign_up(phone="13800130000", device_id="another", minutes=9)
    world.run("hq.qualify")
    assert world.outcomes(*keys, later) == ["rejected"] * 5
    assert codes(world, later) == ["headquarters_verdict"]


def test_the_lead_of_a_prize_hunter_is_taken_back_from_the_store(world, judge):
    key = world.sign_up(phone="13800139999")
    world.run("hq.qualify", "hq.route")
    lead = world.lead_of(key)
    judge("fraud", [key])
    world.rows.refresh(lead)
    assert (lead.state, world.stages(lead.lead_id)) == ("closed", ["recalled"])
    assert world.outcomes(key) == ["rejected"]


def test_after_the_stores_first_contact_the_case_comes_to_the_desk_and_the_lead_stays(world, judge):
    key = world.sign_up(phone="13800139999")
    world.run("hq.qualify", "hq.route")
    lead = world.lead_of(key)
    world.claim(world.assignments(lead.lead_id)[0], "contacted")
    judge("fraud", [key])
    world.rows.refresh(lead)
    assert (lead.state, lead.state_reason["code"], world.stages(lead.lead_id)) == ("placed", "suspected", ["contacted"])
    assert world.outcomes(key) == ["in_lead"]


def test_a_visit_overrules_the_verdict(world, judge):
    key = world.sign_up(phone="13800139999")
    world.run("hq.qualify", "hq.route")
    lead = world.lead_of(key)
    world.claim(world.assignments(lead.lead_id)[0], "visited")
    judge("fraud", [key])
    world.rows.refresh(lead)
    assert (lead.state, lead.state_reason["code"], world.outcomes(key)) == ("placed", "nearest", ["in_lead"])


def test_who_is_genuine_is_no_longer_doubted_at_the_store(world, judge):
    first = world.sign_up(phone="13800130000", device_id="d1")
    world.run("hq.qualify", "hq.route")
    lead = world.lead_of(first)
    world.claim(world.assignments(lead.lead_id)[0], "contacted")
    for number in range(1, 4):
        world.sign_up(phone=f"1380013{number:04}", device_id="d1", minutes=number)
    world.run("hq.qualify", "hq.qualify")
    world.rows.refresh(lead)
    assert lead.state_reason["code"] == "suspected"
    judge("genuine", [first])
    world.rows.refresh(lead)
    assert (lead.state, lead.state_reason["code"], world.outcomes(first)) == ("placed", "kept", ["in_lead"])


def test_undone_a_verdict_leaves_everything_as_screening_says(world, judge, undo):
    keys = ring(world)
    act = judge("fraud", keys)
    assert undo(act).people == 4
    assert world.outcomes(*keys) == ["quarantined"] * 4
    assert codes(world, keys[0]) == ["device_many_people"]


def test_undone_a_genuine_verdict_takes_the_leads_back(world, judge, undo):
    keys = ring(world)
    act = judge("genuine", keys, drains=("hq.qualify", "hq.route"))
    lead = world.lead_of(keys[0])
    assert world.stages(lead.lead_id) == ["offered"]
    undo(act)
    world.rows.refresh(lead)
    assert (lead.state, world.stages(lead.lead_id)) == ("closed", ["recalled"])
    assert world.outcomes(*keys) == ["quarantined"] * 4


def test_undoing_the_later_verdict_brings_the_earlier_one_back(world, judge, undo):
    keys = ring(world)
    judge("fraud", keys)
    act = judge("genuine", keys[:1])
    assert world.outcomes(*keys[:2]) == ["in_lead", "rejected"]
    undo(act)
    assert world.outcomes(*keys[:2]) == ["rejected", "rejected"]


def test_the_same_verdict_twice_is_one(world, judge):
    keys = ring(world)
    judge("fraud", keys)
    assert judge("fraud", keys).people == 0
    assert len(world.rows.scalars(select(ScreeningVerdict.verdict_id)).all()) == 4


def test_an_undone_act_cannot_be_undone_again(world, judge, undo):
    act = judge("fraud", ring(world))
    undo(act)
    assert undo(act).people == 0


def test_the_word_stays_with_the_person_when_two_customers_are_joined(world, judge):
    keys = ring(world)
    judge("fraud", keys[:1])
    world.sign_up(phone="13800130000", openid="o1", minutes=20)
    joined = world.sign_up(phone="13900130000", openid="o1", minutes=30)
    world.run("hq.qualify")
    assert world.outcomes(joined) == ["rejected"]


def test_each_act_is_in_the_log_once(world, judge, undo):
    act = judge("fraud", ring(world))
    undo(act)
    entries = world.rows.scalars(select(AuditEntry).where(AuditEntry.action.like("verdict:%")).order_by(AuditEntry.at))
    told = [(each.action, each.actor, each.details["people"]) for each in entries]
    assert told == [("verdict:fraud", "沈清", 4), ("verdict:undo", "沈清", 4)]


def test_the_books_agree_at_every_step(world, judge, undo):
    keys = ring(world)
    total = len(keys)
    act = judge("genuine", keys, drains=())
    for step in (lambda: world.run("hq.qualify"), lambda: undo(act, drains=()), lambda: world.run("hq.qualify")):
        found = balance(world.rows)
        assert sum(found.places.values()) == total, found
        step()


def test_nonsense_is_refused(world, judge):
    keys = ring(world)
    with pytest.raises(Invalid):
        judge("perhaps", keys)
    with pytest.raises(Invalid):
        judge("fraud", keys, note="x" * 501)
    with pytest.raises(Missing):
        judge("fraud", [*keys, new_id(world.now)])
    assert world.rows.scalars(select(ScreeningVerdict)).all() == []


def test_no_more_people_at_once_than_one_act_may_judge(world, judge, monkeypatch):
    monkeypatch.setattr(service, "MOST", 3)
    keys = ring(world)
    with pytest.raises(TooManyAtOnce):
        judge("fraud", keys)


def test_a_verdict_and_a_new_sign_up_at_the_same_moment_do_not_miss_each_other(world, judge, hq_engine, race):
    """Whoever comes first: in the end every sign-up of the person is turned away, and nobody has a lead."""
    for number in range(6):
        phone = f"1370000{number:04}"
        first = world.sign_up(phone=phone)
        world.run("hq.qualify")
        second = world.sign_up(phone=phone, minutes=1, actions={"booked_test_ride": True})

        def work(what, first=first):
            if what == "judge":
                with unit_of_work(hq_engine) as session:
                    service.judge(
                        session,
                        signup_ids=[first],
                        ring_key=first,
                        verdict="fraud",
                        note="",
                        actor=HQ,
                        now=world.now,
                    )
            else:
                with at_work(world.settings.worker(), now=world.now) as place:
                    run(place, find("hq.qualify"))

        assert race(work, ["judge", "qualify"]) == [None, None]
        world.run("hq.qualify", "hq.qualify")
        assert world.outcomes(first, second) == ["rejected", "rejected"]
    assert set(world.rows.scalars(select(Lead.state))) == {"closed"}


def test_two_people_at_headquarters_give_one_verdict_each_person(world, hq_engine, race):
    keys = ring(world)

    def work(_number):
        with unit_of_work(hq_engine) as session:
            return service.judge(
                session, signup_ids=keys, ring_key=keys[0], verdict="fraud", note="", actor=HQ, now=world.now
            ).people

    assert sorted(race(work, [1, 2, 3])) == [0, 0, 4]


def test_a_batch_that_read_a_person_before_the_verdict_leaves_the_person_to_the_next(world, judge, worker_engine):
    first = world.sign_up(phone="13800139999")
    world.run("hq.qualify")
    second = world.sign_up(phone="13800139999", minutes=1, actions={"booked_test_ride": True})
    with unit_of_work(worker_engine) as session:
        rules = jobs.rulebook(session)
        received = [queries.as_received(row) for row in session.execute(queries.received(world.now))]
        facts = queries.facts_of(session, received, rules.screening, now=world.now)
        around = jobs.geography(ATLAS.network(session))
        decided = decide_all(facts, rules, around, lambda: new_id(world.now))
        judge("fraud", [first], drains=())
        qualification.write(session, decided, facts, rules, {}, now=world.now)
    assert (world.outcomes(second), world.signup(second).state) == ([None], "received")
    world.run("hq.qualify", "hq.qualify")
    assert world.outcomes(first, second) == ["rejected", "rejected"]
