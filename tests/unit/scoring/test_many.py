"""Many people at once get what each would get alone."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.scoring.many import Told, reasons_many, score_many
from hq.qualification.scoring.scorecard import Scorecard, score

_WORDS = st.sampled_from(["a", "b", "c", "yes", "1", "strange"])
_NUMBERS = st.one_of(st.integers(-50, 50), st.floats(-50, 50), st.floats(allow_nan=True, allow_infinity=True))
_VALUES = st.one_of(st.none(), st.booleans(), _WORDS, _NUMBERS)
_POINTS = st.integers(-60, 60)


@st.composite
def numbers(draw, fact):
    cuts = sorted(draw(st.sets(st.integers(-40, 40), max_size=5)))
    ends = [None, *cuts], [*cuts, None]
    bins = [
        {name: cut for name, cut in (("from", low), ("below", high)) if cut is not None}
        for low, high in zip(*ends, strict=True)
    ]
    return fact, [*bins, {"missing": True}]


@st.composite
def words(draw, fact):
    known = draw(st.lists(st.sampled_from(["a", "b", "c", "yes", "1"]), unique=True, min_size=1))
    cut = draw(st.integers(0, len(known)))
    groups = [group for group in (known[:cut], known[cut:]) if group]
    bins = [{"values": group} for group in groups]
    if draw(st.booleans()):
        bins.append({"other": True})
    return fact, [*bins, {"missing": True}]


@st.composite
def cards(draw):
    sides = [draw(st.one_of(numbers(fact), words(fact))) for fact in "uvwx"]
    attributes = [
        {"fact": fact, "bins": [{**each, "points": draw(_POINTS)} for each in bins], "neutral": draw(_POINTS) / 8}
        for fact, bins in sides[:2]
    ]
    (first, down), (second, across) = sides[2], sides[3]
    points = [[draw(_POINTS) for _ in across] for _ in down]
    attributes.append({"facts": [first, second], "bins": [down, across], "points": points})
    body = {"base_points": 100, "base_odds": 0.1, "double_odds": 20, "threshold": -500, "attributes": attributes}
    return Scorecard.parse({**body, "grades": [["A", 140], ["B", 110], ["C", 80]]})


_PEOPLE = st.lists(st.fixed_dictionaries(dict.fromkeys("uvwx", _VALUES)), max_size=12)


@settings(max_examples=40)
@given(cards(), st.fixed_dictionaries({}, optional=dict.fromkeys("uvwx", _VALUES)))
def test_points_are_the_base_and_the_sum_of_the_bins(card, person):
    told = score(person, card)
    assert told.points == card.base_points + sum(reason["points"] for reason in told.reasons)
    assert [reason["points"] for reason in told.reasons] == [
        attribute.points[attribute.place(person)] for attribute in card.attributes
    ]


@settings(max_examples=40)
@given(cards(), _PEOPLE)
def test_a_batch_gives_everybody_what_they_get_alone(card, people):
    facts = {fact: Told.of([person[fact] for person in people]) for fact in "uvwx"}
    many = score_many(facts, card, len(people))
    alone = [score(person, card) for person in people]
    assert many.points.tolist() == [told.points for told in alone]
    assert many.probability.tolist() == [told.probability for told in alone]
    assert many.grade.tolist() == [told.grade for told in alone]
    assert [json.loads(text) for text in reasons_many(facts, card, len(people))] == [
        json.loads(json.dumps(told.reasons)) for told in alone
    ]


@settings(max_examples=40)
@given(cards(), _PEOPLE, st.randoms(use_true_random=False), st.integers(1, 5))
def test_neither_order_nor_the_size_of_a_batch_matters(card, people, rnd, size):
    def points(batch):
        facts = {fact: Told.of([person[fact] for person in batch]) for fact in "uvwx"}
        return score_many(facts, card, len(batch)).points.tolist()

    order = rnd.sample(range(len(people)), len(people))
    whole = points(people)
    assert points([people[i] for i in order]) == [whole[i] for i in order]
    pieces = [points(people[start : start + size]) for start in range(0, len(people), size)]
    assert [each for piece in pieces for each in piece] == whole


@settings(max_examples=40)
@given(cards(), st.lists(st.one_of(st.just(float("nan")), st.integers(-45, 45).map(float), st.floats()), max_size=12))
def test_an_array_of_numbers_gives_the_same_as_value_by_value(card, numbers):
    array = np.array(numbers, dtype=np.float64)
    facts = dict.fromkeys("uvwx", array)
    alone = [score(dict.fromkeys("uvwx", number), card) for number in numbers]
    assert score_many(facts, card, len(numbers)).points.tolist() == [told.points for told in alone]
    assert [json.loads(text) for text in reasons_many(facts, card, len(numbers))] == [
        json.loads(json.dumps(told.reasons)) for told in alone
    ]


def test_a_fact_that_nobody_told_is_missing_for_everybody():
    card = Scorecard.parse(DEFAULT_CARD)
    assert score_many({}, card, 3).points.tolist() == [score({}, card).points] * 3


def test_true_is_not_one():
    told = Told.of([True, 1, 1.0, "1", True])
    assert told.codes.tolist() == [0, 1, 2, 3, 0]


@pytest.mark.parametrize("count", [0, 1])
def test_few_people_are_no_special_case(count):
    card = Scorecard.parse(DEFAULT_CARD)
    many = score_many({"draws": np.full(count, 7.0)}, card, count)
    assert (len(many.points), len(many.probability), len(many.grade)) == (count, count, count)
