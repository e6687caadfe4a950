"""Opening hours as dealers write them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dealers.hours import ALL_DAY, DEFAULT_HOURS, BadHours, WeeklyHours
from shared.dealers.hours_text import parse_hours


def week(*, office, saturday=(), sunday=()):
    return WeeklyHours.of([list(office)] * 5 + [list(saturday), list(sunday)])


NINE_TO_SIX = [(540, 1080)]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        (None, DEFAULT_HOURS),
        ("  ", DEFAULT_HOURS),
        ("9:00-18:00", DEFAULT_HOURS),
        ("９：００－１８：００", DEFAULT_HOURS),
        ("09:00～18:00", DEFAULT_HOURS),
        ("9点至18点", DEFAULT_HOURS),
        ("上午9:00-下午6:00", DEFAULT_HOURS),
        ("9-18", DEFAULT_HOURS),
        ("营业时间：9:00-18:00", DEFAULT_HOURS),
        ("全天", ALL_DAY),
        ("24小时营业", ALL_DAY),
        ("00:00-24:00", ALL_DAY),
        ("每天 全天", ALL_DAY),
        ("08:30-18:30", WeeklyHours.of([[(510, 1110)]] * 7)),
        ("8:30—19:00", WeeklyHours.of([[(510, 1140)]] * 7)),
        ("8点半-19点", WeeklyHours.of([[(510, 1140)]] * 7)),
        ("9:00-12:00，13:30-18:00", WeeklyHours.of([[(540, 720), (810, 1080)]] * 7)),
        ("20:00-02:00", WeeklyHours.of([[(1200, 120)]] * 7)),
        ("周一至周五 9:00-18:00", week(office=NINE_TO_SIX)),
        ("周一至五：9:00-18:00", week(office=NINE_TO_SIX)),
        ("工作日9:00-18:00", week(office=NINE_TO_SIX)),
        ("Mon-Fri 9:00-18:00", week(office=NINE_TO_SIX)),
        ("9:00-18:00 周末休息", week(office=NINE_TO_SIX)),
        (
            "星期一到星期五 9:00-18:00；周六日 10:00-16:00",
            week(office=NINE_TO_SIX, saturday=[(600, 960)], sunday=[(600, 960)]),
        ),
        ("周一至周五9:00-18:00, 周六 10:00-16:00", week(office=NINE_TO_SIX, saturday=[(600, 960)])),
        ("周一、周二、周三、周四、周五 9:00-18:00\n周日 休息", week(office=NINE_TO_SIX)),
        ("周日至周四 9:00-18:00", WeeklyHours.of([NINE_TO_SIX] * 4 + [[]] * 2 + [NINE_TO_SIX])),
        ("休息", WeeklyHours.of([[]] * 7)),
    ],
)
def test_hours_are_read_as_meant(text, hours):
    assert parse_hours(text) == hours


@pytest.mark.parametrize(
    "text", ["看情况", "9:00", "周一", "9:75-18:00", "25:00-26:00", "9:00-9:00", "周一至周五 上班", "9:00-18:00 左右"]
)
def test_what_cannot_be_read_is_refused_with_the_part(text):
    with pytest.raises(BadHours) as refusal:
        parse_hours(text)
    assert refusal.value.code == "hours_unreadable"
    assert refusal.value.params["text"]


@given(st.one_of(st.text(max_size=30), st.text("0123456789:-一五六周至全天休息、; ", max_size=30)))
def test_any_text_gives_hours_or_a_refusal(text):
    with suppress(BadHours):
        assert len(parse_hours(text).week) == 7
