"""The stored form of a scorecard: what is read, and what is refused, where and why."""

from __future__ import annotations

import copy
import json

import pytest

from hq.qualification.scoring import words  # noqa: F401  a refusal has words once they are taught
from hq.qualification.scoring.catalogue import CATALOGUE, check, choosable, usable
from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.scoring.refusals import CardRefused
from hq.qualification.scoring.scorecard import Scorecard, score
from shared.web.words import knows

NUMBERS = [{"below": 10, "points": 1}, {"from": 10, "points": 2}, {"missing": True, "points": 0}]
WORDS = [
    {"values": ["a", "b"], "points": 1},
    {"values": ["c"], "other": True, "points": 2},
    {"missing": True, "points": 0},
]


def card(*attributes, **head):
    body = {"base_points": 100, "base_odds": 0.1, "double_odds": 20, "threshold": 90}
    return {**body, "grades": [["A", 150], ["B", 120], ["C", 95]], "attributes": list(attributes), **head}


def numbers(*bins):
    return card({"fact": "km", "bins": list(bins)})


MISSING = {"missing": True, "points": 0}
PAIR = {
    "facts": ["km", "word"],
    "bins": [[{"below": 10}, {"from": 10}, {"missing": True}], [{"values": ["a"]}, {"missing": True}]],
    "points": [[1, 2], [3, 4], [5, 6]],
}


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ([], "scorecard", "not_a_card"),
        (card(), "attributes", "how_many"),
        (card({"fact": "km", "bins": NUMBERS}, extra=1), "extra", "unknown_part"),
        (card({"fact": "km", "bins": NUMBERS}, base_odds=0), "base_odds", "odds"),
        (card({"fact": "km", "bins": NUMBERS}, base_odds="x"), "base_odds", "odds"),
        (card({"fact": "km", "bins": NUMBERS}, double_odds=0), "double_odds", "not_positive"),
        (card({"fact": "km", "bins": NUMBERS}, base_points=99.5), "base_points", "not_whole"),
        (card({"fact": "km", "bins": NUMBERS}, grades=[["A", 150], ["B", 150], ["C", 95]]), "grades", "grades"),
        (card({"fact": "km", "bins": NUMBERS}, grades=[["A", 150], ["C", 95]]), "grades", "grades"),
        (card({"fact": "km", "bins": NUMBERS}, grades=[["A", 1.5]]), "grades", "not_whole"),
        (card({"fact": "km", "bins": NUMBERS}, {"fact": "km", "bins": NUMBERS}), "attributes.1", "duplicate"),
        (card({"fact": "", "bins": NUMBERS}), "attributes.0.fact", "no_fact"),
        (card({"fact": "km", "bins": []}), "attributes.0.bins", "bins_missing"),
        (card({"fact": "km", "bins": NUMBERS, "colour": 1}), "attributes.0.colour", "unknown_part"),
        (card({"fact": "km", "bins": NUMBERS, "neutral": "x"}), "attributes.0.neutral", "not_a_number"),
        (card({"fact": "km", "bins": NUMBERS[:2]}), "attributes.0.bins", "missing_bin"),
        (card({"fact": "km", "bins": [*NUMBERS, MISSING]}), "attributes.0.bins", "missing_bin"),
        (numbers({"points": 1}, {"missing": True, "from": 3, "points": 0}), "attributes.0.bins.1", "missing_bin"),
        (numbers(MISSING), "attributes.0.bins", "bins_missing"),
        (numbers({"below": 5, "points": 1}, {"from": 6, "points": 2}, MISSING), "attributes.0.bins.1", "gap"),
        (numbers({"below": 5, "points": 1}, {"from": 4, "points": 2}, MISSING), "attributes.0.bins.1", "overlap"),
        (numbers({"from": 1, "points": 1}, MISSING), "attributes.0.bins.0", "gap"),
        (numbers({"below": 5, "points": 1}, MISSING), "attributes.0.bins.0", "gap"),
        (numbers({"points": 1}, {"points": 2}, MISSING), "attributes.0.bins.0", "overlap"),
        (
            numbers({"below": 5, "points": 1}, {"from": 5, "below": 5, "points": 2}, {"from": 5, "points": 2}, MISSING),
            "attributes.0.bins.1",
            "empty_bin",
        ),
        (numbers({"below": "x", "points": 1}, MISSING), "attributes.0.bins.0.below", "not_a_number"),
        (numbers({"points": 1.5}, MISSING), "attributes.0.bins.0.points", "not_whole"),
        (numbers({"points": True}, MISSING), "attributes.0.bins.0.points", "not_whole"),
        (numbers({}, MISSING), "attributes.0.bins.0", "points_missing"),
        (numbers({"points": 1, "to": 5}, MISSING), "attributes.0.bins.0.to", "unknown_part"),
        (numbers({"points": 1}, {"values": ["a"], "points": 1}, MISSING), "attributes.0.bins", "mixed_bins"),
        (numbers({"values": ["a"], "from": 2, "points": 1}, MISSING), "attributes.0.bins.0", "mixed_bins"),
        (numbers({"values": ["a", "a"], "points": 1}, MISSING), "attributes.0.bins.0.values", "word_twice"),
        (numbers({"values": [], "points": 1}, MISSING), "attributes.0.bins.0", "empty_bin"),
        (
            numbers({"other": True, "points": 1}, {"other": True, "points": 2}, MISSING),
            "attributes.0.bins.1",
            "other_twice",
        ),
        (card({**PAIR, "facts": ["km", "km"]}), "attributes.0.facts", "pair"),
        (card({**PAIR, "facts": ["km"]}), "attributes.0.facts", "pair"),
        (card({**PAIR, "bins": PAIR["bins"][:1]}), "attributes.0.bins", "pair"),
        (card({**PAIR, "points": [[1, 2], [3, 4]]}), "attributes.0.points", "points_missing"),
        (card({**PAIR, "points": [[1, 2], [3, 4], [5, 6.5]]}), "attributes.0.points.2.1", "not_whole"),
        (
            card(PAIR, {"facts": ["word", "km"], "bins": PAIR["bins"][::-1], "points": [[1, 3, 5], [2, 4, 6]]}),
            "attributes.1",
            "duplicate",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place_and_a_reason_in_words(body, field, reason):
    with pytest.raises(CardRefused) as refused:
        Scorecard.parse(body)
    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert knows(f"card_refused.{refused.value.reason}")
    json.dumps(refused.value.params)


@pytest.mark.parametrize("part", list(DEFAULT_CARD))
def test_a_card_with_a_part_missing_is_refused(part):
    body = copy.deepcopy(DEFAULT_CARD)
    del body[part]
    with pytest.raises(CardRefused) as refused:
        Scorecard.parse(body)
    assert refused.value.params == {"field": part, "reason": "missing_part", "part": part}


@pytest.mark.parametrize("body", [DEFAULT_CARD, card({"fact": "w", "bins": WORDS, "neutral": 1.25}, PAIR)])
def test_a_card_reads_back_as_it_was_stored(body):
    first = Scorecard.parse(body)
    assert Scorecard.parse(json.loads(json.dumps(first.as_body()))) == first


def test_bins_may_be_stored_in_any_order():
    shuffled = card({"fact": "km", "bins": [NUMBERS[1], NUMBERS[2], NUMBERS[0]]})
    assert Scorecard.parse(shuffled) == Scorecard.parse(card({"fact": "km", "bins": NUMBERS}))


OLD = {
    "base_points": 100,
    "base_odds": 0.03,
    "double_odds": 20,
    "threshold": 75,
    "grades": [["A", 150], ["B", 120], ["C", 95]],
    "factors": [
        {"fact": "budget", "choices": {"<2000": -15, "2000-3500": 5}, "missing": -3},
        {"fact": "visited_store", "choices": {"yes": 30, "no": 0}, "missing": 1},
        {"fact": "signups", "steps": [[1, 0], [2, 8], [4, 12]], "missing": -2},
        {"fact": "once", "steps": [[3, 4]], "missing": 6},
    ],
}


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        ({}, 100 - 3 + 1 - 2 + 6),
        ({"budget": "<2000", "visited_store": True}, 100 - 15 + 30 - 2 + 6),
        ({"budget": "unheard of", "visited_store": False}, 100 - 3 + 0 - 2 + 6),
        ({"signups": 0, "once": 1}, 100 - 3 + 1 + 0 + 4),
        ({"signups": 3, "once": 7}, 100 - 3 + 1 + 8 + 4),
        ({"signups": 40}, 100 - 3 + 1 + 12 + 6),
    ],
)
def test_a_card_of_the_first_form_gives_the_points_it_gave(facts, points):
    assert score(facts, Scorecard.parse(OLD)).points == points


@pytest.mark.parametrize(
    ("factor", "reason"),
    [
        ({"fact": "x", "steps": [[2, 1], [1, 0]], "missing": 0}, "overlap"),
        ({"fact": "x", "steps": [["a", 1]], "missing": 0}, "overlap"),
        ({"fact": "x", "missing": 0}, "bins_missing"),
        ({"fact": "x", "choices": {"a": 1}}, "bins_missing"),
    ],
)
def test_a_card_of_the_first_form_that_makes_no_sense_is_refused(factor, reason):
    with pytest.raises(CardRefused) as refused:
        Scorecard.parse({**OLD, "factors": [factor]})
    assert (refused.value.field, refused.value.reason) == ("factors.0", reason)


def test_the_card_that_koi_comes_with_stands_the_catalogues_check():
    assert usable(DEFAULT_CARD).facts


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        ({"fact": "shoe_size", "bins": NUMBERS}, "unknown_fact"),
        ({"fact": "calls", "bins": NUMBERS}, "known_too_late"),
        ({"fact": "lost_reason", "bins": [{"other": True, "points": 1}, MISSING]}, "known_too_late"),
        ({"fact": "budget", "bins": NUMBERS}, "wrong_kind"),
        ({"fact": "draws", "bins": WORDS}, "wrong_kind"),
        ({"fact": "visited_store", "bins": [{"values": ["perhaps"], "points": 1}, MISSING]}, "unknown_word"),
        ({"fact": "visited_store", "bins": [{"values": ["yes"], "points": 1}, MISSING]}, "word_left_out"),
    ],
)
def test_a_card_looks_only_at_facts_that_are_known_in_time_and_cuts_them_as_they_are(attribute, reason):
    with pytest.raises(CardRefused) as refused:
        check(Scorecard.parse(card(attribute)))
    assert refused.value.reason == reason
    assert knows(f"card_refused.{reason}")


def test_one_bin_for_all_others_leaves_no_word_out():
    check(Scorecard.parse(card({"fact": "visited_store", "bins": [{"other": True, "points": 1}, MISSING]})))


def test_every_fact_has_words_and_those_of_the_dealer_cannot_be_chosen():
    assert [name for name in CATALOGUE if not knows(f"fact.{name}")] == []
    assert {"calls", "stage", "won"}.isdisjoint({fact.name for fact in choosable()})
