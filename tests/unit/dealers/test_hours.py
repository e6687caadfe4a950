"""Working time: deadlines, durations and openings of a store, checked minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.dealers.hours import (
    ALL_DAY,
    DEFAULT_HOURS,
    BadHours,
    NeverOpen,
    WeeklyHours,
    deadline,
    is_open,
    next_opening,
    working_seconds,
)
from shared.platform.clock import BEIJING

OFFICE = WeeklyHours.of([[(540, 1080)]] * 5 + [[]] * 2)
EIGHT_HOURS = WeeklyHours.of([[(540, 1020)]] * 5 + [[]] * 2)
MON, TUE, FRI, SAT = 9, 10, 13, 14  # days of November 2026; the week of the 9th and the one after
NEVER = WeeklyHours.of([[]] * 7)


def at(day: int, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        (at(FRI, "17:50"), at(MON + 7, "09:20")),
        (at(SAT, "08:00"), at(MON + 7, "09:30")),
        (at(SAT, "15:00"), at(MON + 7, "09:30")),
        (at(SAT, "20:00"), at(MON + 7, "09:30")),
        (at(MON, "09:00"), at(MON, "09:30")),
        (at(MON, "17:30"), at(MON, "18:00")),
        (at(MON, "18:00"), at(TUE, "09:30")),
        (at(MON, "03:00"), at(MON, "09:30")),
    ],
)
def test_a_half_hour_is_counted_in_office_hours(start, due):
    assert deadline(start, 30, OFFICE) == due
    assert deadline(start.astimezone(UTC), 30, OFFICE).utcoffset() == timedelta(hours=8)


def test_a_weekend_and_a_holiday_are_no_working_time():
    assert working_seconds(at(FRI, "10:00"), at(MON + 8, "12:00"), EIGHT_HOURS, {date(2026, 11, 16)}) == 36_000
    assert deadline(at(FRI, "10:00"), 600, EIGHT_HOURS, {date(2026, 11, 16)}) == at(MON + 8, "12:00")


def test_seconds_count_too():
    start = at(FRI, "17:59") + timedelta(seconds=30, microseconds=5)
    assert deadline(start, 1, OFFICE) == at(MON + 7, "09:00") + timedelta(seconds=30, microseconds=5)


def test_a_break_at_noon_is_no_working_time():
    hours = WeeklyHours.of([[(540, 720), (810, 1080)]] * 7)
    assert deadline(at(MON, "11:50"), 30, hours) == at(MON, "13:50")
    assert not is_open(at(MON, "12:30"), hours)


def test_hours_past_midnight_go_on_until_closing():
    hours = WeeklyHours.of([[(1200, 120)]] * 7)
    assert is_open(at(TUE, "01:59"), hours)
    assert not is_open(at(TUE, "02:00"), hours)
    assert working_seconds(at(MON, "23:00"), at(TUE, "20:30"), hours) == 3.5 * 3600


def test_a_store_that_never_opens_is_said_to():
    for attempt in (deadline, lambda start, minutes, hours: next_opening(start, hours)):
        with pytest.raises(NeverOpen) as refusal:
            attempt(at(MON, "09:00"), 30, NEVER)
        assert refusal.value.code == "store_never_open"
    assert NEVER.never_open
    assert working_seconds(at(MON, "09:00"), at(FRI, "09:00"), NEVER) == 0
    every_day = {date(2026, 1, 1) + timedelta(days=n) for n in range(1500)}
    with pytest.raises(NeverOpen):
        deadline(at(MON, "09:00"), 30, DEFAULT_HOURS, every_day)


def test_a_long_closure_is_waited_for():
    closed = {date(2026, 11, 9) + timedelta(days=n) for n in range(60)}
    assert next_opening(at(MON, "10:00"), DEFAULT_HOURS, closed) == datetime(2027, 1, 8, 9, tzinfo=BEIJING)


def test_an_open_store_opens_now():
    assert next_opening(at(MON, "10:00"), OFFICE) == at(MON, "10:00")
    assert next_opening(at(MON, "18:00"), OFFICE) == at(TUE, "09:00")
    assert is_open(at(MON, "09:00"), OFFICE)
    assert not is_open(at(MON, "18:00"), OFFICE)
    assert not is_open(at(MON, "10:00"), OFFICE, {date(2026, 11, MON)})


def test_time_does_not_run_backwards():
    assert working_seconds(at(TUE, "10:00"), at(MON, "10:00"), OFFICE) == 0


def test_all_day_is_plain_time():
    assert deadline(at(FRI, "17:50"), 1440, ALL_DAY) == at(SAT, "17:50")


@pytest.mark.parametrize(
    "week", [[[(540, 540)]] + [[]] * 6, [[(540, 1500)]] + [[]] * 6, [[]] * 6, [[(-5, 60)]] + [[]] * 6]
)
def test_impossible_hours_are_refused(week):
    if week[0] == [(540, 540)]:
        assert WeeklyHours.of(week).week[0] == ((540, 1440),)  # from nine to nine is a whole day and night
    else:
        with pytest.raises(BadHours):
            WeeklyHours.of(week)


SPANS = st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda s: s[0] != s[1]), max_size=3)
WEEKS = st.lists(SPANS, min_size=7, max_size=7).map(WeeklyHours.of)
MOMENTS = st.integers(0, 10 * 1440).map(lambda minutes: at(MON, "00:00") + timedelta(minutes=minutes))
CLOSED = st.sets(st.integers(0, 12).map(lambda n: date(2026, 11, 9) + timedelta(days=n)), max_size=4)


@given(WEEKS)
def test_hours_survive_being_stored(hours):
    assert WeeklyHours.from_json(hours.to_json()) == hours


@settings(max_examples=60, deadline=None)
@given(WEEKS, MOMENTS, MOMENTS, CLOSED)
def test_working_time_is_the_count_of_open_minutes(hours, a, b, closed):
    minutes = range(max(0, int((b - a) / timedelta(minutes=1))))
    slow = sum(is_open(a + timedelta(minutes=n), hours, closed) for n in minutes)
    assert working_seconds(a, b, hours, closed) == slow * 60


@settings(max_examples=60, deadline=None)
@given(WEEKS.filter(lambda hours: not hours.never_open), MOMENTS, st.integers(1, 3000), CLOSED)
def test_a_deadline_is_the_first_moment_with_enough_open_minutes(hours, start, minutes, closed):
    due = deadline(start, minutes, hours, closed)
    assert working_seconds(start, due, hours, closed) == minutes * 60
    assert working_seconds(start, due - timedelta(minutes=1), hours, closed) == (minutes - 1) * 60


@pytest.mark.parametrize("stored", [{"mon": "09:00-18:00"}, {"day": []}, {"mon": ["nine"]}, {"mon": ["09:00-25:00"]}])
def test_stored_hours_of_another_form_are_refused(stored):
    with pytest.raises(BadHours):
        WeeklyHours.from_json(stored)
