from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hq.qualification.thresholds.fates import Fated, fate
from hq.qualification.thresholds.rules import GRADES, Fate, Thresholds
from shared.platform.errors import Invalid

CAMPAIGN = UUID(int=1)
FATES = {"A": "stores", "B": "stores", "C": "nurture", "D": "close"}
WIDE = {"A": "stores", "B": "stores", "C": "stores", "D": "nurture"}


def thresholds(**parts):
    return Thresholds.parse({"fates": FATES, "campaigns": {}, "bar": {"by": "none"}} | parts)


def test_the_grade_decides():
    decided = [fate(grade, 0.5, None, thresholds()) for grade in GRADES]
    assert [each.fate for each in decided] == ["stores", "stores", "nurture", "close"]
    assert [each.outcome for each in decided] == [None, None, "nurture", "below_threshold"]


def test_a_campaign_has_fates_of_its_own():
    rules = thresholds(campaigns={str(CAMPAIGN): WIDE})
    assert fate("C", 0.02, CAMPAIGN, rules) == Fated(Fate.STORES, "campaign")
    assert fate("C", 0.02, UUID(int=2), rules) == Fated(Fate.NURTURE, "grade")


def test_who_is_below_the_bar_is_nurtured_and_never_closed():
    rules = thresholds(fates=WIDE, bar={"by": "chance", "least": 0.03})
    assert fate("C", 0.03, None, rules) == Fated(Fate.STORES, "grade")
    assert fate("C", 0.029, None, rules) == Fated(Fate.NURTURE, "bar")


def test_the_bar_takes_nobody_whose_grade_does_not_go_to_stores():
    rules = thresholds(bar={"by": "chance", "least": 0.001})
    assert fate("D", 0.9, None, rules) == Fated(Fate.CLOSE, "grade")


def test_without_a_reckoning_the_grade_alone_decides():
    rules = thresholds(bar={"by": "capacity", "fill": 100, "step": 50})
    assert fate("B", 0.01, None, rules).fate is Fate.STORES
    assert fate("B", 0.01, None, rules, reckoned=0.02) == Fated(Fate.NURTURE, "bar")


def test_a_reckoned_bar_is_nothing_to_thresholds_that_do_not_ask_for_it():
    assert fate("B", 0.01, None, thresholds(), reckoned=0.9).fate is Fate.STORES


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ({"fates": {**FATES, "C": "shop"}}, "fates.C"),
        ({"fates": {"A": "stores"}}, "fates.B"),
        ({"fates": {**FATES, "E": "close"}}, "fates.E"),
        ({"fates": {**FATES, "A": "close"}}, "fates.B"),
        ({"fates": dict.fromkeys(GRADES, "nurture")}, "fates.A"),
        ({"fates": ["A"]}, "fates"),
        ({"campaigns": {"seven": FATES}}, "campaigns.seven"),
        ({"campaigns": {str(CAMPAIGN): {}}}, f"campaigns.{CAMPAIGN}.A"),
        ({"campaigns": []}, "campaigns"),
        ({"bar": {"by": "luck"}}, "bar.by"),
        ({"bar": {"by": "chance", "least": 1.0}}, "bar.least"),
        ({"bar": {"by": "chance", "least": True}}, "bar.least"),
        ({"bar": {"by": "chance", "least": float("nan")}}, "bar.least"),
        ({"bar": {"by": "none", "least": 0.5}}, "bar.least"),
        ({"bar": {"by": "capacity", "fill": 0, "step": 50}}, "bar.fill"),
        ({"bar": {"by": "capacity", "fill": 100, "step": 1.5}}, "bar.step"),
        ({"bar": {"by": []}}, "bar.by"),
        ({"least": 3}, "least"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_makes_no_sense_is_refused_by_its_place(parts, place):
    with pytest.raises(Invalid) as refused:
        thresholds(**parts)
    assert refused.value.params["field"] == place


@given(
    fates=st.lists(st.sampled_from(Fate), min_size=3, max_size=3),
    least=st.none() | st.floats(0.001, 0.999),
    campaign=st.booleans(),
    chances=st.lists(st.floats(0, 1), min_size=2, max_size=2),
)
def test_more_chance_is_never_worse_and_what_is_stored_is_read_back(fates, least, campaign, chances):
    ordered = sorted(fates, key=list(Fate).index)
    table = dict(zip(GRADES, ["stores", *ordered], strict=True))
    bar = {"by": "none"} if least is None else {"by": "chance", "least": least}
    body = {"fates": table, "campaigns": {str(CAMPAIGN): table} if campaign else {}, "bar": bar}
    rules = Thresholds.parse(body)
    assert rules.as_body() == body
    low, high = sorted(chances)
    for worse, better in [("B", "A"), ("D", "C"), ("C", "C")]:
        fared = [list(Fate).index(fate(*each, CAMPAIGN, rules).fate) for each in ((worse, low), (better, high))]
        assert fared[0] >= fared[1]
