"""From received sign-ups to contacts and leads."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hq.qualification.models import SignupDecision
from shared.contacts.models import Consent, Contact, ContactPhone, Identity
from shared.leads.models import CustomerCard, Hold, Lead
from shared.notifications.models import Notification
from tests.integration.pipeline.conftest import EAGER

PHONE, OTHER = "13800138000", "13900139000"


@pytest.fixture(autouse=True)
def _campaign(world, store):
    world.stores(store())


def count(world, model) -> int:
    return world.rows.scalar(select(func.count()).select_from(model))


def decision(world, key) -> SignupDecision:
    query = select(SignupDecision).where(SignupDecision.signup_id == key).order_by(SignupDecision.run.desc())
    return world.rows.scalars(query).first()


@pytest.mark.parametrize("form", ["138 0013 8000", "+86-138-0013-8000", "008613800138000", "１３８００１３８０００"])
def test_every_form_of_a_phone_is_one_contact(world, form):
    first, second = world.sign_up(phone=PHONE), world.sign_up(phone=form, minutes=2000)
    world.run("hq.qualify")
    assert world.signup(first).contact_id == world.signup(second).contact_id
    assert count(world, ContactPhone) == 1


def test_an_eager_person_becomes_a_lead_with_reasons_and_a_consent(world):
    key = world.sign_up(phone=PHONE, openid="o1")
    world.run("hq.qualify")
    lead = world.lead_of(key)
    assert (lead.state, lead.grade) == ("waiting", "A")
    assert {"fact": "purchase_horizon", "bin": "now", "points": 40} in lead.reasons
    assert lead.place["source"] == "county"
    assert world.story(lead.lead_id) == ["opened"]
    assert count(world, Consent) == 1
    steps = decision(world, key).steps
    assert steps["matching"] == {"contact": "new", "keys": ["phone", "openid"]}
    assert steps["screening"] == {"outcome": "pass", "reasons": []}
    assert steps["scoring"]["points"] == lead.points
    assert decision(world, key).rules == {"screening": 0, "scorecard": 0, "thresholds": 0}


def test_the_same_openid_with_another_phone_is_one_contact_with_two_phones(world):
    keys = [world.sign_up(phone=PHONE, openid="o1"), world.sign_up(phone=OTHER, openid="o1", minutes=5)]
    world.run("hq.qualify")
    contact_id, *_ = {world.signup(key).contact_id for key in keys}
    assert world.rows.scalars(select(ContactPhone.contact_id)).all() == [contact_id] * 2
    assert count(world, Lead) == 1


def test_a_number_is_as_verified_as_the_best_of_its_sign_ups_says(world):
    for minutes, ways in enumerate([("none", "sms", "none"), ("none",), ("wechat",), ("sms", "none")]):
        for way in ways:
            world.sign_up(phone=PHONE, phone_verified=way, minutes=minutes)
        world.run("hq.qualify")
        seen = world.rows.scalars(select(ContactPhone.verified)).all()
        assert seen == [["sms"], ["sms"], ["wechat"], ["wechat"]][minutes]
        world.later(minutes=5)


def test_a_sign_up_without_a_plan_to_buy_is_nurtured_not_given_away(world):
    key = world.sign_up(phone=PHONE, interest={"purchase_horizon": "none"})
    world.run("hq.qualify")
    assert world.outcomes(key) == ["nurture"]
    assert count(world, Lead) == 0


def test_a_repeat_that_adds_nothing_is_a_duplicate_and_one_that_does_strengthens(world):
    first = world.sign_up(phone=PHONE, openid="o1")
    again = world.sign_up(phone=PHONE, openid="o1", minutes=5)
    more = world.sign_up(phone=PHONE, openid="o1", minutes=9, actions={"booked_test_ride": True})
    world.run("hq.qualify")
    assert world.outcomes(first, again, more) == ["in_lead", "duplicate", "in_lead"]
    assert decision(world, again).steps["duplicate"] == {"of": str(first)}
    assert world.lead_of(first).wish["booked_test_ride"] is True


def test_a_repeat_after_a_day_is_no_duplicate(world):
    keys = [world.sign_up(phone=PHONE), world.sign_up(phone=PHONE, minutes=24 * 60 + 1)]
    world.run("hq.qualify")
    assert world.outcomes(*keys) == ["in_lead", "in_lead"]


def test_a_later_batch_strengthens_the_open_lead(world):
    first = world.sign_up(phone=PHONE, interest={**EAGER, "purchase_horizon": "3m"})
    world.run("hq.qualify")
    before = world.lead_of(first).points
    world.sign_up(phone=PHONE, minutes=30)
    world.run("hq.qualify")
    lead = world.lead_of(first)
    assert lead.points > before
    assert world.story(lead.lead_id) == ["opened", "strengthened"]
    assert count(world, Lead) == 1


def test_a_customer_who_signs_up_again_stays_with_the_store_and_it_is_told(world):
    first = world.sign_up(phone=PHONE)
    world.run("hq.qualify", "hq.route")
    lead = world.lead_of(first)
    world.claim(world.assignments(lead.lead_id)[0])
    world.later(minutes=5)
    world.run("hq.settle")
    again = world.sign_up(phone=PHONE, actions={"booked_test_ride": True})
    world.run()
    assert world.lead_of(again).lead_id == lead.lead_id
    assert world.stages(lead.lead_id) == ["claimed"]
    told = world.rows.scalars(select(Notification.kind).order_by(Notification.at)).all()
    assert told == ["offered", "strengthened"]


def test_without_consent_to_share_there_is_no_lead(world):
    key = world.sign_up(phone=PHONE, share=False)
    world.run("hq.qualify")
    assert world.outcomes(key) == ["no_consent"]
    assert (count(world, Lead), count(world, Consent)) == (0, 0)


def test_a_phone_that_cannot_be_used_is_rejected_with_the_reason(world):
    key = world.sign_up(phone="1380013", openid="o1")
    world.run("hq.qualify")
    assert world.outcomes(key) == ["rejected"]
    assert decision(world, key).steps["screening"]["reasons"][0]["problem"] == "phone_length"


def test_a_sign_up_that_names_nobody_is_rejected_without_a_contact(world):
    keys = [world.sign_up(phone="12", openid=None), world.sign_up(phone=None, openid=None)]
    world.run("hq.qualify")
    assert world.outcomes(*keys) == ["rejected", "rejected"]
    assert count(world, Contact) == 0


def test_two_people_on_one_device_are_two_contacts(world):
    keys = [world.sign_up(phone=phone, device_id="d1") for phone in (PHONE, OTHER)]
    world.run("hq.qualify")
    assert len({world.signup(key).contact_id for key in keys}) == 2
    assert world.outcomes(*keys) == ["in_lead", "in_lead"]


def test_two_known_people_who_turn_out_to_be_one_are_merged_with_their_leads(world):
    old = world.sign_up(phone=PHONE, openid="o1")
    world.later(minutes=1)
    new = world.sign_up(phone=OTHER, openid="o2")
    world.run("hq.qualify")
    world.later(minutes=1)
    world.run("hq.route")
    kept, lost = world.lead_of(old).lead_id, world.lead_of(new).lead_id
    world.later(minutes=1)
    joint = world.sign_up(phone=PHONE, openid="o2", actions={"visited_store": True})
    world.run("hq.qualify")
    assert {world.lead_of(key).lead_id for key in (old, new, joint)} == {kept}
    assert len({world.signup(key).contact_id for key in (old, new, joint)}) == 1
    assert world.stages(kept) == ["offered"]
    assert world.stages(lost) == ["recalled"]
    assert world.rows.get(Lead, lost).state == "closed"
    assert world.story(lost)[-2:] == ["recalled", "merged"]
    assert world.rows.scalar(select(func.count()).where(Contact.merged_into.is_not(None))) == 1
    assert len(set(world.rows.scalars(select(Identity.contact_id)))) == 1
    assert count(world, CustomerCard) == 1


def test_of_two_merged_leads_the_one_a_store_holds_stays(world):
    world.sign_up(phone=PHONE, openid="o1")
    world.later(minutes=1)
    held = world.sign_up(phone=OTHER, openid="o2")
    world.run()
    lead = world.lead_of(held)
    world.claim(world.assignments(lead.lead_id)[0])
    world.later(minutes=5)
    world.run("hq.settle")
    joint = world.sign_up(phone=PHONE, openid="o2", actions={"visited_store": True})
    world.run("hq.qualify")
    assert world.lead_of(joint).lead_id == lead.lead_id
    assert world.stages(lead.lead_id) == ["claimed"]
    assert count(world, Hold) == 1
    assert count(world, Lead) == 2


def test_of_two_leads_that_stores_hold_the_one_that_came_farther_stays(world):
    older = world.sign_up(phone=PHONE, openid="o1")
    world.later(minutes=1)
    visited = world.sign_up(phone=OTHER, openid="o2")
    world.run()
    kept, lost = world.lead_of(visited).lead_id, world.lead_of(older).lead_id
    world.claim(world.assignments(lost)[0])
    world.claim(world.assignments(kept)[0], "visited")
    world.later(minutes=5)
    world.run("hq.settle")
    world.sign_up(phone=PHONE, openid="o2")
    world.run("hq.qualify")
    assert (world.stages(kept), world.stages(lost)) == (["visited"], ["recalled"])


def ring(world, people: int, *, start: int = 0) -> list:
    return [world.sign_up(phone=f"138000000{n:02}", device_id="farm") for n in range(start, start + people)]


def test_a_ring_on_one_device_is_quarantined_with_the_figures(world):
    keys = ring(world, 5)
    world.run("hq.qualify")
    assert set(world.outcomes(*keys)) == {"quarantined"}
    assert decision(world, keys[0]).steps["screening"]["reasons"][0] == {
        "code": "device_many_people",
        "effect": "quarantine",
        "people": 5,
        "minutes": 0,
    }


def test_a_store_tablet_is_no_ring(world):
    keys = [world.sign_up(phone=f"138000000{n:02}", device_id="tablet", touchpoint="store_qr") for n in range(9)]
    world.run("hq.qualify")
    assert set(world.outcomes(*keys)) == {"in_lead"}


def test_earlier_sign_ups_are_looked_at_again_when_a_later_one_shows_the_ring(world):
    early = ring(world, 3)
    world.run()
    leads = [world.lead_of(key).lead_id for key in early]
    assert world.stages(leads[0]) == ["offered"]
    late = ring(world, 1, start=3)
    world.later(minutes=1)
    world.run("hq.qualify")
    assert set(world.outcomes(*early, *late)) == {"quarantined"}
    assert [world.stages(lead_id) for lead_id in leads] == [["recalled"]] * 3
    assert count(world, CustomerCard) == 0
    assert {world.signup(key).runs for key in early} == {2}
    assert world.story(leads[0])[-2:] == ["recalled", "screened_out"]


def test_after_the_first_contact_a_ring_only_asks_headquarters_and_a_visit_overrules(world):
    early = ring(world, 3)
    world.run()
    leads = [world.lead_of(key).lead_id for key in early]
    for lead_id, stage in zip(leads, ("claimed", "contacted", "visited"), strict=True):
        world.claim(world.assignments(lead_id)[0], stage)
    world.later(minutes=5)
    world.run("hq.settle")
    ring(world, 1, start=3)
    world.later(minutes=1)
    world.run("hq.qualify")
    assert world.outcomes(*early) == ["quarantined", "in_lead", "in_lead"]
    assert [world.stages(lead_id)[0] for lead_id in leads] == ["recalled", "contacted", "visited"]
    reasons = [world.rows.get(Lead, lead_id).state_reason["code"] for lead_id in leads]
    assert reasons[1] == "suspected"
    assert reasons[2] != "suspected"
    assert count(world, Hold) == 2


def test_a_person_in_quarantine_stays_there_with_another_device(world):
    keys = ring(world, 4)
    world.run("hq.qualify")
    again = world.sign_up(phone="13800000000", device_id="new", minutes=2 * 24 * 60)
    world.run("hq.qualify")
    assert world.outcomes(keys[0], again) == ["quarantined", "quarantined"]


def test_a_batch_of_hundreds_takes_a_tenth_of_a_statement_each(world):
    from sqlalchemy import event

    from shared.work.drains import find
    from shared.work.runs import run

    for n in range(520):
        world.numbers += 1
        world.sign_up(phone=f"1390000{n:04}")
    place, sent = world.place(), []
    event.listen(place.engine, "before_cursor_execute", lambda *call: sent.append(call[2]))
    assert run(place, find("hq.qualify")).rows == 520
    assert len(sent) <= 52


def test_one_poison_sign_up_is_put_aside_and_the_others_go_on(world):
    from sqlalchemy import text

    keys = [world.sign_up(phone=f"1390000{n:04}") for n in range(5)]
    world.rows.execute(text("UPDATE signup_payloads SET sealed = '\\x0001' WHERE signup_id = :key"), {"key": keys[2]})
    world.rows.commit()
    ran = world.run("hq.qualify")
    assert ran.aside == 1
    assert world.signup(keys[2]).aside_at is not None
    assert world.outcomes(*keys[:2], *keys[3:]) == ["in_lead"] * 4


def test_time_counts_when_it_happened_not_when_it_was_imported(world):
    week = [world.sign_up(phone=f"138000000{n:02}", device_id="d", minutes=-n * 60 * 24 * 4) for n in range(5)]
    world.run("hq.qualify")
    assert set(world.outcomes(*week)) == {"in_lead"}
    assert world.signup(week[4]).occurred_at < world.now - timedelta(days=15)
