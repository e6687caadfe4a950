"""What headquarters sees of sign-ups, leads, stores and people's acts."""

from __future__ import annotations

import re

import pytest

from shared.contacts.models import Consent
from shared.identity.permissions import Role
from shared.leads.lifecycle import Stage
from shared.leads.models import CustomerCard, Hold
from tests import factories
from tests.portals.conftest import sign_in

PAGES = ("/hq/overview", "/hq/leads", "/hq/signups", "/hq/stores", "/hq/audit")


@pytest.fixture
def here(browser, hq_person):
    """A browser in which an administrator is signed in."""
    opened = browser()
    sign_in(opened, "/hq", hq_person(Role.ADMINISTRATOR).login)
    return opened


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_says_what_to_do_when_there_is_nothing(here, path, lang):
    page = here.get(f"{path}?lang={lang}")
    assert page.status_code == 200
    assert "<h1>" in page.text


def test_a_lead_is_listed_with_its_store_and_a_masked_person(here, rows):
    store = factories.store(rows)
    factories.claimed(rows, store)
    rows.commit()
    page = here.get("/hq/leads")
    assert store.name in page.text
    assert "陈**" in page.text
    assert "陈小明" not in page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [("13800009999", True), ("9999", True), ("8888", False), ("陈小", True), ("李", False)],
)
def test_leads_are_found_by_number_last_four_and_name(here, rows, query, found):
    store = factories.store(rows)
    person = factories.contact(rows, phone="+8613800009999")
    lead = factories.lead(rows, dealers=[store], person=person, state="placed")
    factories.offered(rows, store, of=lead)
    rows.commit()
    assert (f"/hq/leads/{lead.lead_id}" in here.get(f"/hq/leads?q={query}").text) is found


def test_a_leads_page_tells_its_story(here, rows):
    store = factories.store(rows)
    given = factories.claimed(rows, store, stage=Stage.CONTACTED)
    who = factories.staff(rows, [store])
    factories.follow_up(rows, given, by=who.user_id, kind="call", result="interested", note="周日来试骑")
    rows.commit()
    page = here.get(f"/hq/leads/{given.lead_id}")
    assert page.status_code == 200
    for part in (store.name, who.name, "周日来试骑"):
        assert part in page.text


def test_an_unknown_lead_is_not_there(here):
    assert here.get("/hq/leads/018f0000-0000-7000-8000-000000000000").status_code == 404


def test_a_sign_up_is_shown_with_what_became_of_it(here, rows):
    made = factories.signup(rows, factories.campaign(rows))
    rows.commit()
    assert f"/hq/signups/{made.signup_id}" in here.get("/hq/signups").text
    assert here.get(f"/hq/signups/{made.signup_id}").status_code == 200


def test_the_funnel_counts_each_step(here, rows):
    store = factories.store(rows)
    given = factories.claimed(rows, store, stage=Stage.WON)
    who = factories.staff(rows, [store])
    for kind in ("claim", "call", "won"):
        factories.follow_up(rows, given, by=who.user_id, kind=kind)
    factories.signup(rows, factories.campaign(rows))
    rows.commit()
    page = here.get("/hq/overview?campaign=all")
    assert page.status_code == 200
    assert store.name in page.text


def test_an_operator_offers_a_lead_of_the_desk_to_two_stores(here, rows):
    dealer = factories.dealer(rows)
    stores = [factories.store(rows, dealer), factories.store(rows, dealer)]
    lead = factories.lead(rows, dealers=stores, state="desk", state_reason={"code": "too_far"})
    rows.commit()
    assert f"/hq/leads/{lead.lead_id}" in here.get("/hq/desk").text
    page = here.get(f"/hq/leads/{lead.lead_id}")
    assert all(store.name in page.text for store in stores)
    answer = here.post(f"/hq/desk/{lead.lead_id}/offer", {"store": [str(store.store_id) for store in stores]})
    assert answer.status_code == 303
    rows.refresh(lead)
    assert lead.state == "placed"


def test_a_recalled_lead_comes_to_the_desk(here, rows):
    store = factories.store(rows)
    given = factories.claimed(rows, store)
    rows.commit()
    here.get(f"/hq/leads/{given.lead_id}")
    assert here.post(f"/hq/desk/{given.lead_id}/recall", {"reason": "complaint"}).status_code == 303
    assert f"/hq/leads/{given.lead_id}" in here.get("/hq/desk").text


@pytest.mark.parametrize("act", ["offer", "recall", "close", "return", "withdraw"])
def test_an_analyst_decides_nothing(act, browser, hq_person, rows):
    lead = factories.lead(rows, dealers=[factories.store(rows)], state="desk")
    rows.commit()
    opened = browser()
    sign_in(opened, "/hq", hq_person(Role.ANALYST).login)
    opened.get("/hq/leads")
    assert opened.post(f"/hq/desk/{lead.lead_id}/{act}", {"reason": "complaint"}).status_code == 403


def test_offering_to_no_store_says_so_and_leads_back(here, rows):
    lead = factories.lead(rows, dealers=[factories.store(rows)], state="desk")
    rows.commit()
    here.get(f"/hq/leads/{lead.lead_id}")
    answer = here.post(f"/hq/desk/{lead.lead_id}/offer")
    assert answer.status_code == 303
    assert "没有勾选门店" in here.get(answer.location).text


def test_the_log_says_acts_and_roles_in_words(here):
    page = here.get("/hq/audit?lang=zh").text
    assert "登录" in page
    assert "session:begin" not in page.split("<tbody>")[1].replace('title="session:begin"', "")
    assert "(administrator)" not in page


def test_the_overview_offers_no_way_to_pages_that_the_reader_may_not_open(browser, hq_person, rows):
    store = factories.store(rows)
    factories.claimed(rows, store)
    factories.signup(rows, factories.campaign(rows))
    factories.lead(rows, dealers=[store], state="desk")
    rows.commit()
    editor, operator = browser(), browser()
    sign_in(editor, "/hq", hq_person(Role.CONTENT_EDITOR).login)
    sign_in(operator, "/hq", hq_person(Role.OPERATOR).login)
    for way in ('href="/hq/leads', 'href="/hq/signups', f"/hq/stores/{store.store_id}", 'action="/hq/leads/list/find"'):
        assert way in operator.get("/hq/overview?campaign=all").text
        assert way not in editor.get("/hq/overview?campaign=all").text


def test_a_consent_is_withdrawn_for_a_customer_who_asks_and_the_store_loses_the_number(here, rows):
    store = factories.store(rows)
    given = factories.claimed(rows, store, stage=Stage.CONTACTED)
    rows.commit()
    assert f"/hq/desk/{given.lead_id}/withdraw" in here.get(f"/hq/leads/{given.lead_id}").text
    assert here.post(f"/hq/desk/{given.lead_id}/withdraw").status_code == 303
    rows.refresh(given)
    assert given.ended_at is not None
    assert rows.query(CustomerCard).count() == rows.query(Hold).count() == rows.query(Consent).count() == 0
    assert f"/hq/desk/{given.lead_id}/withdraw" not in here.get(f"/hq/leads/{given.lead_id}").text


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/hq/desk/waiting", "/hq/desk"),
        ("/hq/desk/pool", "/hq/desk"),
        ("/hq/fairness/prices", "/hq/fairness"),
        ("/hq/network/series", "/hq/stores"),
        ("/hq/leads/by-hand", "/hq/leads"),
        ("/hq/rules/scorecard/rescore", "/hq/rules"),
    ],
)
def test_the_menu_says_where_a_page_belongs(here, path, entry):
    shown = here.get(path)
    assert re.search(rf'<a[^>]*href="{entry}"[^>]*aria-current="page"', shown.text)
