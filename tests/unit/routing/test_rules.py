import pytest

from hq.routing.rules import RoutingRules, Strategy
from shared.platform.errors import Invalid


def test_a_grade_may_have_its_own_time_to_claim():
    rules = RoutingRules.parse({"sla_minutes": 30, "sla_by_grade": {"A": 10}})
    assert (rules.claim_minutes("A"), rules.claim_minutes("C")) == (10, 30)


def test_what_a_campaign_says_goes_before_the_grade_and_the_grade_before_all():
    rules = RoutingRules.parse(
        {
            "first_contact_minutes": 540,
            "first_contact_by_grade": {"A": 60},
            "idle_by_grade": {"B": 600},
            "by_campaign": {"KOI1": {"first_contact_minutes": 30}},
        }
    )
    assert [rules.contact_minutes(*of) for of in (("A", "KOI1"), ("A", "KOI2"), ("B", None))] == [30, 60, 540]
    assert (rules.follow_up_minutes("B", "KOI1"), rules.claim_minutes("A", "KOI1")) == (600, 30)


def test_a_campaign_may_give_its_leads_out_in_another_way():
    rules = RoutingRules.parse(
        {
            "several_stores": 4,
            "by_campaign": {"LIVE": {"strategy": "several"}, "FAIR": {"strategy": "several", "several_stores": 2}},
        }
    )
    assert [rules.stores_at_once(code) for code in ("LIVE", "FAIR", "OTHER", None)] == [4, 2, 1, 1]
    assert rules.strategy_of("LIVE") is Strategy.SEVERAL
    assert rules.claim_minutes("A", "LIVE") == 30


def test_rules_stored_before_there_were_reminders_say_what_they_said():
    rules = RoutingRules.parse({"max_km": 100, "max_hops": 2, "first_contact_minutes": 60, "idle_minutes": 600})
    assert (rules.remind_percent, rules.owner_minutes, rules.recycle_minutes) == (None, None, None)


def test_rules_stored_before_plans_had_a_limit_have_the_limits_koi_comes_with():
    rules = RoutingRules.parse({"max_km": 100})
    assert (rules.plan_days, rules.visit_days) == (14, 30)
    assert RoutingRules.parse({"plan_days": None}).plan_days is None


def test_no_limit_of_distance_is_written_as_null():
    assert RoutingRules.parse({"max_km": None}).max_km is None


def test_rules_survive_storing():
    assert RoutingRules.parse(RoutingRules(max_km=None).as_body()) == RoutingRules(max_km=None)


@pytest.mark.parametrize(
    "body",
    [
        {"max_hops": 0},
        {"sla_minutes": None},
        {"max_km": True},
        {"sla_by_grade": {"A": -1}},
        {"colour": 1},
        {"by_campaign": {"KOI1": {"max_km": 3}}},
        {"by_campaign": {"KOI1": 3}},
        {"by_campaign": {"KOI1": {"strategy": "lottery"}}},
        {"strategy": "lottery"},
        {"several_stores": 1},
        {"counts": True},
        {"remind_percent": 100},
        {"recycle_minutes": 0},
        {"plan_days": 0},
        {"visit_days": 366},
        {"plan_days": 2.5},
    ],
)
def test_numbers_that_make_no_sense_are_refused_by_name(body):
    with pytest.raises(Invalid) as refused:
        RoutingRules.parse(body)
    assert refused.value.params["field"] == next(iter(body))
