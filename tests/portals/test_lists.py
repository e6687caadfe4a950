"""Lists at headquarters: paging by key, filters in the address, views that people keep, rows that they pick."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import unquote_plus

import pytest
from sqlalchemy import func, select

from hq.leads import desk_views
from hq.leads.desk_list import DESK
from hq.leads.lead_list import LEADS
from shared.contacts.models import ContactPhone
from shared.identity.permissions import Role
from shared.leads.models import Assignment, Lead
from shared.web.tables.models import SavedView
from tests import factories
from tests.portals.conftest import sign_in

_ROW = re.compile(r'<tr>.*?href="(/hq/leads/[0-9a-f-]{36})"', re.DOTALL)
_LINK = 'href="([^"]+)" rel="{}"'


@pytest.fixture
def here(browser, hq_person):
    """A browser in which an administrator is signed in."""
    return _signed_in(browser, hq_person, Role.ADMINISTRATOR)


def _signed_in(browser, hq_person, role):
    opened = browser()
    sign_in(opened, "/hq", hq_person(role).login)
    return opened


def _leads(rows, count, store=None, **values):
    """So many leads, opened a minute after each other, each grade in turn."""
    store = store or factories.store(rows)
    made = [
        factories.lead(
            rows,
            dealers=[store],
            grade="ABCD"[number % 4],
            points=number // 3,
            opened_at=factories.NOW + timedelta(minutes=number),
            **values,
        )
        for number in range(count)
    ]
    rows.commit()
    return made


def _walk(here, address, rel):
    """The rows of each page, going on by the link with this rel."""
    pages = []
    while address:
        page = here.get(address).text
        pages.append(_ROW.findall(page))
        found = re.search(_LINK.format(rel), page)
        address = unescape(found[1]) if found else None
    return pages


@pytest.fixture
def short_pages():
    """Pages of four rows."""
    before = LEADS.size
    object.__setattr__(LEADS, "size", 4)
    yield
    object.__setattr__(LEADS, "size", before)


@pytest.mark.parametrize("sort", ["-opened", "grade", "deadline", "-deadline"])
def test_every_row_is_on_one_page_whatever_the_order_and_back_shows_the_same_pages(here, rows, short_pages, sort):
    store = factories.store(rows)
    made = _leads(rows, 10, store)
    for number, lead in enumerate(made[:6]):  # the others have no deadline
        factories.offered(rows, store, of=lead, minutes=30 - number // 2)
    rows.commit()
    forward = _walk(here, f"/hq/leads?sort={sort}", "next")
    assert [len(page) for page in forward] == [4, 4, 2]
    seen = [row for page in forward for row in page]
    assert sorted(seen) == sorted(f"/hq/leads/{lead.lead_id}" for lead in made)
    backward = _walk(here, f"/hq/leads?sort={sort}&before=end", "prev")
    assert [row for page in reversed(backward) for row in page] == seen


def test_a_cursor_of_another_order_is_refused(here, rows, short_pages):
    _leads(rows, 6)
    found = re.search(_LINK.format("next"), here.get("/hq/leads?sort=grade").text)
    assert here.get(unescape(found[1]).replace("sort=grade", "sort=points")).status_code == 400


def test_the_place_in_the_list_is_told_and_counting_stops_at_the_limit(here, rows, short_pages, monkeypatch):
    monkeypatch.setattr("shared.web.tables.counting.LIMIT", 5)
    _leads(rows, 10)
    first = here.get("/hq/leads?lang=en").text
    assert "1–4 of 5+" in first
    following = here.get(unescape(re.search(_LINK.format("next"), first)[1])).text
    assert "5–8 of 5+" in following


def test_filters_are_words_that_can_be_taken_away(here, rows):
    _leads(rows, 4)
    page = here.get("/hq/leads?grade=A&grade=B&sort=grade").text
    assert len(_ROW.findall(page)) == 2
    assert "A、B" in page
    assert 'href="/hq/leads?sort=grade"' in page  # the cross beside the word


def test_what_makes_no_sense_in_an_address_asks_for_nothing(here, rows):
    _leads(rows, 2)
    for query in (
        "grade=E",
        "opened=2026-99-01..",
        "store=%00",
        "sort=x",
        "campaign=x",
        "cols=zzz",
        "view=1",
        "phone=x",
    ):
        assert len(_ROW.findall(here.get(f"/hq/leads?{query}").text)) == 2, query


def test_a_range_of_days_is_beijing_days(here, rows):
    store = factories.store(rows)
    late = factories.NOW.replace(hour=23, minute=59)
    for opened in (late, late + timedelta(minutes=2)):
        factories.lead(rows, dealers=[store], opened_at=opened)
    rows.commit()
    day = f"{factories.NOW:%Y-%m-%d}"
    assert len(_ROW.findall(here.get(f"/hq/leads?opened={day}..{day}").text)) == 1


def test_a_number_that_is_searched_for_never_stands_in_an_address(here, rows):
    store = factories.store(rows)
    wanted = factories.lead(rows, dealers=[store], person=factories.contact(rows, phone="+8613800009999"))
    factories.lead(rows, dealers=[store])
    rows.commit()
    here.get("/hq/leads")
    answer = here.post("/hq/leads/list/find", {"q": "138 0000 9999", "query": "grade=A", "list": "/hq/leads"})
    assert answer.status_code == 303
    assert "9999" not in answer.location
    page = here.get(answer.location).text
    assert _ROW.findall(page) == [f"/hq/leads/{wanted.lead_id}"]
    assert "138****9999" in page
    assert "13800009999" not in page
    assert "grade=A" in answer.location


def test_a_view_is_kept_with_filters_order_and_columns_and_comes_back_after_delete(here, rows):
    _leads(rows, 4)
    here.get("/hq/leads")
    query = "grade=A&sort=grade&cols=grade,phone"
    saved = here.post("/hq/leads/list/views", {"name": "A 级", "query": query, "list": "/hq/leads"})
    page = here.get(saved.location)
    assert "A 级" in page.text
    assert page.text.count('scope="col"') == 4  # the ticks, and the name, which always shows
    view = re.search(r"view=([0-9a-f-]{36})", saved.location)[1]
    here.post(f"/hq/leads/list/views/{view}", {"name": "A", "take": "1", "query": "grade=B", "list": "/hq/leads"})
    assert f"view={view}&amp;grade=B" in here.get("/hq/leads").text
    here.post(f"/hq/leads/list/views/{view}/delete", {"list": "/hq/leads"})
    assert f"view={view}&amp;" not in here.get("/hq/leads").text
    here.post(f"/hq/leads/list/views/{view}/restore", {"list": "/hq/leads"})
    assert f"view={view}&amp;grade=B" in here.get("/hq/leads").text


def test_a_view_is_its_owners_alone_unless_shared_by_somebody_who_may(here, browser, hq_person, rows):
    analyst = _signed_in(browser, hq_person, Role.ANALYST)
    for opened, name, shared in ((here, "公用", "1"), (here, "自用", ""), (analyst, "分析", "")):
        opened.get("/hq/leads")
        opened.post("/hq/leads/list/views", {"name": name, "query": "grade=A", "shared": shared, "list": "/hq/leads"})
    mine, theirs = here.get("/hq/leads").text, analyst.get("/hq/leads").text
    assert ("公用" in theirs, "自用" in theirs, "分析" in theirs) == (True, False, True)
    assert "分析" not in mine
    view = re.search(r"view=([0-9a-f-]{36})[^>]*>公用", theirs)[1]
    assert analyst.post(f"/hq/leads/list/views/{view}/delete", {}).status_code == 404
    refused = analyst.post("/hq/leads/list/views", {"name": "x", "query": "", "shared": "1"})
    assert refused.status_code == 403


def test_columns_and_row_height_are_remembered_for_each_person(here, browser, hq_person, rows):
    _leads(rows, 1)
    here.get("/hq/leads")
    here.post("/hq/leads/list/columns", {"column": ["campaign", "grade"], "list": "/hq/leads"})
    here.post("/hq/leads/list/density", {"dense": "1", "list": "/hq/leads"})
    page = here.get("/hq/leads?lang=en").text
    heads = re.findall(r'scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)', page)
    assert [head for head in heads if head.strip()] == ["Grade", "Customer", "Campaign"]
    assert "k-table-tight" in page
    other = _signed_in(browser, hq_person, Role.ANALYST).get("/hq/leads?lang=en").text
    assert "k-table-tight" not in other
    here.post("/hq/leads/list/columns", {"reset": "1", "list": "/hq/leads"})
    assert len(re.findall('scope="col"', here.get("/hq/leads").text)) > 3


def test_nobody_is_led_away_by_a_forged_list(here):
    here.get("/hq/leads")
    answer = here.post("/hq/leads/list/density", {"dense": "0", "list": "//evil.example/", "query": "grade=A"})
    assert answer.location == "/hq/leads?grade=A"


def test_a_list_costs_few_statements(here, rows, statements):
    _leads(rows, 3)
    with statements() as seen:
        assert here.get("/hq/leads?grade=A").status_code == 200
    assert len(seen) <= 9, seen


@pytest.mark.parametrize(("typed", "found"), [("芳", True), ("王芳", True), ("芳王", False), ("王芳芳", False)])
def test_customers_are_found_by_letters_that_stand_side_by_side(here, rows, typed, found):
    who = factories.contact(rows, name="小王芳")
    rows.commit()
    assert (f"/hq/contacts/{who.contact_id}" in here.get(f"/hq/contacts?q={typed}").text) is found


def test_names_with_wildcards_are_taken_as_they_are(here, rows):
    _leads(rows, 2)
    assert _ROW.findall(here.get("/hq/leads?q=%25").text) == []


def test_many_leads_are_recalled_at_once_and_closed_ones_are_left_alone(here, rows):
    store = factories.store(rows)
    given = [factories.claimed(rows, store) for _number in range(2)]
    over = factories.lead(rows, dealers=[store], state="closed", state_reason={"code": "dismissed"})
    rows.commit()
    here.get("/hq/leads")
    ids = [str(each.lead_id) for each in (*given, over)]
    form = {"id": ids, "table": "leads", "list": "/hq/leads", "query": "grade=A", "recall_reason": "complaint"}
    answer = here.post("/hq/desk/many/recall", form)
    assert answer.location == "/hq/leads?grade=A"
    page = here.get("/hq/desk?lang=en").text
    assert "已撤回 2 条" in page
    assert "1 条没有改动" in page
    assert len(_ROW.findall(page)) == 2
    for each in given:
        rows.refresh(each)
        assert each.ended_at is not None


def test_a_recall_of_many_is_undone_in_one_step_except_where_somebody_acted_since(here, rows):
    store = factories.store(rows)
    given = [factories.claimed(rows, store) for _number in range(3)]
    rows.commit()
    here.get("/hq/leads")
    form = {"id": [str(each.lead_id) for each in given], "table": "leads", "list": "/hq/leads"}
    here.post("/hq/desk/many/recall", form | {"recall_reason": "complaint"})
    back = _undo_of(here.get("/hq/desk").text)
    here.post(f"/hq/desk/{given[0].lead_id}/close", {"reason": "not_interested"})
    here.get("/hq/desk")
    assert here.post("/hq/desk/many/undo", back).location == "/hq/leads"
    page = here.get("/hq/leads").text
    assert "2 条线索恢复原样" in page
    assert "1 条没有恢复" in page
    assert rows.scalar(select(Lead.state).filter_by(lead_id=given[0].lead_id)) == "closed"
    again = rows.scalars(select(Assignment.lead_id).filter_by(stage="offered", ended_at=None)).all()
    assert set(again) == {given[1].lead_id, given[2].lead_id}


def test_undoing_many_twice_offers_them_once(here, rows):
    store = factories.store(rows)
    given = factories.claimed(rows, store)
    rows.commit()
    here.get("/hq/leads")
    form = {"id": str(given.lead_id), "table": "leads", "list": "/hq/leads", "close_reason": "not_interested"}
    here.post("/hq/desk/many/close", form)
    back = _undo_of(here.get("/hq/leads").text)
    assert here.post("/hq/desk/many/undo", back).status_code == 303
    here.get("/hq/leads")
    here.post("/hq/desk/many/undo", back)
    assert "1 条没有恢复" in here.get("/hq/leads").text
    offers = select(func.count()).select_from(Assignment).filter_by(stage="offered", ended_at=None)
    assert rows.scalar(offers) == 1


def test_an_undo_of_a_moment_at_which_nothing_was_done_says_so(here, rows):
    here.get("/hq/leads")
    assert here.post("/hq/desk/many/undo", {"act": "recall", "at": factories.NOW.isoformat()}).status_code == 409
    assert here.post("/hq/desk/many/undo", {"act": "explode", "at": factories.NOW.isoformat()}).status_code == 422


def _undo_of(page):
    """The fields of the way back that a page offers."""
    form = re.search(r'<form method="post" action="/hq/desk/many/undo">(.*?)</form>', page, re.DOTALL)[1]
    return {name: unescape(value) for name, value in re.findall(r'name="(act|at|from)" value="([^"]*)"', form)}


def test_all_that_match_are_picked_by_their_filter_up_to_a_limit(here, rows, monkeypatch):
    leads = _leads(rows, 4, state="desk")
    here.get("/hq/desk")
    form = {"all": "1", "table": "desk", "list": "/hq/desk", "query": "grade=A", "close_reason": "not_interested"}
    assert here.post("/hq/desk/many/close", form).location == "/hq/desk?grade=A"
    for lead in leads:
        rows.refresh(lead)
    assert [lead.state for lead in leads] == ["closed", "desk", "desk", "desk"]
    monkeypatch.setattr(desk_views, "DESK", replace(DESK, most=2))
    here.get("/hq/desk?lang=en")
    refused = here.post("/hq/desk/many/close", form | {"query": ""})
    assert refused.status_code == 422
    assert "2" in refused.text


def test_what_came_to_match_since_the_question_is_not_acted_on(here, rows):
    leads = _leads(rows, 3, state="desk")
    here.get("/hq/desk")
    form = {"all": "1", "table": "desk", "list": "/hq/desk", "query": "", "close_reason": "not_interested"}
    refused = here.post("/hq/desk/many/close", form | {"matched": "2"})
    assert refused.status_code == 409
    assert "3" in refused.text
    rows.refresh(leads[0])
    assert leads[0].state == "desk"
    here.get("/hq/desk")
    assert here.post("/hq/desk/many/close", form | {"matched": "3"}).status_code == 303


def test_nothing_picked_or_another_list_changes_nothing(here, rows):
    lead = _leads(rows, 1, state="desk")[0]
    here.get("/hq/desk")
    form = {"close_reason": "not_interested", "table": "desk"}
    assert here.post("/hq/desk/many/close", form).status_code == 422
    assert here.post("/hq/desk/many/close", form | {"id": "nonsense"}).status_code == 422
    assert here.post("/hq/desk/many/close", form | {"id": str(lead.lead_id), "table": "stores"}).status_code == 422
    rows.refresh(lead)
    assert lead.state == "desk"


def test_the_lists_behind_the_overviews_figures_hold_what_they_count(here, rows):
    store = factories.store(rows)
    worked = factories.claimed(rows, store)
    who = factories.staff(rows, [store])
    for kind in ("claim", "visit"):
        factories.follow_up(rows, worked, by=who.user_id, kind=kind)
    factories.offered(rows, store)
    rows.commit()
    for query, count in (
        ("step=offered", 2),
        ("step=visited", 1),
        (f"step=visited&step={store.store_id}", 1),
        (f"step=visited&store={factories.NOW:%Y}", 0),
        ("step=silent", 0),
        ("province=33", 2),
        ("province=none", 0),
        ("touchpoint=none", 2),
    ):
        assert len(_ROW.findall(here.get(f"/hq/leads?{query}").text)) == count, query


def test_a_customers_page_says_where_each_fact_came_from_and_shows_no_number(here, rows):
    person = factories.contact(rows, phone="+8613800009999")
    made = factories.signup(
        rows,
        factories.campaign(rows),
        contact_id=person.contact_id,
        state="decided",
        outcome="in_lead",
        interest={"model": "S1 Pro"},
    )
    rows.commit()
    assert f"/hq/contacts/{person.contact_id}" in here.get("/hq/contacts?q=9999").text
    assert f"/hq/contacts/{person.contact_id}" not in here.get("/hq/contacts?q=9998").text
    page = here.get(f"/hq/contacts/{person.contact_id}").text
    assert "S1 Pro" in page
    assert f"/hq/signups/{made.signup_id}" in page
    assert "138****9999" in page
    assert "13800009999" not in page
    assert here.get("/hq/contacts/018f0000-0000-7000-8000-000000000000").status_code == 404


def test_sign_ups_are_found_by_hour_and_last_four(here, rows):
    person = factories.contact(rows, phone="+8613800009999")
    campaign = factories.campaign(rows)
    phone = rows.query(ContactPhone).filter_by(contact_id=person.contact_id).one()
    found = factories.signup(rows, campaign, contact_id=person.contact_id, phone_bidx=phone.phone_bidx)
    factories.signup(rows, campaign, accepted_at=factories.NOW + timedelta(hours=1))
    rows.commit()
    for query in ("q=9999", f"hour={factories.NOW:%Y-%m-%dT%H}"):
        assert re.findall(
            r'<tr>.*?href="/hq/signups/([0-9a-f-]{36})"', here.get(f"/hq/signups?{query}").text, re.DOTALL
        ) == [str(found.signup_id)], query


@pytest.mark.parametrize(
    "address",
    [
        "/hq/leads?opened=..9999-12-31",
        "/hq/leads?opened=0001-01-01..",
        "/hq/signups?hour=9999-12-31T23",
        "/hq/signups?hour=0001-01-01T00",
    ],
)
def test_the_ends_of_the_calendar_are_days_like_any_other(here, address):
    assert here.get(address).status_code == 200


def test_a_kept_view_holds_no_number_in_plain(here, rows):
    _leads(rows, 1)
    here.get("/hq/leads")
    here.post("/hq/leads/list/views", {"name": "他", "query": "q=138 0000 9999", "list": "/hq/leads"})
    kept = rows.scalars(select(SavedView.query)).one()
    assert "9999" not in unquote_plus(kept).replace(" ", "")
    assert "138****9999" in here.get(f"/hq/leads?{kept}").text
