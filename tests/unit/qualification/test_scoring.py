import copy

import pytest

from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.scoring.scorecard import Scorecard, probability, score
from shared.platform.errors import Invalid

CARD = Scorecard.parse(DEFAULT_CARD)
NOTHING_TOLD = {}


def test_twenty_points_double_the_odds():
    p, q = probability(100, CARD), probability(120, CARD)
    assert q / (1 - q) == pytest.approx(2 * p / (1 - p))
    assert p / (1 - p) == pytest.approx(DEFAULT_CARD["base_odds"])


def test_the_points_are_the_base_and_the_reasons():
    told = score({"purchase_horizon": "now", "visited_store": True, "draws": 7, "store_km": 12.5}, CARD)
    assert told.points == CARD.base_points + sum(reason["points"] for reason in told.reasons)
    assert {"fact": "visited_store", "bin": "yes", "points": 30} in told.reasons
    assert {"fact": "draws", "bin": "6+", "points": -15} in told.reasons


def test_an_untold_fact_is_its_own_bin_not_a_zero():
    horizon = {reason["fact"]: reason["points"] for reason in score(NOTHING_TOLD, CARD).reasons}["purchase_horizon"]
    assert horizon not in (0, *CARD.factors[0].choices.values())


def test_an_unknown_word_counts_as_untold():
    assert score({"budget": "a lot"}, CARD).points == score(NOTHING_TOLD, CARD).points


def test_who_has_no_plan_to_buy_stays_below_the_threshold():
    assert not score({"purchase_horizon": "none", "phone_verified": "wechat", "draws": 3, "store_km": 5}, CARD).enough


def test_who_wants_to_buy_now_and_came_to_the_store_is_an_a():
    eager = score(
        {"purchase_horizon": "now", "touchpoint": "store_qr", "visited_store": True, "phone_verified": "sms"}, CARD
    )
    assert (eager.grade, eager.enough) == ("A", True)
    assert 0 < eager.probability < 1


@pytest.mark.parametrize(("km", "points"), [(0, 5), (9.9, 5), (10, 0), (99, -8), (100, -20), (4000, -20)])
def test_a_step_starts_at_its_number(km, points):
    factor = next(factor for factor in CARD.factors if factor.fact == "store_km")
    assert factor.bin(km)[1] == points


def test_grades_fall_with_the_points():
    cuts = [least for _, least in CARD.grades]
    assert cuts == sorted(cuts, reverse=True)
    assert CARD.threshold < cuts[-1]


@pytest.mark.parametrize("part", ["factors", "grades", "base_odds", "threshold"])
def test_a_card_with_a_part_missing_is_refused(part):
    body = copy.deepcopy(DEFAULT_CARD)
    del body[part]
    with pytest.raises(Invalid):
        Scorecard.parse(body)


def test_steps_out_of_order_are_refused():
    body = copy.deepcopy(DEFAULT_CARD)
    body["factors"][-1]["steps"].reverse()
    with pytest.raises(Invalid):
        Scorecard.parse(body)
