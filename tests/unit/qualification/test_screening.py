from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hq.qualification.screening.circles import circles
from hq.qualification.screening.crowds import Crowd, Member, crowds
from hq.qualification.screening.engine import Outcome, screen
from hq.qualification.screening.facts import Gathering, LinkFacts, Listing, SignupFacts
from hq.qualification.screening.kinds import ALL, OFF
from hq.qualification.screening.rules import ScreeningRules, default_body
from shared.platform.errors import Invalid

RULES = ScreeningRules.default()
T0 = datetime(2026, 11, 10, tzinfo=UTC)


def judge(links=None, rules=RULES, **facts):
    return screen(SignupFacts(**facts), links or LinkFacts(), rules)


def changed(**rules):
    body = default_body()
    for code, values in rules.items():
        body[code] = {**body[code], **values}
    return ScreeningRules.parse(body)


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
        judge(LinkFacts(device=Crowd(3, 10), address=Crowd(3, 10), bare_address=Gathering(Crowd(3, 10), 7.0))).outcome
        is Outcome.PASS
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
    rules = changed(device_many_people={"effect": "off"}, several_flags={"effect": "off"})
    verdict = judge(LinkFacts(device=Crowd(50, 10)), rules, virtual_operator=True, draws=10)
    assert verdict.outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"unknown": {"effect": "flag"}}, "unknown"),
        ({"device_many_people": 4}, "device_many_people"),
        ({"device_many_people": {"effect": "quarantine", "people": 4}}, "device_many_people.minutes"),
        ({"many_draws": {"effect": "flag", "draws": "5"}}, "many_draws.draws"),
        ({"many_draws": {"effect": "flag", "draws": True}}, "many_draws.draws"),
        ({"many_draws": {"effect": "flag", "draws": 0}}, "many_draws.draws"),
        ({"many_draws": {"effect": "flag", "draws": 5, "people": 3}}, "many_draws.people"),
        ({"many_draws": {"effect": "loyalty", "draws": 5}}, "many_draws.effect"),
        ({"many_draws": {"draws": 5}}, "many_draws.effect"),
    ],
)
def test_rules_that_make_no_sense_are_refused_by_name(body, field):
    with pytest.raises(Invalid) as refused:
        ScreeningRules.parse(body)
    assert refused.value.params["field"] == field


def test_a_rule_that_a_stored_set_does_not_know_is_off():
    assert list(ScreeningRules.parse({})) == []


def test_every_kind_can_be_turned_off():
    body = {code: {**rule, "effect": OFF} for code, rule in default_body().items()}
    assert list(ScreeningRules.parse(body)) == []


def test_every_rule_with_which_koi_starts_is_a_kind_within_its_limits():
    assert {rule.code for rule in RULES} == set(ALL)


LISTED = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "links", "outcome", "reason"),
    [
        ({"script": True}, {}, "quarantine", {"code": "script_agent"}),
        ({"seconds_to_act": 3}, {}, "quarantine", {"code": "acted_at_once", "seconds": 3}),
        ({"risk_rank": 4}, {}, "quarantine", {"code": "wechat_risk", "rank": 4}),
        ({"returns": 1}, {}, "quarantine", {"code": "returned_invalid", "stores": 1}),
        ({"store_km": 412.4}, {}, "pass", {"code": "too_far", "km": 412}),
        ({"months_since_sale": 3}, {}, "loyalty", {"code": "existing_owner", "months": 3}),
        ({"openid_phones": 6}, {}, "quarantine", {"code": "openid_many_phones", "phones": 6}),
        ({}, {"rate": 14}, "quarantine", {"code": "many_a_minute", "signups": 14}),
        ({}, {"circle": 5}, "quarantine", {"code": "invite_circle", "people": 5}),
        (
            {},
            {"invited": Gathering(Crowd(8, 300), 6.51)},
            "quarantine",
            {"code": "invite_crowd", "people": 8, "minutes": 300, "draws": 6.5},
        ),
        (
            {"listings": (Listing("blocked", "device", "sold codes", LISTED),)},
            {},
            "reject",
            {"code": "blocked", "what": "device", "why": "sold codes", "since": "2026-10-01"},
        ),
        (
            {"listings": (Listing("account", "phone", "", LISTED),)},
            {},
            "quarantine",
            {"code": "staff_phone", "what": "phone", "why": "", "since": "2026-10-01"},
        ),
        (
            {"listings": (Listing("winner", "phone", "draw of 1 Oct", LISTED),)},
            {},
            "pass",
            {"code": "repeat_winner", "what": "phone", "why": "draw of 1 Oct", "since": "2026-10-01"},
        ),
    ],
)
def test_each_kind_says_what_it_saw(facts, links, outcome, reason):
    verdict = judge(LinkFacts(**links), **facts)
    effect = RULES.get(reason["code"]).effect
    assert (verdict.outcome, verdict.reasons) == (outcome, ({**reason, "effect": effect},))


@pytest.mark.parametrize(
    ("facts", "links"),
    [
        ({"seconds_to_act": 6}, {}),
        ({"risk_rank": 2}, {}),
        ({"store_km": 300.0}, {}),
        ({"months_since_sale": 12}, {}),
        ({"openid_phones": 4}, {}),
        ({}, {"rate": 9}),
        ({}, {"invited": Gathering(Crowd(8, 300), 1.2)}),
        ({}, {"invited": Gathering(Crowd(8, 300), None)}),
        ({}, {"invited": Gathering(Crowd(4, 300), 9.0)}),
    ],
)
def test_what_lies_just_below_a_limit_is_no_reason(facts, links):
    assert judge(LinkFacts(**links), **facts).reasons == ()


def test_an_owner_who_looks_like_a_ring_is_quarantined_all_the_same():
    assert judge(LinkFacts(device=Crowd(9, 30)), months_since_sale=1).outcome is Outcome.QUARANTINE


def test_those_who_invited_each_other_are_one_circle_and_those_who_lead_there_are_not():
    found = circles({"a": {"b"}, "b": {"c"}, "c": {"a", "c"}, "d": {"a"}, "e": {"e"}})
    assert found == dict.fromkeys("abc", frozenset("abc"))


@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_circles_are_who_can_reach_each_other(pairs):
    edges = {node: {after for before, after in pairs if before == node} for node, _ in pairs}

    def reach(start):
        seen, ahead = set(), [start]
        while ahead:
            new = edges.get(ahead.pop(), set()) - seen
            seen |= new
            ahead += new
        return seen

    for node in {each for pair in pairs for each in pair}:
        circle = {other for other in reach(node) if node in reach(other)}
        assert circles(edges).get(node, frozenset()) == (circle if len(circle) > 1 else frozenset())


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
