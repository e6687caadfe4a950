"""What the clock does by itself: reminders, breaches to the second, word to the owner and to headquarters."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from hq.leads.lead_list import of_states
from hq.rules.defaults import defaults
from hq.rules.service import ensure_defaults
from shared.db.session import unit_of_work
from shared.leads import service
from shared.leads.errors import NotHeld
from shared.leads.models import Breach, FollowUp, Lead
from shared.leads.story import Done
from shared.leads.words import Kind, Outcome
from shared.notifications.models import Notification
from shared.platform.clock import BEIJING
from tests import factories as make
from tests.waiting import until

DUE = datetime(2026, 11, 21, 10, 1, tzinfo=BEIJING)  # nine working hours after the claim, on a Friday at 10:01


@pytest.fixture
def held(world, store, rows):
    """A lead that a store claimed on Friday at 10:01 and has not called; the rules are those that Koi comes with."""
    ensure_defaults(rows, defaults(), now=make.NOW)
    world.stores(store(km=1), store(km=2))
    key = world.sign_up(phone="13800138000")
    world.now = datetime(2026, 11, 20, 10, tzinfo=BEIJING)
    world.run("hq.qualify", "hq.route")
    lead_id = world.lead_of(key).lead_id
    world.claim(world.assignments(lead_id)[0])
    world.later(minutes=2)
    world.run("hq.settle")
    return world.assignments(lead_id)[0]


@pytest.fixture
def report(rows, dealer_engine):
    """`report(assignment, at)`: somebody at the store calls the customer at a moment."""

    def write(assignment, at, **said):
        actor = make.actor_of(rows, make.staff(rows, [assignment]))
        rows.commit()
        done = Done(**{"follow_up_id": uuid4(), "kind": Kind.CALL, "outcome": Outcome.INTERESTED, **said})
        with unit_of_work(dealer_engine, dealer_id=actor.dealer_id) as session:
            service.follow_up(session, assignment_id=assignment.assignment_id, actor=actor, done=done, now=at)

    return write


def breaches(world) -> list[tuple[str, datetime]]:
    world.rows.rollback()
    return [(each.kind, each.due_at) for each in world.rows.scalars(select(Breach).order_by(Breach.due_at))]


def told(world, kind: str) -> list[str]:
    """To whom a notice went."""
    return list(world.rows.scalars(select(Notification.audience).where(Notification.kind == kind)))


def on_the_desk(world) -> int:
    return world.rows.scalar(select(func.count()).select_from(Lead).where(of_states(["desk"])))


def at_once(world, moment: datetime) -> None:
    world.now = moment
    world.run("hq.alarms")
    world.run("hq.settle")


def test_an_overdue_first_contact_is_written_down_to_the_second_with_nobody_touching_it(world, held):
    assert (held.due_kind, held.due_at) == ("contact", DUE)
    world.now = DUE - timedelta(seconds=1)
    world.run("hq.alarms")
    assert breaches(world) == []
    for late in (DUE, DUE + timedelta(seconds=70)):
        at_once(world, late)
    assert breaches(world) == [("contact", DUE)]
    assert told(world, "contact_late") == ["store"]
    assert world.story(held.lead_id)[-1:] == ["breached"]
    assert world.assignments(held.lead_id)[0].breached_at == DUE


def test_a_breach_is_recorded_when_it_was_due_however_late_the_worker_is(world, held):
    at_once(world, DUE + timedelta(minutes=40))
    assert breaches(world) == [("contact", DUE)]


def test_a_store_is_reminded_once_at_half_of_its_time(world, held):
    for minutes in (-5, 0, 5):
        world.now = datetime(2026, 11, 20, 14, 31, tzinfo=BEIJING) + timedelta(minutes=minutes)
        world.run("hq.alarms")
    assert told(world, "contact_soon") == ["store"]
    assert breaches(world) == []


def test_the_owner_is_told_then_headquarters_and_a_follow_up_ends_it(world, held, report):
    at_once(world, DUE)
    at_once(world, DUE + timedelta(minutes=60))
    assert (told(world, "escalated"), on_the_desk(world)) == (["owner"], 0)
    at_once(world, DUE + timedelta(minutes=180))
    assert (sorted(told(world, "escalated")), on_the_desk(world)) == (["hq", "owner"], 1)
    lead = world.rows.get(Lead, held.lead_id, populate_existing=True)
    assert (lead.state, lead.state_reason["code"], lead.state_reason["kind"]) == ("placed", "escalated", "contact")
    report(held, DUE + timedelta(minutes=181))
    at_once(world, DUE + timedelta(minutes=182))
    assert on_the_desk(world) == 0
    now = world.assignments(held.lead_id)[0]
    assert (now.stage, now.due_kind, now.breached_at, now.hq_at > world.now) == ("contacted", "follow_up", None, True)
    assert breaches(world) == [("contact", DUE)]


def test_a_lead_nobody_works_on_goes_to_the_next_store_after_all(world, held):
    at_once(world, DUE + timedelta(minutes=269))
    assert world.stages(held.lead_id) == ["claimed"]
    world.now = DUE + timedelta(minutes=270)
    world.run("hq.settle", "hq.route")
    assert world.stages(held.lead_id) == ["recycled", "offered"]
    assert world.story(held.lead_id)[-2:] == ["recycled", "offered"]


def test_a_claim_that_is_missed_is_a_breach_of_the_store_and_its_owner_hears_of_it(world, store, rows):
    ensure_defaults(rows, defaults(), now=make.NOW)
    world.stores(store(km=1))
    key = world.sign_up(phone="13800138000")
    world.run("hq.qualify", "hq.route")
    (offer,) = world.assignments(world.lead_of(key).lead_id)
    at_once(world, offer.deadline_at + timedelta(minutes=3))
    assert breaches(world) == [("claim", offer.deadline_at)]
    assert told(world, "claim_late") == ["owner"]


def test_a_follow_up_after_the_deadline_that_came_before_the_worker_looked_was_late_all_the_same(world, held, report):
    report(held, DUE + timedelta(seconds=1))
    at_once(world, DUE + timedelta(minutes=5))
    assert breaches(world) == [("contact", DUE)]
    assert told(world, "contact_late") == []


def test_a_follow_up_in_time_is_no_breach_even_when_another_follows_before_the_worker_looks(world, held, report):
    report(held, DUE - timedelta(minutes=1))
    report(held, DUE + timedelta(minutes=1))
    at_once(world, DUE + timedelta(minutes=5))
    assert breaches(world) == []


def test_a_wecom_friend_is_not_taken_back_by_the_clock(world, held, report):
    report(held, DUE - timedelta(minutes=1), outcome=Outcome.WECOM_ADDED)
    at_once(world, DUE)
    now = world.assignments(held.lead_id)[0]
    assert (now.recycle_at, now.due_kind) == (None, "follow_up")
    at_once(world, DUE + timedelta(days=60))
    assert world.stages(held.lead_id) == ["contacted"]
    assert [kind for kind, _ in breaches(world)] == ["follow_up"]


def test_a_booked_visit_protects_the_lead_until_it_is_past(world, held, report):
    visit = DUE + timedelta(days=20)
    report(held, DUE - timedelta(minutes=1), kind=Kind.APPOINTMENT, outcome=None, next_at=visit)
    at_once(world, visit)
    assert (world.stages(held.lead_id), breaches(world)) == (["appointment"], [])


def test_a_follow_up_that_has_begun_is_waited_for_and_wins_over_the_taking_back(world, held, rows, dealer_engine):
    actor = make.actor_of(rows, make.staff(rows, [held]))
    rows.commit()
    world.now = held.recycle_at
    done = Done(follow_up_id=uuid4(), kind=Kind.CALL, outcome=Outcome.INTERESTED)
    settling = threading.Thread(target=world.run, args=("hq.settle",))
    with unit_of_work(dealer_engine, dealer_id=actor.dealer_id) as session:
        service.follow_up(session, assignment_id=held.assignment_id, actor=actor, done=done, now=world.now)
        settling.start()
        waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        until(lambda: session.scalar(waits) > 0, what="the worker to wait for the follow-up")
    settling.join(timeout=20)
    assert world.stages(held.lead_id) == ["contacted"]


def test_whoever_races_no_report_is_stored_about_a_lead_that_was_taken_back(world, held, rows, dealer_engine, race):
    actor = make.actor_of(rows, make.staff(rows, [held]))
    place = world.assignments(held.lead_id)[0]
    leads = [make.claimed(rows, place, now=make.NOW, recycle_at=held.recycle_at) for _ in range(12)]
    rows.commit()
    world.now = held.recycle_at

    def act(assignment):
        if assignment is None:
            world.run("hq.settle")
            return "settled"
        done = Done(follow_up_id=uuid4(), kind=Kind.CALL, outcome=Outcome.INTERESTED)
        try:
            with unit_of_work(dealer_engine, dealer_id=actor.dealer_id) as session:
                service.follow_up(
                    session, assignment_id=assignment.assignment_id, actor=actor, done=done, now=world.now
                )
        except NotHeld:
            return "refused"
        return "stored"

    answers = race(act, [*leads, None, None])
    world.run("hq.settle")
    rows.rollback()
    reported = set(rows.scalars(select(FollowUp.assignment_id)))
    for assignment, answer in zip(leads, answers, strict=False):
        rows.refresh(assignment)
        assert (assignment.assignment_id in reported, assignment.stage) == (
            (True, "contacted") if answer == "stored" else (False, "recycled")
        )
