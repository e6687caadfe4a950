"""The deadlines of a lead at a store, in its working time: pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from hq.routing.alarms import Alarm, ring
from hq.routing.deadlines import CONTACT, FOLLOW_UP, Planned, claim_times, counts_from, schedule
from hq.routing.rules import RoutingRules
from shared.dealers.hours import WeeklyHours
from shared.platform.clock import BEIJING

OFFICE = WeeklyHours.of([[(540, 1080)]] * 5 + [[]] * 2)
RULES = RoutingRules(remind_percent=50, owner_minutes=60, hq_minutes=120, recycle_minutes=240)


def at(day: int, clock: str) -> datetime:
    """A day of November 2026: the 13th is a Friday."""
    hour, minute = clock.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=BEIJING)


def planned(rules=RULES, *, kind=CONTACT, start, protected=False, campaign=None):
    return schedule(rules, kind=kind, start=start, grade="A", campaign=campaign, hours=OFFICE, protected=protected)


def test_an_offer_on_friday_evening_is_reminded_of_and_due_on_monday_morning():
    times = claim_times(RULES, start=at(13, "17:50"), minutes=30, hours=OFFICE)
    assert (times.remind_at, times.deadline_at) == (at(16, "09:05"), at(16, "09:20"))


def test_a_missed_first_contact_goes_to_the_owner_then_to_headquarters_and_then_to_another_store():
    due = planned(start=at(12, "09:00"))
    assert due.due_at == at(12, "18:00")
    assert due.remind_at == at(12, "13:30")
    assert (due.owner_at, due.hq_at, due.recycle_at) == (at(13, "10:00"), at(13, "12:00"), at(13, "13:00"))


def test_nobody_is_told_after_the_lead_was_taken_back():
    soon = RoutingRules(owner_minutes=60, hq_minutes=120, recycle_minutes=90)
    due = planned(soon, start=at(12, "09:00"))
    assert (due.owner_at, due.hq_at) == (at(13, "10:00"), None)
    at_once = planned(RoutingRules(owner_minutes=60, hq_minutes=120), start=at(12, "09:00"))
    assert (at_once.owner_at, at_once.hq_at, at_once.recycle_at) == (None, None, at_once.due_at)


def test_a_protected_lead_is_not_taken_back_but_people_are_told():
    due = planned(start=at(12, "09:00"), kind=FOLLOW_UP, protected=True)
    assert due.recycle_at is None
    assert due.owner_at < due.hq_at


def test_a_campaign_has_its_own_time_to_the_first_contact():
    rules = RoutingRules(by_campaign={"KOI1": {"first_contact_minutes": 30}})
    assert planned(rules, start=at(12, "09:00"), campaign="KOI1").due_at == at(12, "09:30")


@pytest.mark.parametrize(
    ("rules", "reminded"),
    [
        ({}, None),
        ({"remind_minutes": 60}, at(12, "17:00")),
        ({"remind_minutes": 60, "remind_percent": 10}, at(12, "17:00")),
        ({"remind_minutes": 600}, None),
        ({"remind_percent": 90}, at(12, "17:06")),
    ],
)
def test_a_reminder_comes_at_a_share_of_the_time_or_so_long_before(rules, reminded):
    assert planned(RoutingRules(**rules), start=at(12, "09:00")).remind_at == reminded


@pytest.mark.parametrize(
    ("rules", "ahead", "counted"),
    [
        ({}, Planned(step_at=at(2, "10:00") + timedelta(days=90)), at(16, "10:00")),
        ({}, Planned(step_at=at(5, "09:30")), at(5, "09:30")),
        ({}, Planned(visit_at=at(2, "10:00") + timedelta(days=90)), at(2, "10:00") + timedelta(days=30)),
        ({}, Planned(step_at=at(2, "10:00") + timedelta(days=90), visit_at=at(20, "15:00")), at(20, "15:00")),
        (
            {"plan_days": None},
            Planned(step_at=at(2, "10:00") + timedelta(days=90)),
            at(2, "10:00") + timedelta(days=90),
        ),
        ({"plan_days": 3}, Planned(step_at=at(9, "10:00")), at(5, "10:00")),
        ({}, Planned(step_at=at(1, "10:00")), at(2, "10:00")),
    ],
)
def test_a_plan_puts_the_next_follow_up_off_as_far_as_the_rules_say(rules, ahead, counted):
    assert counts_from(RoutingRules(**rules), at(2, "10:00"), ahead) == counted


def test_a_lead_that_is_planned_far_ahead_is_due_and_taken_back_in_opening_hours():
    rules = RoutingRules(plan_days=14, idle_minutes=540, recycle_minutes=240, owner_minutes=60)
    start = counts_from(rules, at(7, "17:00"), Planned(step_at=at(7, "17:00") + timedelta(days=90)))
    due = schedule(rules, kind=FOLLOW_UP, start=start, grade="A", campaign=None, hours=OFFICE)
    assert start == at(21, "17:00")  # a Saturday, when the store is closed
    assert (due.due_at, due.owner_at, due.recycle_at) == (at(23, "18:00"), at(24, "10:00"), at(24, "13:00"))


def alarm(**values) -> Alarm:
    given = {
        "assignment_id": UUID(int=1), "dealer_id": UUID(int=2), "store_id": UUID(int=3), "lead_id": UUID(int=4),
        "stage": "claimed", "offered_at": at(12, "09:00"), "assignee": None, "deadline_at": at(12, "09:30"),
        "due_at": at(12, "18:00"), "due_kind": "contact", "remind_at": None, "breached_at": None,
        "owner_at": at(13, "10:00"),
    }  # fmt: skip
    return Alarm(**{**given, **values})


def kinds(rung) -> list[tuple[str, str]]:
    return [(notice.kind, notice.to) for notice in rung.notices]


def test_a_reminder_goes_to_who_works_on_the_lead():
    rung = ring([alarm(remind_at=at(12, "17:00"), assignee=UUID(int=9))], at(12, "17:00"))
    assert kinds(rung) == [("contact_soon", "store")]
    assert rung.notices[0].user_id == UUID(int=9)
    assert not rung.missed


def test_a_breach_carries_the_moment_it_was_due_and_not_when_it_was_noticed():
    rung = ring([alarm(remind_at=at(12, "17:00"))], at(12, "18:07"))
    assert [(missed.kind, missed.due_at) for missed in rung.missed] == [("contact", at(12, "18:00"))]
    assert kinds(rung) == [("contact_late", "store")]


def test_a_clock_that_stood_still_tells_everything_in_order_and_reminds_of_nothing():
    rung = ring([alarm(remind_at=at(12, "17:00"))], at(13, "11:00"))
    assert kinds(rung) == [("contact_late", "store"), ("escalated", "owner")]
    assert [event.kind for event in rung.events] == ["breached", "escalated"]


def test_what_is_written_down_already_is_not_written_again():
    rung = ring([alarm(breached_at=at(12, "18:00"))], at(13, "10:00"))
    assert (rung.missed, kinds(rung)) == ([], [("escalated", "owner")])


def test_a_reminder_of_an_offer_that_ran_out_is_dropped():
    offer = alarm(stage="offered", due_at=None, due_kind=None, owner_at=None, remind_at=at(12, "09:15"))
    assert kinds(ring([offer], at(12, "09:20"))) == [("claim_soon", "store")]
    assert kinds(ring([offer], at(12, "09:30") + timedelta(seconds=1))) == []
