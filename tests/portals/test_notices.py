"""The inboxes of both portals: reading, going where a notice leads, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from shared.dealers.models import Store
from shared.identity.permissions import Role
from shared.notifications.notices import Notice, notify
from tests import factories as make
from tests.portals.conftest import sign_in


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def store(rows, staff_person):
    person = staff_person()
    found = rows.get(Store, (person.dealer_id, person.store_id))
    found.login = person.login
    return found


def enter(browser, portal, login):
    opened = browser()
    sign_in(opened, portal, login)
    opened.get(f"{portal}/account")  # for the token of its forms
    return opened


def ids_on(page):
    return [part.split('"')[0] for part in page.text.split('name="id" value="')[1:]]


def test_an_opened_notice_leads_to_its_lead_and_is_read(as_hq, browser, rows, store, now):
    (given,) = make.offered(rows, store, now=now)
    rows.commit()
    notice = Notice("claim_soon", store.dealer_id, store.store_id, given.assignment_id)
    as_hq(lambda session, at: notify(session, [notice], now=at))
    phone = enter(browser, "/dealer", store.login)
    page = phone.get("/dealer/notices?show=unread")
    opened = phone.post("/dealer/notices/read", {"id": ids_on(page)[0], "open": "1"})
    assert opened.headers["Location"].endswith(f"/dealer/offers/{given.assignment_id}")
    assert ids_on(phone.get("/dealer/notices?show=unread")) == []


def test_somebody_elses_notice_cannot_be_opened_or_read(as_hq, browser, rows, store, staff_person, now):
    notice = Notice("expired", store.dealer_id, store.store_id, uuid4())
    as_hq(lambda session, at: notify(session, [notice], now=at))
    theirs = ids_on(enter(browser, "/dealer", store.login).get("/dealer/notices"))[0]
    stranger = enter(browser, "/dealer", staff_person().login)
    assert stranger.post("/dealer/notices/read", {"id": theirs, "open": "1"}).status_code == 404
    rows.expire_all()
    assert enter(browser, "/dealer", store.login).get("/dealer/pulse").json["unread"] == 1


def test_headquarters_inbox_folds_many_into_one_line_and_leads_to_the_lead(as_hq, browser, hq_person, rows, now):
    of = make.lead(rows, state="desk")
    rows.commit()
    about = [of.lead_id, uuid4(), uuid4()]
    as_hq(lambda session, at: notify(session, [Notice("desk", lead_id=each, to="hq") for each in about], now=at))
    desk = enter(browser, "/hq", hq_person(Role.OPERATOR).login)
    page = desk.get("/hq/notices?lang=en")
    assert "3 leads wait on the assignment desk" in page.text
    pulse = desk.get("/hq/notices/pulse")
    assert pulse.json == {"unread": 3}
    assert desk.get("/hq/notices/pulse", headers={"If-None-Match": pulse.headers["ETag"]}).status_code == 304
    places = {desk.post("/hq/notices/read", {"id": key, "open": "1"}).headers["Location"] for key in ids_on(page)[:3]}
    assert any(place.endswith(f"/hq/leads/{of.lead_id}") for place in places)
    assert desk.get("/hq/notices/pulse").json == {"unread": 0}


_GONE = "018f0000-0000-7000-8000-000000000000"


@pytest.mark.parametrize("query", ["", "?show=unread", "?show=rain", f"?before={_GONE}", "?before=x"])
def test_an_empty_inbox_says_so(browser, hq_person, query):
    page = enter(browser, "/hq", hq_person(Role.ANALYST).login).get(f"/hq/notices{query}")
    assert page.status_code == 200
    assert "k-empty" in page.text
