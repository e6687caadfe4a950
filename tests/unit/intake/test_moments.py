"""Times as spreadsheets write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from hq.intake.imports.moments import Unreadable, read_moment

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "beijing"),
    [
        ("2026/11/10 9:05", (2026, 11, 10, 9, 5)),
        ("2026-11-10 09:05:33", (2026, 11, 10, 9, 5, 33)),
        ("2026年11月10日 9时5分", (2026, 11, 10, 9, 5)),
        ("2026.11.10", (2026, 11, 10, 0, 0)),
        ("2026/11/10 下午3:20", (2026, 11, 10, 15, 20)),
        ("20261110", (2026, 11, 10, 0, 0)),
        ("01-02-2018", (2018, 2, 1, 0, 0)),
        ("10-11-2026 00:06", (2026, 11, 10, 0, 6)),
        ("31.12.2025", (2025, 12, 31, 0, 0)),
        ("2/24/2015 22:55", (2015, 2, 24, 22, 55)),
        ("24/2/2015", (2015, 2, 24, 0, 0)),
        ("46336.00417", (2026, 11, 10, 0, 6)),
        (46336.00417, (2026, 11, 10, 0, 6)),
        (46336, (2026, 11, 10, 0, 0)),
        (datetime(2026, 11, 10, 9, 5), (2026, 11, 10, 9, 5)),  # noqa: DTZ001
        (date(2026, 11, 10), (2026, 11, 10, 0, 0)),
        ("２０２６／１１／１０ ９：０５", (2026, 11, 10, 9, 5)),
    ],
)
def test_beijing_time_in_every_form_people_use(cell, beijing):
    moment = read_moment(cell, now=NOW)
    local = moment.astimezone(datetime.fromisoformat("2026-01-01T00:00+08:00").tzinfo)
    expected = datetime(*beijing)  # noqa: DTZ001
    assert abs((local.replace(tzinfo=None) - expected).total_seconds()) <= 30


def test_a_stated_zone_is_kept():
    assert read_moment("2026-11-10T01:05:00Z", now=NOW) == datetime(2026, 11, 10, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["", " ", "\u3000"])
def test_an_empty_cell_says_nothing(cell):
    assert read_moment(cell, now=NOW) is None


@pytest.mark.parametrize(
    "cell", ["昨天", "32/13/2026", "2026/2/30", "2031/1/1", "1899-12-30", 0, 12345, 1e300, True, time(9, 0), "9:05"]
)
def test_what_cannot_be_meant_is_unreadable(cell):
    with pytest.raises(Unreadable):
        read_moment(cell, now=NOW)


def test_a_clock_may_be_some_hours_ahead():
    assert read_moment("2026/11/23 23:59", now=NOW) is not None
