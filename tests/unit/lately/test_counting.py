"""What a card does with the people of lately, counted."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from hq.qualification.lately.counting import (
    Coded,
    Lately,
    as_json,
    bins_of,
    from_json,
    grades_of,
    information_value,
)
from hq.qualification.scoring.scorecard import Scorecard, score

NOW = datetime(2026, 11, 20, tzinfo=UTC)
HORIZON = {
    "fact": "purchase_horizon",
    "bins": [{"values": ["now"], "points": 40}, {"other": True, "points": 0}, {"missing": True, "points": -5}],
}
KM = {
    "fact": "store_km",
    "bins": [{"below": 10, "points": 7}, {"from": 10, "points": -8}, {"missing": True, "points": 0}],
}
PAIR = {
    "facts": ["purchase_horizon", "store_km"],
    "bins": [
        [{"values": ["now"]}, {"other": True}, {"missing": True}],
        [{"below": 10}, {"from": 10}, {"missing": True}],
    ],
    "points": [[1, 2, 3], [4, 5, 6], [7, 8, 9]],
}
PEOPLE: list[dict[str, Any]] = [
    {"purchase_horizon": "now", "store_km": 3.0},
    {"purchase_horizon": "now", "store_km": 10},
    {"purchase_horizon": "later", "store_km": None},
    {"purchase_horizon": None, "store_km": 80.5},
]
LATEST, WON = [1, 1, 1, 0], [1, 0, -1, 1]


def card(*attributes: dict[str, Any]) -> Scorecard:
    head = {"base_points": 100, "base_odds": 0.1, "double_odds": 20, "grades": [["A", 140], ["B", 120], ["C", 95]]}
    return Scorecard.parse({**head, "attributes": list(attributes)})


def lately(latest: list[int] = LATEST, won: list[int] = WON) -> Lately:
    facts = {name: Coded.of([person[name] for person in PEOPLE]) for name in PEOPLE[0]}
    return Lately(NOW, NOW, from_json(json.loads(json.dumps(as_json(facts)))), latest, won)


def test_bins_tell_the_latest_people_and_the_ends_apart() -> None:
    told = [(each.people, each.ended, each.won, each.rate) for each in bins_of(card(HORIZON).attributes[0], lately())]
    assert told == [(2, 2, 1, 0.5), (1, 0, 0, None), (0, 1, 1, 1.0)]
    assert [each.share for each in bins_of(card(HORIZON).attributes[0], lately())] == pytest.approx([2 / 3, 1 / 3, 0])


def test_two_facts_together_have_a_count_for_every_cell() -> None:
    counts = bins_of(card(PAIR).attributes[0], lately([1, 1, 1, 1]))
    assert [each.people for each in counts] == [1, 1, 0, 0, 0, 1, 0, 1, 0]


def test_a_fact_that_nobody_counted_is_missing_for_everybody() -> None:
    draws = {"fact": "draws", "bins": [{"points": 1}, {"missing": True, "points": 0}]}
    assert [each.people for each in bins_of(card(draws).attributes[0], lately())] == [0, 3]


def test_grades_are_those_that_the_card_gives() -> None:
    counted = grades_of(card(HORIZON, KM, PAIR), lately([1, 1, 1, 1]))
    alone = [score(person, card(HORIZON, KM, PAIR)).grade for person in PEOPLE]
    assert {grade: count.people for grade, count in counted.items()} == {g: alone.count(g) for g in "ABCD"}
    assert sum(count.won for count in counted.values()) == 2


def test_nothing_is_said_of_strength_with_too_few_ends() -> None:
    assert information_value(bins_of(card(HORIZON).attributes[0], lately())) is None
    people = [{"purchase_horizon": "now" if i % 2 else "later"} for i in range(200)]
    facts = {"purchase_horizon": Coded.of([each["purchase_horizon"] for each in people])}
    ends = [int(i % 2 == 1 or i % 10 == 0) for i in range(200)]
    told = information_value(bins_of(card(HORIZON).attributes[0], Lately(NOW, NOW, facts, [1] * 200, ends)))
    assert told is not None
    assert told > 2
    same = [int(i % 4 < 2) for i in range(200)]
    flat = information_value(bins_of(card(HORIZON).attributes[0], Lately(NOW, NOW, facts, [1] * 200, same)))
    assert flat == pytest.approx(0, abs=0.01)


def test_true_and_one_are_two_values() -> None:
    assert Coded.of([True, 1, None, True]).values == (True, 1, None)
