from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hq.qualification.screening.crowds import Crowd, Member, crowds
from hq.qualification.screening.engine import LinkFacts, Outcome, SignupFacts, screen
from hq.qualification.screening.rules import ScreeningRules
from shared.platform.errors import Invalid

RULES = ScreeningRules()
T0 = datetime(2026, 11, 10, tzinfo=UTC)


def judge(links=None, rules=RULES, **facts):
    return screen(SignupFacts(**facts), links or LinkFacts(), rules)


def codes(verdict):
    return [reason["code"] for reason in verdict.reasons]


def test_an_ordinary_person_passes_without_a_reason():
    verdict = judge(draws=2)
    assert (verdict.outcome, verdict.reasons) == (Outcome.PASS, ())


def test_an_unusable_phone_is_rejected_with_what_is_wrong_with_it():
    verdict = judge(phone_problem="phone_length")
    assert verdict.outcome is Outcome.REJECT
    assert verdict.reasons[0] == {"code": "phone_unusable", "effect": "reject", "problem": "phone_length"}


def test_without_consent_nobody_is_quarantined_but_the_evidence_is_kept():
    verdict = judge(LinkFacts(device=Crowd(9, 30)), share_consent=False)
    assert verdict.outcome is Outcome.NO_CONSENT
    assert codes(verdict) == ["no_share_consent", "device_many_people"]


def test_many_people_on_one_device_are_quarantined_with_the_figures():
    verdict = judge(LinkFacts(device=Crowd(5, 10)))
    assert verdict.outcome is Outcome.QUARANTINE
    assert verdict.reasons == ({"code": "device_many_people", "effect": "quarantine", "people": 5, "minutes": 10},)


def test_a_household_of_three_passes():
    assert (
        judge(LinkFacts(device=Crowd(3, 10), address=Crowd(3, 10), bare_address=Crowd(3, 10))).outcome is Outcome.PASS
    )


def test_a_virtual_operator_alone_is_only_a_flag():
    verdict = judge(virtual_operator=True, draws=1)
    assert (verdict.outcome, codes(verdict)) == (Outcome.PASS, ["virtual_operator"])


def test_two_flags_together_are_looked_at():
    verdict = judge(virtual_operator=True, draws=7)
    assert verdict.outcome is Outcome.QUARANTINE
    assert codes(verdict) == ["several_flags", "virtual_operator", "many_draws"]


def test_who_invited_themselves_is_quarantined():
    assert judge(self_invited=True).outcome is Outcome.QUARANTINE


def test_a_rule_that_is_turned_off_says_nothing():
    rules = ScreeningRules(device_people=None, flags=None)
    verdict = judge(LinkFacts(device=Crowd(50, 10)), rules, virtual_operator=True, draws=10)
    assert verdict.outcome is Outcome.PASS


@pytest.mark.parametrize(
    "body", [{"device_people": 0}, {"device_people": "4"}, {"device_minutes": None}, {"unknown": 1}, {"flags": True}]
)
def test_rules_that_make_no_sense_are_refused_by_name(body):
    with pytest.raises(Invalid) as refused:
        ScreeningRules.parse(body)
    assert refused.value.params["field"] == next(iter(body))


def test_rules_survive_storing():
    assert ScreeningRules.parse(RULES.as_body()) == RULES


def seen(n: int, person: int, minute: float) -> Member:
    return Member(UUID(int=n), UUID(int=person), T0 + timedelta(minutes=minute))


def test_a_crowd_counts_people_not_sign_ups_and_says_how_fast():
    found = crowds([seen(1, 1, 0), seen(2, 1, 1), seen(3, 2, 5), seen(4, 3, 300)], minutes=60)
    assert found[UUID(int=1)] == Crowd(2, 5)
    assert found[UUID(int=4)] == Crowd(1, 0)


def test_the_first_of_a_ring_is_seen_in_the_same_crowd_as_the_last():
    found = crowds([seen(n, n, n * 10) for n in range(6)], minutes=60)
    assert {crowd.people for crowd in found.values()} == {6}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 200)), max_size=30), st.integers(1, 90))
def test_crowds_are_those_of_counting_every_window(sightings, minutes):
    members = [seen(n, person, minute) for n, (person, minute) in enumerate(sightings)]
    found = crowds(members, minutes=minutes)
    width = timedelta(minutes=minutes)
    windows = [[m for m in members if end.at - width <= m.at <= end.at] for end in members]
    for member in members:
        largest = max(len({m.person for m in window}) for window in windows if member in window)
        assert found[member.signup_id].people == largest
