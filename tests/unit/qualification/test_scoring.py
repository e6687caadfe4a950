import copy

import pytest

from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.scoring.scorecard import Scorecard, explain, probability, score
from hq.qualification.thresholds.fates import fate
from hq.qualification.thresholds.rules import DEFAULT_THRESHOLDS, Fate, Thresholds

CARD = Scorecard.parse(DEFAULT_CARD)
NOTHING_TOLD = {}
PAIR = {
    "facts": ["touchpoint", "store_km"],
    "bins": [
        [{"values": ["store_qr"]}, {"other": True}, {"missing": True}],
        [{"below": 10}, {"from": 10}, {"missing": True}],
    ],
    "points": [[9, 8, 7], [6, 5, 4], [3, 2, 1]],
    "neutral": 5.5,
}


def with_pair():
    body = copy.deepcopy(DEFAULT_CARD)
    body["attributes"].append(copy.deepcopy(PAIR))
    return Scorecard.parse(body)


def test_twenty_points_double_the_odds():
    p, q = probability(100, CARD), probability(120, CARD)
    assert q / (1 - q) == pytest.approx(2 * p / (1 - p))
    assert p / (1 - p) == pytest.approx(DEFAULT_CARD["base_odds"])


def test_a_probability_stays_one_at_any_number_of_points():
    assert 0 <= probability(-(10**7), CARD) < 1e-9
    assert 1 - 1e-9 < probability(10**7, CARD) <= 1


def test_the_points_are_the_base_and_the_reasons():
    told = score({"purchase_horizon": "now", "visited_store": True, "draws": 7, "store_km": 12.5}, CARD)
    assert told.points == CARD.base_points + sum(reason["points"] for reason in told.reasons)
    assert {"fact": "visited_store", "bin": "yes", "points": 30} in told.reasons
    assert {"fact": "draws", "bin": "6..10", "points": -15} in told.reasons


def test_an_untold_fact_is_its_own_bin_not_a_zero():
    horizon = {reason["fact"]: reason["points"] for reason in score(NOTHING_TOLD, CARD).reasons}["purchase_horizon"]
    assert horizon not in (0, *CARD.attributes[0].points[:-1])


def test_an_unknown_word_counts_as_untold():
    assert score({"budget": "a lot"}, CARD).points == score(NOTHING_TOLD, CARD).points


def test_a_text_is_no_number():
    assert score({"draws": "many"}, CARD).points == score(NOTHING_TOLD, CARD).points


def test_a_word_that_no_bin_names_is_in_the_bin_of_the_others():
    told = score({"touchpoint": "moments"}, with_pair())
    assert told.reasons[-1] == {
        "fact": "touchpoint",
        "bin": "other",
        "with": {"fact": "store_km", "bin": "missing"},
        "points": 4,
        "effect": -1.5,
    }


@pytest.mark.parametrize(
    ("touchpoint", "km", "points"),
    [("store_qr", 3, 9), ("store_qr", 10, 8), ("store_qr", None, 7), ("moments", 99, 5), (None, 3, 3), (None, None, 1)],
)
def test_a_pair_gives_the_points_of_both_facts_together(touchpoint, km, points):
    told = score({"touchpoint": touchpoint, "store_km": km}, with_pair())
    assert told.reasons[-1]["points"] == points


def test_who_has_no_plan_to_buy_is_nurtured():
    told = score({"purchase_horizon": "none", "phone_verified": "wechat", "draws": 3, "store_km": 5}, CARD)
    assert fate(told.grade, told.probability, None, Thresholds.parse(DEFAULT_THRESHOLDS)).fate is Fate.NURTURE


def test_a_card_that_said_itself_how_many_points_a_store_takes_is_still_read():
    assert Scorecard.parse({**DEFAULT_CARD, "threshold": 75}) == CARD


def test_who_wants_to_buy_now_and_came_to_the_store_is_an_a():
    eager = score(
        {"purchase_horizon": "now", "touchpoint": "store_qr", "visited_store": True, "phone_verified": "sms"}, CARD
    )
    assert eager.grade == "A"
    assert 0 < eager.probability < 1


@pytest.mark.parametrize(
    ("km", "points"), [(0, 5), (9.9, 5), (10, 0), (99, -8), (100, -20), (4000, -20), (float("nan"), -5)]
)
def test_a_bin_starts_at_its_number(km, points):
    reasons = {reason["fact"]: reason["points"] for reason in score({"store_km": km}, CARD).reasons}
    assert reasons["store_km"] == points


def test_grades_fall_with_the_points():
    cuts = [least for _, least in CARD.grades]
    assert cuts == sorted(cuts, reverse=True)


def test_the_strongest_reasons_come_first_against_what_people_have_on_average():
    told = explain(score({"touchpoint": "store_qr", "store_km": 3, "draws": 12}, with_pair()).reasons, most=2)
    assert [(reason["fact"], reason["points"]) for reason in told.raised] == [("touchpoint", 20), ("store_km", 5)]
    assert [(reason["fact"], reason["points"]) for reason in told.lowered] == [("draws", -25), ("purchase_horizon", -5)]


def test_points_that_are_fewer_than_people_have_on_average_lower_a_score():
    pair = next(reason for reason in score({"store_km": 10}, with_pair()).reasons if "with" in reason)
    assert (pair["points"], pair["effect"]) == (2, -3.5)
    assert explain([pair]).lowered == (pair,)


def test_reasons_of_older_scores_are_explained_by_their_points():
    old = [{"fact": "draws", "bin": "6+", "points": -15}, {"fact": "signups", "bin": "2+", "points": 8}]
    told = explain(old)
    assert (told.raised, told.lowered) == ((old[1],), (old[0],))
