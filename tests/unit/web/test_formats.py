"""Times, numbers and phones as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.web import formats

NOW = datetime(2026, 11, 20, 2, 12, tzinfo=UTC)  # 10:12 in Beijing


@pytest.mark.parametrize(
    ("when", "zh", "en"),
    [
        (NOW, "10:12", "10:12"),
        (datetime(2026, 11, 20, 15, 59, tzinfo=UTC), "23:59", "23:59"),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), "明天 0:00", "tomorrow 0:00"),
        (datetime(2026, 11, 19, 15, 59, tzinfo=UTC), "昨天 23:59", "yesterday 23:59"),
        (datetime(2026, 11, 27, 2, 0, tzinfo=UTC), "11 月 27 日 10:00", "27 Nov 10:00"),
        (datetime(2025, 12, 31, 16, 5, tzinfo=UTC), "1 月 1 日 0:05", "1 Jan 0:05"),
        (datetime(2025, 3, 2, 1, 5, tzinfo=UTC), "2025 年 3 月 2 日 9:05", "2 Mar 2025 9:05"),
    ],
)
def test_a_moment_says_as_little_as_needed_in_beijing_time(when, zh, en):
    assert formats.moment(when, NOW, "zh") == zh
    assert formats.moment(when, NOW, "en") == en


def test_days_and_tables():
    assert formats.day(date(2026, 11, 21), NOW, "zh") == "明天"
    assert formats.day(date(2026, 11, 25), NOW, "en") == "25 Nov"
    assert formats.table_moment(NOW, NOW) == "10:12"
    assert formats.table_moment(NOW - timedelta(days=3), NOW) == "11-17 10:12"
    assert formats.table_moment(NOW - timedelta(days=400), NOW) == "2025-10-16"
    assert formats.exact(NOW) == "2026-11-20 10:12:00"


@pytest.mark.parametrize(
    ("span", "zh", "en"),
    [
        (timedelta(seconds=20), "刚刚", "just now"),
        (timedelta(minutes=21), "21 分钟后", "in 21 minutes"),
        (timedelta(minutes=-1), "1 分钟前", "1 minute ago"),
        (timedelta(hours=-3, minutes=-20), "3 小时前", "3 hours ago"),
        (timedelta(days=-1, hours=-1), "1 天前", "1 day ago"),
        (timedelta(days=-3), "11 月 17 日 10:12", "17 Nov 10:12"),
    ],
)
def test_near_moments_are_told_from_now(span, zh, en):
    assert formats.relative(NOW + span, NOW, "zh") == zh
    assert formats.relative(NOW + span, NOW, "en") == en


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"),
        (9_999, "9,999", "9,999"),
        (12_000, "1.2万", "12k"),
        (48_210, "4.82万", "48.2k"),
        (132_000, "13.2万", "132k"),
        (1_320_000, "132万", "1.32M"),
        (88_800_000, "8880万", "88.8M"),
        (1_409_878_724, "14.1亿", "1.41B"),
        (-48_210, "−4.82万", "−48.2k"),
        (None, "–", "–"),
    ],
)
def test_head_figures_have_three_digits(value, zh, en):
    assert formats.short_number(value, "zh") == zh
    assert formats.short_number(value, "en") == en


def test_exact_numbers_and_shares():
    assert formats.number(-1234567) == "−1,234,567"
    assert formats.number(None) == "–"
    assert formats.percent(0.2134) == "21.3%"
    assert formats.percent(None) == "–"


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("+8613800132046", "138****2046"), ("13800132046", "138****2046"), ("12345", "****"), ("", "****")],
)
def test_phones_show_their_ends_only(phone, masked):
    assert formats.mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("far", "zh", "en"),
    [
        (0.0, "1 公里内", "under 1 km"),
        (3.42, "3.4 公里", "3.4 km"),
        (1131.6, "1,132 公里", "1,132 km"),
    ],
)
def test_a_way_is_told_no_finer_than_it_is_known(far, zh, en):
    assert (formats.kilometres(far, "zh"), formats.kilometres(far, "en")) == (zh, en)
