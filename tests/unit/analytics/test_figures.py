"""Rates, changes and comparisons of the overview."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from hq.analytics import figures, provinces
from shared.leads.metrics import BECAME
from shared.platform.clock import BEIJING

NOW = datetime(2026, 11, 20, 15, 42, tzinfo=BEIJING)
LATER = timedelta(days=7)


def counted(**values):
    names = ("signups", "people", "qualified", "offered", "claimed", "in_time", "contacted", "visited", "won", "silent")
    return {**dict.fromkeys(names, 0), "became": dict.fromkeys(BECAME, 0), **values}


def step(name, now, before=None):
    return next(each for each in figures.steps(now, before) if each.name == name)


def test_a_rate_differs_from_the_last_campaigns_in_percentage_points():
    each = step("people", counted(signups=100, people=80), counted(signups=200, people=150))
    assert (each.rate, each.change) == (0.8, pytest.approx(5.0))


def test_sign_ups_are_compared_by_their_growth():
    assert step("signups", counted(signups=120), counted(signups=100)).change == pytest.approx(20.0)


def test_contacts_are_a_share_of_all_claims_also_the_late_ones():
    assert step("contacted", counted(in_time=10, claimed=20, contacted=15)).rate == 0.75


def test_a_share_of_nothing_is_nothing():
    assert step("people", counted(), counted()).rate is None
    assert figures.silence(counted(), None).rate is None


def test_the_chart_has_24_hours_and_the_same_hours_of_the_last_campaign():
    hours, before = {"2026-11-20T15": 3, "2026-11-19T16": 1, "2026-11-19T15": 9}, {"2026-11-13T15": 5}
    unit, bars = figures.bars(hours, before, later=LATER, now=NOW)
    assert (unit, len(bars), bars[-1].count, bars[-1].before, bars[0].count) == ("hour", 24, 3, 5, 1)


def test_a_quiet_campaign_is_shown_by_day():
    unit, bars = figures.bars({"2026-11-01T10": 2, "2026-11-03T23": 1}, None, later=timedelta(0), now=NOW)
    assert (unit, [bar.count for bar in bars]) == ("day", [2, 0, 1])


def test_a_store_is_held_against_stores_of_its_city_before_those_farther_away():
    ids = [UUID(int=number) for number in range(1, 7)]
    shares = {str(key): [10, claimed, 0, 10, 0, 60] for key, claimed in zip(ids, (9, 5, 6, 7, 1, 1), strict=True)}
    places = [(key, f"店{key.int}", "330100" if key.int < 5 else "320100", "330000") for key in ids]
    judged = {each.name: each for each in figures.judged(shares, places)}
    assert (judged["店1"].rate, judged["店1"].neighbours, judged["店1"].among) == (0.9, 0.6, "city")
    assert (judged["店5"].among, judged["店5"].neighbours) == ("province", 0.6)
    best, worst = figures.best_and_worst(list(judged.values()))
    assert {each.name for each in best} & {each.name for each in worst} == set()


def test_every_province_has_a_tile_of_its_own():
    grid = provinces.grid({"33": [120, 10, 20, 3], "": [4, 0, 0, 0]})
    assert len({(tile.column, tile.row) for tile in grid.tiles}) == len(grid.tiles) == 34
    zhejiang = next(tile for tile in grid.tiles if tile.code == "33")
    assert (zhejiang.name, zhejiang.leads, zhejiang.shade, grid.unknown) == ("浙江省", 120, 5, 4)
