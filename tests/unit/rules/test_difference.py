"""What is different between two versions of rules, and how it is said."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.scoring.scorecard import Scorecard
from hq.qualification.screening.rules import default_body
from hq.routing.rules import RoutingRules
from hq.rules import kinds
from hq.rules.words import changes_words

MISSING = {"missing": True, "points": 0}


def _told(old: dict[str, Any], new: dict[str, Any], kind: str = "scorecard") -> list[str]:
    return changes_words(kind, kinds.differences(kind, old, new))


def _card(*attributes: dict[str, Any]) -> dict[str, Any]:
    return {**DEFAULT_CARD, "attributes": list(attributes)}


def _km(*bins: tuple[float | None, float | None, int]) -> dict[str, Any]:
    told = [
        {name: bound for name, bound in (("from", low), ("below", high)) if bound is not None} | {"points": points}
        for low, high, points in bins
    ]
    return {"fact": "store_km", "bins": [*told, MISSING]}


def test_the_same_rules_have_no_difference() -> None:
    assert _told(DEFAULT_CARD, deepcopy(DEFAULT_CARD)) == []
    assert _told({}, RoutingRules().as_body(), "routing") == []  # what is left out is the default


def test_points_odds_and_grades_are_said_with_both_values() -> None:
    new = deepcopy(DEFAULT_CARD)
    new["attributes"][2]["bins"][1]["points"] = 8
    new["double_odds"], new["grades"][0][1] = 25, 155
    assert _told(DEFAULT_CARD, new) == [
        "Points that double the odds: 20 → 25",
        "Least points of grade A: 150 → 155",
        "Budget, points for “2000-3500 yuan”: 5 → 8",
    ]


def test_an_attribute_that_comes_and_one_that_goes_are_said() -> None:
    new = deepcopy(DEFAULT_CARD)
    new["attributes"][7] = {"fact": "hour", "bins": [{"below": 6, "points": -3}, {"from": 6, "points": 1}, MISSING]}
    assert _told(DEFAULT_CARD, new) == [
        "“Hour of the sign-up” counts now: −3 to 1 points",
        "“Number of sign-ups” no longer counts (it gave 0 to 12 points)",
    ]


def test_a_moved_bound_is_said_as_the_range_whose_points_change() -> None:
    old = _card(_km((None, 10, 5), (10, 30, 0), (30, None, -8)))
    new = _card(_km((None, 10, 5), (10, 20, 0), (20, None, -8)))
    assert _told(old, new) == ["Way to the nearest store, points for “20 to 30 km”: 0 → −8"]


def test_ranges_side_by_side_that_change_alike_are_one() -> None:
    old = _card(_km((None, 10, 5), (10, 30, 5), (30, None, -8)))
    new = _card(_km((None, 10, 7), (10, 20, 7), (20, 30, 7), (30, None, -8)))
    assert _told(old, new) == ["Way to the nearest store, points for “under 30 km”: 5 → 7"]


def test_bins_that_are_only_cut_in_another_way_give_everybody_the_same() -> None:
    old = _card(_km((None, 10, 5), (10, 30, 5), (30, None, -8)))
    new = _card(_km((None, 30, 5), (30, None, -8)))
    assert _told(old, new) == [
        "Way to the nearest store: the bins are cut in another way, everybody gets the same points"
    ]


def test_a_word_that_had_the_points_of_all_others_is_said_by_itself() -> None:
    old = _card({"fact": "model", "bins": [{"values": ["K1"], "points": 3}, {"other": True, "points": 1}, MISSING]})
    bins = [{"values": ["K1"], "points": 3}, {"values": ["K2"], "points": 6}, {"other": True, "points": 1}, MISSING]
    assert _told(old, _card({"fact": "model", "bins": bins})) == ["Model named, points for “K2”: 1 → 6"]


def test_a_pair_says_which_combination_changes() -> None:
    sides = [
        [{"below": 10}, {"from": 10}, {"missing": True}],
        [{"values": ["yes"]}, {"values": ["no"]}, {"missing": True}],
    ]
    pair = {"facts": ["store_km", "visited_store"], "bins": sides, "points": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]}
    changed = {**pair, "points": [[1, 2, 3], [4, 0, 6], [7, 8, 9]]}
    assert _told(_card(pair), _card(changed)) == [
        "Way to the nearest store × Was in the store, points for “over 10 km and no”: 5 → 0"
    ]


def test_a_pair_with_the_sides_exchanged_is_the_same_pair() -> None:
    sides = [
        [{"below": 10}, {"from": 10}, {"missing": True}],
        [{"values": ["yes"]}, {"values": ["no"]}, {"missing": True}],
    ]
    pair = {"facts": ["store_km", "visited_store"], "bins": sides, "points": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]}
    turned = {
        "facts": ["visited_store", "store_km"],
        "bins": sides[::-1],
        "points": [[1, 4, 7], [2, 5, 8], [3, 6, 9]],
    }
    assert [change.code for change in kinds.differences("scorecard", _card(pair), _card(turned))] == ["recut"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"max_km": None}, "Farthest store, in a straight line: 300 km → no limit"),
        ({"sla_minutes": 60}, "Time to claim a lead (opening hours): 30 min → 1 h"),
        (
            {"recycle_minutes": 90},
            "After a missed follow-up, the lead is taken back in (opening hours): at once → 90 min",
        ),
        ({"plan_days": 7}, "A planned call puts the next follow-up off by at most: 14 days → 7 days"),
        ({"visit_days": None}, "A booked visit puts the next follow-up off by at most: 30 days → no limit"),
        ({"remind_percent": 50}, "A store is reminded when this share of its time is over: off → 50%"),
        (
            {"by_campaign": {"KOI1": {"sla_minutes": 15}}},
            "Campaign KOI1: time to claim a lead (opening hours): as for other campaigns → 15 min",
        ),
        (
            {"strategy": "desk"},
            "How leads are given out: To one store after the other → By hand, from headquarters' desk",
        ),
        (
            {"by_campaign": {"KOI1": {"several_stores": 4}}},
            "Campaign KOI1: stores that get a lead at once: as for other campaigns → 4 stores",
        ),
        ({"sla_by_grade": {"A": 15}}, "Time to claim a lead of grade A (opening hours): as the others → 15 min"),
    ],
)
def test_settings_are_said_with_their_units(changes: dict[str, Any], said: str) -> None:
    old = RoutingRules().as_body()
    assert _told(old, {**old, **changes}, "routing") == [said]


def test_a_rule_of_screening_says_its_effect_and_its_numbers_by_name() -> None:
    old = default_body()
    new = {
        **old,
        "device_many_people": {**old["device_many_people"], "people": 5},
        "many_draws": {"effect": "off", "draws": 9},
    }
    assert _told(old, new, "screening") == [
        "Many people on one device, From this many people: 4 people → 5 people",
        "Many draws: Only a sign → Off",
    ]


def test_a_form_of_rules_that_nobody_reads_any_more_is_told_as_it_stands() -> None:
    assert _told({"device_people": 4}, {"device_people": 5}, "screening") == ["device_people: 4 → 5"]


_BOUNDS = st.lists(st.integers(0, 40), max_size=4, unique=True).map(sorted)


@st.composite
def _cut(draw: st.DrawFn) -> dict[str, Any]:
    bounds = [None, *draw(_BOUNDS), None]
    points = [draw(st.integers(-2, 2)) for _each in bounds[1:]]
    return _km(*zip(bounds, bounds[1:], points, strict=False))


@given(_cut(), _cut())
def test_something_is_said_exactly_where_somebody_gets_other_points(old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = Scorecard.parse(_card(old)).attributes[0], Scorecard.parse(_card(new)).attributes[0]
    values = [None, *range(-1, 42)]
    moved = {
        (before.points[before.place({"store_km": value})], after.points[after.place({"store_km": value})])
        for value in values
    }
    told = {
        (change.params["old"], change.params["new"])
        for change in kinds.differences("scorecard", _card(old), _card(new))
        if change.code == "points"
    }
    assert told == {move for move in moved if move[0] != move[1]}
