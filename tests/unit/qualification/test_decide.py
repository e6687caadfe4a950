"""What becomes of sign-ups, person by person, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from hq.qualification.decide import decide_all
from hq.qualification.decisions import Geography, Rulebook
from hq.qualification.facts import BatchFacts, ContactFacts, Neighbour, Received, Said
from hq.qualification.matching.engine import PHONE, Key
from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.scoring.scorecard import Scorecard
from hq.qualification.screening.rules import ScreeningRules
from hq.qualification.thresholds.fates import Standing
from hq.qualification.thresholds.rules import DEFAULT_THRESHOLDS, Thresholds

T0 = datetime(2026, 11, 20, 2, tzinfo=UTC)
CAMPAIGN, SCOPE, TEXT, CONTACT, LEAD = (UUID(int=n) for n in range(1, 6))
THRESHOLDS = Standing(Thresholds.parse(DEFAULT_THRESHOLDS), 1)
RULES = Rulebook(ScreeningRules.default(), Scorecard.parse(DEFAULT_CARD), THRESHOLDS, {"screening": 1, "scorecard": 1})
NOWHERE = Geography(lambda _signups: {}, lambda _place: None)


def received(n: int, phone: bytes = b"p", *, minutes: float = 0, runs: int = 0, **values) -> Received:
    at = T0 + timedelta(minutes=minutes)
    said = {
        "signup_id": UUID(int=100 + n),
        "campaign_id": CAMPAIGN,
        "occurred_at": at,
        "accepted_at": at,
        "touchpoint": "mini_program",
        "store_code": None,
        "phone_bidx": phone,
        "openid_bidx": None,
        "phone_verified": "wechat",
        "region": {},
        "interest": {"purchase_horizon": "now"},
        "actions": {},
        "share_text_id": TEXT,
        "outcome": None,
        "lead_id": None,
        "contact_id": None,
    }
    own = {name: values.pop(name) for name in list(values) if name in said}
    rest = {
        "name": "陈小明",
        "phone_problem": None,
        "phone_virtual": False,
        "device_bidx": None,
        "inviter_bidx": None,
        "user_agent": None,
        "marketing_text_id": None,
        "runs": runs,
        "ip": None,
        "scope_id": SCOPE,
        "sealed": b"",
    }
    return Received(Said(**{**said, **own}), **{**rest, **values})


def contact(*, stage: str | None = None, lead: UUID | None = LEAD, bought: bool = False) -> ContactFacts:
    sold = T0 - timedelta(days=400) if bought else None
    return ContactFacts(CONTACT, T0, T0, lead, "placed" if lead else None, 140 if lead else None, stage, sold)


def decide(*batch: Received, known: ContactFacts | None = None, history=(), neighbours=()):
    ids = count(9000)
    facts = BatchFacts(
        tuple(batch),
        {Key(PHONE, b"p"): CONTACT} if known else {},
        {CONTACT: known} if known else {},
        {CONTACT: tuple(history)} if known else {},
        tuple(neighbours),
    )
    return decide_all(facts, RULES, NOWHERE, lambda: UUID(int=next(ids)))


def outcomes(decisions):
    return [each.outcome for person in decisions.people for each in person.decided]


def crowd(*signups: Received, outcome: str | None = None):
    return [
        Neighbour("device", (b"d",), each.signup_id, None, each.said.phone_bidx, None, each.said.occurred_at, outcome)
        for each in signups
    ]


def test_the_second_sign_up_of_a_person_strengthens_the_lead_that_the_first_opened():
    decisions = decide(received(1), received(2, minutes=5, interest={"budget": "3500-5000"}))
    (person,) = decisions.people
    assert outcomes(decisions) == ["in_lead", "in_lead"]
    assert len({each.lead_id for each in person.decided}) == 1
    assert person.change.by.signup_id == UUID(int=101)
    assert person.change.points_before is None
    assert person.change.wish == {"purchase_horizon": "now", "budget": "3500-5000"}


def test_a_known_contact_with_an_open_lead_keeps_it_and_its_points_are_remembered():
    decisions = decide(received(1), known=contact())
    (person,) = decisions.people
    assert (person.decided[0].lead_id, person.change.points_before) == (LEAD, 140)


def test_someone_without_a_plan_strengthens_an_open_lead_all_the_same():
    assert outcomes(decide(received(1, interest={"purchase_horizon": "none"}), known=contact())) == ["in_lead"]


def test_a_new_phone_makes_a_repeat_more_than_a_duplicate():
    first = received(1, openid_bidx=b"o")
    repeat, other = received(2, openid_bidx=b"o", minutes=3), received(3, b"q", openid_bidx=b"o", minutes=6)
    assert outcomes(decide(first, repeat, other)) == ["in_lead", "duplicate", "in_lead"]


def test_another_campaign_is_no_duplicate():
    assert outcomes(decide(received(1), received(2, minutes=3, campaign_id=UUID(int=77)))) == ["in_lead", "in_lead"]


def test_an_earlier_sign_up_in_quarantine_makes_the_person_suspect():
    before = received(9, outcome="quarantined").said
    assert outcomes(decide(received(1, minutes=60), known=contact(lead=None), history=[before])) == ["quarantined"]


def test_one_sign_up_in_a_ring_takes_the_persons_others_with_it_and_the_lead():
    batch = [received(n, bytes([n]), minutes=n) for n in range(4)]
    mine = received(8, minutes=9)
    others = crowd(*batch)
    decisions = decide(*batch, mine, known=contact(), neighbours=[*others, *crowd(mine)])
    assert set(outcomes(decisions)) == {"quarantined"}
    (suspicion,) = [person.suspicion for person in decisions.people if person.suspicion]
    assert (suspicion.lead_id, suspicion.ask) == (LEAD, False)


def test_a_contacted_lead_is_only_flagged_and_its_sign_up_stays():
    again = received(1, runs=1, outcome="in_lead", lead_id=LEAD)
    strangers = [received(n, bytes([n]), minutes=n) for n in range(2, 6)]
    decisions = decide(again, *strangers, known=contact(stage="contacted"), neighbours=crowd(again, *strangers))
    kept = next(person for person in decisions.people if person.contact_id == CONTACT)
    assert (kept.decided[0].outcome, kept.decided[0].lead_id) == ("in_lead", LEAD)
    assert kept.decided[0].steps["lead"] == {"what": "kept", "because": "contacted"}
    assert kept.suspicion.ask
    assert not kept.relook


def test_a_visit_overrules_and_says_so():
    again = received(1, runs=1, outcome="in_lead", lead_id=LEAD)
    strangers = [received(n, bytes([n]), minutes=n) for n in range(2, 6)]
    decisions = decide(again, *strangers, known=contact(stage="visited"), neighbours=crowd(again, *strangers))
    kept = next(person for person in decisions.people if person.contact_id == CONTACT)
    assert kept.suspicion is None
    assert kept.decided[0].steps["screening"]["reasons"][-1]["code"] == "visit_or_sale_overrules"


def test_looking_again_without_a_new_reason_changes_nothing():
    again = received(1, runs=1, outcome="in_lead", lead_id=LEAD)
    decisions = decide(again, known=contact())
    (person,) = decisions.people
    assert (person.decided[0].outcome, person.decided[0].lead_id, person.change) == ("in_lead", LEAD, None)


def test_a_lead_that_is_over_keeps_the_sign_ups_that_were_in_it():
    again = received(1, runs=1, outcome="in_lead", lead_id=UUID(int=55))
    decisions = decide(again, known=contact(lead=None))
    assert [each.lead_id for each in decisions.people[0].decided] == [UUID(int=55)]
    assert decisions.people[0].change is None


def test_earlier_members_of_a_new_crowd_are_looked_at_again_but_not_for_ever():
    new = received(1, b"a")
    old = [received(n, bytes([n]), minutes=n) for n in range(2, 6)]
    neighbours = [*crowd(new), *crowd(*old, outcome="in_lead")]
    assert decide(new, neighbours=neighbours).relook == {each.signup_id for each in old}
    again = received(1, b"a", runs=1, outcome="in_lead", lead_id=LEAD)
    assert decide(again, neighbours=[*crowd(again), *crowd(*old, outcome="in_lead")]).relook == frozenset()


def test_one_person_signing_up_often_on_one_device_is_no_crowd():
    batch = [received(n, minutes=n * 10, interest={"model": f"Q{n}"}) for n in range(6)]
    assert set(outcomes(decide(*batch, neighbours=crowd(*batch)))) == {"in_lead"}


def test_what_raises_for_one_person_leaves_the_others_alone():
    def place(signups):
        if any(said.region for said in signups):
            raise ZeroDivisionError
        return {}

    batch = (received(1, b"a", region={"county_code": "?"}), received(2, b"b"))
    facts = BatchFacts(batch, {}, {}, {}, ())
    ids = count(9000)
    decisions = decide_all(facts, RULES, Geography(place, lambda _place: None), lambda: UUID(int=next(ids)))
    assert set(decisions.aside) == {UUID(int=101)}
    assert outcomes(decisions) == ["in_lead"]
