"""Public holidays and make-up workdays in a store's working time, against a count minute by minute."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.dealers.holidays import CHINA, Calendar
from shared.dealers.hours import (
    BadHours,
    HolidayRule,
    OnHolidays,
    WeeklyHours,
    deadline,
    is_open,
    next_opening,
    opens_in,
    working_seconds,
)
from shared.dealers.hours_text import parse_holidays, parse_hours
from shared.platform.clock import BEIJING

OFFICE = WeeklyHours.of([[(540, 1080)]] * 5 + [[]] * 2)
SHOP = WeeklyHours.of([[(540, 1080)]] * 5 + [[(600, 960)]] * 2)
NATIONAL = date(2026, 10, 1)  # a Thursday; Saturday the 10th is worked for it


def at(day: date, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=BEIJING)


def test_an_office_is_shut_from_national_day_to_the_seventh_and_works_on_the_saturday_for_it():
    assert next_opening(at(NATIONAL, "10:00"), OFFICE) == at(date(2026, 10, 8), "09:00")
    assert deadline(at(date(2026, 9, 30), "17:50"), 30, OFFICE) == at(date(2026, 10, 8), "09:20")
    assert is_open(at(date(2026, 10, 10), "10:00"), OFFICE)
    assert not is_open(at(date(2026, 10, 17), "10:00"), OFFICE)
    assert deadline(at(date(2026, 10, 9), "17:50"), 30, OFFICE) == at(date(2026, 10, 10), "09:20")


@pytest.mark.parametrize(
    ("rule", "opens"),
    [
        (HolidayRule(), (600, 960)),
        (HolidayRule(OnHolidays.OPEN), (540, 1080)),
        (HolidayRule(OnHolidays.CLOSED), None),
        (HolidayRule.with_hours([(660, 900)]), (660, 900)),
    ],
)
def test_a_store_says_what_it_does_on_a_holiday(rule, opens):
    assert SHOP.with_holidays(rule).on(NATIONAL) == (() if opens is None else (opens,))


def test_a_weekend_store_is_open_on_a_make_up_workday_as_on_any_saturday_and_one_may_refuse_them():
    worked = date(2026, 10, 10)
    assert SHOP.on(worked) == ((600, 960),)
    assert OFFICE.with_holidays(HolidayRule(make_up=False)).on(worked) == ()
    assert WeeklyHours.of([[(480, 600)]] + [[]] * 6).on(date(2026, 1, 4)) == ((480, 600),)  # a Sunday, as a Monday


def test_own_closed_days_go_before_everything():
    assert OFFICE.shut_on([date(2026, 10, 10)]).on(date(2026, 10, 10)) == ()
    assert SHOP.with_holidays(HolidayRule(OnHolidays.OPEN)).shut_on([NATIONAL]).on(NATIONAL) == ()


def test_beyond_the_calendar_weeks_are_plain():
    assert CHINA.ends >= 2026
    beyond = date(CHINA.ends + 1, 1, 1)
    assert SHOP.on(beyond) == SHOP.week[beyond.weekday()]
    assert CHINA.ends_soon(date(CHINA.ends, 3, 1))
    assert CHINA.ends_soon(beyond)
    assert not CHINA.ends_soon(date(CHINA.ends - 1, 12, 31))
    assert not Calendar().ahead(beyond)


def test_the_next_holidays_are_spans_of_days():
    assert CHINA.ahead(date(2026, 9, 1)) == [
        (date(2026, 9, 25), date(2026, 9, 27), "Mid-autumn Festival"),
        (date(2026, 10, 1), date(2026, 10, 7), "National Day"),
    ]


def test_minutes_until_a_store_opens_are_none_while_it_is_open_and_endless_for_one_that_never_does():
    assert opens_in(at(date(2026, 11, 9), "10:00"), OFFICE) == 0
    assert opens_in(at(date(2026, 11, 9), "08:15"), OFFICE) == 45
    assert opens_in(at(date(2026, 11, 9), "08:15"), WeeklyHours.of([[]] * 7)) == float("inf")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (None, HolidayRule()),
        ("休息", HolidayRule(OnHolidays.CLOSED)),
        ("照常营业", HolidayRule(OnHolidays.OPEN)),
        ("同周日", HolidayRule()),
        ("10:00-16:00；调休日不营业", HolidayRule.with_hours([(600, 960)], make_up=False)),
        ("休息，不调休", HolidayRule(OnHolidays.CLOSED, make_up=False)),
        ("放假，调休上班", HolidayRule(OnHolidays.CLOSED)),
        ("As on Sundays", HolidayRule()),
    ],
)
def test_what_a_list_says_of_holidays_is_read_as_meant(text, rule):
    assert parse_holidays(text) == rule


def test_hours_may_name_holidays_in_the_same_breath():
    assert parse_hours("周一至周五 9:00-18:00；法定节假日休息") == OFFICE.with_holidays(HolidayRule(OnHolidays.CLOSED))
    assert parse_hours("节假日 10:00-16:00；周一至周五9:00-18:00").on(NATIONAL) == ((600, 960),)


@pytest.mark.parametrize("text", ["看心情", "周一 9:00-10:00"])
def test_holidays_that_nobody_can_read_are_refused(text):
    with pytest.raises(BadHours):
        parse_holidays(text)


@pytest.mark.parametrize(
    "stored", [{"holidays": "maybe"}, {"holidays": []}, {"holidays": ["18:00-09:00"]}, {"make_up": 1}]
)
def test_stored_holidays_of_another_form_are_refused(stored):
    with pytest.raises(BadHours):
        WeeklyHours.from_json(stored)


# Everything below is held against a count over single minutes of what people typed, which knows nothing of spans.
FIRST = date(2026, 11, 9)
DAYS = [FIRST + timedelta(days=n) for n in range(-1, 30)]
SPAN = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda span: span[0] != span[1])
TYPED = st.lists(st.lists(SPAN, max_size=3), min_size=7, max_size=7)
SOME_DAYS = st.sets(st.sampled_from(DAYS), max_size=5)
RULES = st.builds(
    lambda on, opens, length, make_up: (
        HolidayRule.with_hours([(opens, opens + length)], make_up=make_up)
        if on is OnHolidays.HOURS
        else HolidayRule(on, make_up=make_up)
    ),
    st.sampled_from(OnHolidays),
    st.integers(0, 1000),
    st.integers(1, 440),
    st.booleans(),
)
MOMENTS = st.integers(0, 14 * 1440).map(lambda minutes: at(FIRST, "00:00") + timedelta(minutes=minutes))


def minutes_of(typed, weekday: int) -> set[int]:
    """The minutes of a weekday with an opening of that day, or one of the night before that runs into it."""
    own = {m for opens, closes in typed[weekday] for m in range(opens, closes if opens < closes else 1440)}
    night = {m for opens, closes in typed[weekday - 1] if opens >= closes for m in range(closes)}
    return own | night


def slow_day(typed, rule: HolidayRule, off, make_up, closed, day: date) -> set[int]:
    weekday = day.weekday()
    if day in closed:
        return set()
    if day in off:
        return {
            OnHolidays.CLOSED: set(),
            OnHolidays.SUNDAY: minutes_of(typed, 6),
            OnHolidays.OPEN: minutes_of(typed, weekday),
            OnHolidays.HOURS: {m for opens, closes in rule.spans for m in range(opens, closes)},
        }[rule.on]
    if day in make_up and rule.make_up and weekday in (5, 6) and not minutes_of(typed, weekday):
        return minutes_of(typed, 4 if weekday == 5 else 0)
    return minutes_of(typed, weekday)


@settings(max_examples=50, deadline=None)
@given(TYPED, RULES, SOME_DAYS, SOME_DAYS, SOME_DAYS, MOMENTS, MOMENTS)
def test_working_time_with_holidays_is_the_count_of_open_minutes(typed, rule, off, make_up, closed, a, b):
    calendar = Calendar(dict.fromkeys(off, "a holiday"), dict.fromkeys(make_up, "a holiday"))
    week = WeeklyHours.of(typed)
    hours = WeeklyHours(week.week, frozenset(closed), rule, calendar)
    by_day = {day: slow_day(typed, rule, off, make_up, closed, day) for day in DAYS}
    moment, count = a, 0
    while moment < b:
        count += moment.hour * 60 + moment.minute in by_day[moment.date()]
        moment += timedelta(minutes=1)
    assert working_seconds(a, b, hours) == count * 60
    assert WeeklyHours.from_json(hours.to_json(), [day.isoformat() for day in closed]) == hours


@settings(max_examples=50, deadline=None)
@given(TYPED.filter(any), RULES, SOME_DAYS, SOME_DAYS, SOME_DAYS, MOMENTS, st.integers(1, 2000), st.integers(0, 59))
def test_a_deadline_with_holidays_is_the_first_moment_with_enough_open_minutes(
    typed, rule, off, make_up, closed, start, minutes, seconds
):
    calendar = Calendar(dict.fromkeys(off, "a holiday"), dict.fromkeys(make_up, "a holiday"))
    hours = WeeklyHours(WeeklyHours.of(typed).week, frozenset(closed), rule, calendar)
    start += timedelta(seconds=seconds)
    by_day: dict[date, set[int]] = {}
    second, left = start, minutes * 60
    while left > 0:  # minute by minute, the first one cut to what is left of it
        day = by_day.setdefault(second.date(), slow_day(typed, rule, off, make_up, closed, second.date()))
        step = 60 - second.second
        if second.hour * 60 + second.minute in day:
            step = min(step, left)
            left -= step
        second += timedelta(seconds=step)
    assert deadline(start, minutes, hours) == second
