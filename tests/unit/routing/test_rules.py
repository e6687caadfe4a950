import pytest

from hq.routing.rules import RoutingRules
from shared.platform.errors import Invalid


def test_a_grade_may_have_its_own_time_to_claim():
    rules = RoutingRules.parse({"sla_minutes": 30, "sla_by_grade": {"A": 10}})
    assert (rules.claim_minutes("A"), rules.claim_minutes("C")) == (10, 30)


def test_no_limit_of_distance_is_written_as_null():
    assert RoutingRules.parse({"max_km": None}).max_km is None


def test_rules_survive_storing():
    assert RoutingRules.parse(RoutingRules(max_km=None).as_body()) == RoutingRules(max_km=None)


@pytest.mark.parametrize(
    "body", [{"max_hops": 0}, {"sla_minutes": None}, {"max_km": True}, {"sla_by_grade": {"A": -1}}, {"colour": 1}]
)
def test_numbers_that_make_no_sense_are_refused_by_name(body):
    with pytest.raises(Invalid) as refused:
        RoutingRules.parse(body)
    assert refused.value.params["field"] == next(iter(body))
