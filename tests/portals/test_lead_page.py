"""The page about a lead: what is done with it, what that leads to, and two people at once."""

from __future__ import annotations

import re

import pytest

from hq.qualification.models import SignupDecision
from shared.campaigns.models import Campaign
from shared.identity.permissions import Role
from shared.leads.lifecycle import Stage
from shared.leads.models import Assignment, LeadEvent
from shared.platform.ids import new_id
from tests import factories
from tests.portals.conftest import sign_in

_SEEN = re.compile(r'name="seen" value="([^"]+)"')
_UNDO = re.compile(r'name="act" value="(\w+)">\s*<input type="hidden" name="at" value="([^"]+)"')


@pytest.fixture
def operator(browser, hq_person):
    """Opens browsers in which operators are signed in."""

    def open_one():
        opened = browser()
        sign_in(opened, "/hq", hq_person(Role.OPERATOR).login)
        return opened

    return open_one


@pytest.fixture
def here(operator):
    return operator()


def desk_lead(rows, *stores):
    lead = factories.lead(rows, dealers=stores, state="desk", state_reason={"code": "too_far"})
    rows.commit()
    return lead


def address(lead):
    return f"/hq/leads/{lead.lead_id}"


def seen_on(page):
    return _SEEN.search(page.text)[1]


def act(here, lead, name, **form):
    seen = seen_on(here.get(address(lead)))
    return here.post(f"/hq/desk/{lead.lead_id}/{name}", {"seen": seen, **form})


def undo(here, lead):
    name, at = _UNDO.search(here.get(address(lead)).text).groups()
    return here.post(f"/hq/desk/{lead.lead_id}/undo", {"act": name, "at": at})


def state_of(rows, lead):
    rows.refresh(lead)
    return lead.state


@pytest.mark.parametrize(
    ("name", "form", "between"),
    [("close", {"reason": "not_real"}, "closed"), ("return", {}, "waiting"), ("offer", {"store": None}, "placed")],
)
def test_an_act_is_undone_from_the_page(here, rows, name, form, between):
    store = factories.store(rows)
    lead = desk_lead(rows, store)
    chosen = {field: value or str(store.store_id) for field, value in form.items()}
    assert act(here, lead, name, **chosen).status_code == 303
    assert state_of(rows, lead) == between
    assert undo(here, lead).status_code == 303
    assert state_of(rows, lead) == "desk"


def test_a_store_chosen_by_hand_is_not_said_to_be_the_rules_choice(here, rows):
    store = factories.store(rows)
    lead = desk_lead(rows, store)
    passed = {"store_id": str(store.store_id), "code": store.code, "km": 1.0, "why_not": "no_room"}
    rows.add(
        LeadEvent(
            event_id=new_id(lead.opened_at),
            lead_id=lead.lead_id,
            kind="waiting",
            details={"code": "no_room", "rules": 1, "considered": [passed]},
            actor="system",
            at=lead.opened_at,
        )
    )
    rows.commit()
    act(here, lead, "offer", store=str(store.store_id))
    why = here.get(address(lead)).text.partition('id="h-stores"')[2].partition("<svg")[0].partition("<table")[0]
    assert "总部指派" in why
    assert "分配规则" not in why


@pytest.mark.parametrize(("minutes", "span"), [(10, "10 分钟"), (125, "3 小时"), (2_882, "3 天")])
def test_what_screening_saw_is_told_in_the_largest_unit_that_stays_true(faces, minutes, span):
    reason = {"code": "device_many_people", "effect": "quarantine", "people": 14, "minutes": minutes}
    with faces.hq.test_request_context("/?lang=zh"):
        template = faces.hq.jinja_env.from_string("{{ (decision|decision_lines)[0] }}")
        said = template.render(decision=SignupDecision(steps={"screening": {"reasons": [reason]}}, rules={}))
    assert said == f"这台设备上 {span}内有 14 人"


def test_the_second_of_two_operators_sees_what_the_first_did_and_changes_nothing(operator, rows):
    first, second = operator(), operator()
    store = factories.store(rows)
    lead = desk_lead(rows, store)
    seen = seen_on(second.get(address(lead)))
    act(first, lead, "offer", store=str(store.store_id))
    answer = second.post(f"/hq/desk/{lead.lead_id}/close", {"seen": seen, "reason": "not_real"})
    assert answer.status_code == 409
    assert "没有改动" in answer.text
    assert f"派给{store.name}" in answer.text
    assert state_of(rows, lead) == "placed"


def test_an_operator_who_recalls_hears_of_a_claim_first(here, rows):
    store = factories.store(rows)
    (given,) = factories.offered(rows, store)
    rows.commit()
    seen = seen_on(here.get(f"/hq/leads/{given.lead_id}"))
    given.stage, given.moved_at = "claimed", factories.NOW.replace(year=2027)
    factories.hold(rows, given)
    rows.commit()
    answer = here.post(f"/hq/desk/{given.lead_id}/recall", {"seen": seen, "reason": "mistake"})
    assert answer.status_code == 409
    rows.refresh(given)
    assert given.ended_at is None


def test_a_claimed_offer_cannot_be_taken_back_and_the_page_says_why(here, rows):
    store = factories.store(rows)
    lead = desk_lead(rows, store)
    act(here, lead, "offer", store=str(store.store_id))
    name, at = _UNDO.search(here.get(address(lead)).text).groups()
    given = rows.query(Assignment).filter_by(lead_id=lead.lead_id).one()
    given.stage = "claimed"
    factories.hold(rows, given)
    rows.commit()
    answer = here.post(f"/hq/desk/{lead.lead_id}/undo", {"act": name, "at": at})
    assert answer.status_code == 409
    assert "来不及撤销了" in answer.text


@pytest.mark.parametrize("first_act", ["offer", "return"])
def test_what_a_colleague_offered_since_is_not_taken_back(operator, rows, first_act):
    first, second = operator(), operator()
    store, other = factories.store(rows), factories.store(rows)
    lead = desk_lead(rows, store, other)
    act(first, lead, first_act, store=str(store.store_id))
    name, at = _UNDO.search(first.get(address(lead)).text).groups()
    if first_act == "offer":
        act(second, lead, "recall", reason="mistake")
    assert act(second, lead, "offer", store=str(other.store_id)).status_code == 303
    assert first.post(f"/hq/desk/{lead.lead_id}/undo", {"act": name, "at": at}).status_code == 409
    assert state_of(rows, lead) == "placed"


def test_a_lost_lead_is_opened_again(here, rows):
    lead = factories.lead(rows, dealers=[factories.store(rows)], state="lost", state_reason={"code": "lost"})
    rows.commit()
    assert act(here, lead, "reopen").status_code == 303
    assert state_of(rows, lead) == "desk"


def test_any_store_can_be_searched_for_and_says_why_it_cannot_have_the_lead(here, rows):
    near = [factories.store(rows) for _ in range(13)]
    far = factories.store(rows, name="很远的店", lng=87.6, lat=43.8)
    outside = factories.store(rows, name="很远的别家", lng=87.6, lat=43.8)
    lead = desk_lead(rows, *near, far)
    assert far.name not in here.get(address(lead)).text
    found = here.get(f"{address(lead)}/stores?stores=很远&store={near[0].store_id}").text
    assert far.name in found
    assert re.search(rf'value="{outside.store_id}"[^>]*disabled', found)
    assert re.search(rf'value="{near[0].store_id}"[^>]*checked', found)
    assert far.name in here.get(f"{address(lead)}?stores=很远").text


def test_a_note_stands_in_the_story_and_an_empty_one_is_refused(here, rows):
    lead = desk_lead(rows, factories.store(rows))
    assert act(here, lead, "note", note="客户 13812345678 周日来").status_code == 303
    assert "客户 138****5678 周日来" in here.get(address(lead)).text
    assert act(here, lead, "note", note="  ").status_code == 422


def test_a_lead_that_was_scored_anew_names_the_card_of_now(here, rows):
    lead = desk_lead(rows, factories.store(rows))
    told = {"points_before": 150, "points": 160, "grade_before": "A", "grade": "A", "version": 7}
    line = {"event_id": new_id(lead.opened_at), "actor": "system", "at": lead.opened_at}
    rows.add(LeadEvent(lead_id=lead.lead_id, kind="rescored", details=told, **line))
    rows.commit()
    page = here.get(address(lead)).text
    assert "评分卡 v7" in page
    assert "150 → 160 分" in page


def test_the_story_can_be_narrowed_to_what_people_did(here, rows):
    store = factories.store(rows)
    given = factories.claimed(rows, store, stage=Stage.CONTACTED)
    who = factories.staff(rows, [store], Role.SALESPERSON)
    factories.follow_up(rows, given, by=who.user_id, note="想看 S1")
    rows.commit()
    path = f"/hq/leads/{given.lead_id}"
    assert "想看 S1" in here.get(f"{path}?story=people").text
    assert "想看 S1" not in here.get(f"{path}?story=machine").text


def test_the_neighbours_are_those_of_the_list_one_came_from(here, rows):
    store = factories.store(rows)
    leads = [factories.lead(rows, dealers=[store], state="desk", grade=grade) for grade in "ABAA"]
    rows.commit()
    newest = sorted((lead for lead in leads if lead.grade == "A"), key=lambda lead: lead.lead_id, reverse=True)
    page = here.get(address(newest[1]), headers={"Referer": "http://localhost/hq/leads?grade=A"}).text
    beside = re.findall(r'href="/hq/leads/([0-9a-f-]+)\?list=grade%3DA"', page)
    assert beside == [str(newest[0].lead_id), str(newest[2].lead_id)]
    assert "?list=" not in here.get(address(newest[1])).text


def test_the_neighbours_on_the_desk_are_the_desks_also_after_acting(here, rows):
    store = factories.store(rows)
    leads = [factories.lead(rows, dealers=[store], state="desk", grade="A") for _ in range(3)]
    first, here_now, last = sorted(leads, key=lambda lead: lead.lead_id)
    factories.lead(rows, dealers=[store], state="waiting", grade="A")
    rows.commit()
    page = here.get(address(here_now), headers={"Referer": "http://localhost/hq/desk?grade=A"}).text
    arrows = re.compile(r'href="/hq/leads/([0-9a-f-]+)\?list=desk\?grade%3DA"')
    assert arrows.findall(page) == [str(first.lead_id), str(last.lead_id)]
    assert 'href="/hq/desk?grade=A"' in page

    here_now.state = "waiting"
    rows.commit()
    later = here.get(f"{address(here_now)}?list=desk?grade%3DA").text
    assert arrows.findall(later) == [str(first.lead_id), str(last.lead_id)]


def test_the_neighbours_in_the_open_pool_are_the_pools(here, rows):
    store = factories.store(rows)
    leads = [factories.lead(rows, dealers=[store], state="pooled", state_reason={"code": "pool"}) for _ in range(2)]
    for lead in leads:
        factories.pooled(rows, of=lead, km=30.0)
    rows.commit()
    page = here.get(address(leads[0]), headers={"Referer": "http://localhost/hq/desk/pool"}).text
    assert re.findall(r'href="/hq/leads/([0-9a-f-]+)\?list=pool\?"', page) == [str(leads[1].lead_id)]
    assert 'href="/hq/desk/pool"' in page


@pytest.mark.parametrize(("code", "linked"), [("suspected", True), ("too_far", False)])
def test_a_doubted_lead_leads_to_its_ring(here, rows, code, linked):
    person = factories.contact(rows)
    store = factories.store(rows)
    lead = factories.lead(rows, dealers=[store], person=person, state="desk", state_reason={"code": code})
    event = rows.get(Campaign, lead.campaign_id)
    stopped = factories.signup(rows, event, contact_id=person.contact_id, state="decided", outcome="quarantined")
    rows.commit()
    assert (f'href="/hq/quarantine/{stopped.signup_id}"' in here.get(address(lead)).text) is linked


def test_the_page_shows_where_the_stores_are(here, rows):
    store = factories.store(rows)
    given = factories.claimed(rows, store)
    factories.store(rows, lng=120.2, lat=30.3)
    rows.commit()
    page = here.get(f"/hq/leads/{given.lead_id}").text
    assert 'class="k-map-won"' in page
    assert 'class="k-map-unsure"' in page
