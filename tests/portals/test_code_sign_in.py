"""People who have no password at hand: a code by text message lets them in, resets, and changes the number."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from shared.identity.models import HqUser, Staff, StaffSession
from shared.identity.permissions import Role
from shared.sms.models import SmsMessage
from shared.sms.send import unseal
from tests.factories.counting import RING
from tests.portals.conftest import PASSWORD, sign_in

NEW_PASSWORD = "新的 密码 很长 ok"


@pytest.fixture
def codes_sent(rows):
    """The codes that were written for somebody, the oldest first."""

    def read():
        rows.rollback()
        found = rows.scalars(select(SmsMessage).where(SmsMessage.state != "void").order_by(SmsMessage.created_at))
        messages = [
            unseal(row.sealed, message_id=row.message_id, template=row.template, keys=RING.sms) for row in found
        ]
        return [message.params["code"] for message in messages]

    return read


def _ask(here, page, phone, **more):
    """Open a page with a code and have one sent; gives the form's fields."""
    found = here.get(page).text
    form = {"phone": phone, "use": re.search(r'name="use"[^>]*value="([^"]+)"', found)[1], **more}
    answer = here.post(page.partition("?")[0], {**form, "do": "send"})
    assert answer.status_code == 200
    return form


def _set(as_hq, person, **values):
    def change(session, _now):
        key = (person.dealer_id, person.user_id) if person.dealer_id else person.user_id
        account = session.get(Staff if person.dealer_id else HqUser, key)
        for name, value in values.items():
            setattr(account, name, value)

    as_hq(change)


def test_staff_sign_in_with_a_code(browser, staff_person, codes_sent):
    person, here = staff_person(), browser()
    form = _ask(here, "/dealer/sign-in/code?next=/dealer/account", person.login)
    answer = here.post("/dealer/sign-in/code", {**form, "code": codes_sent()[-1], "next": "/dealer/account"})
    assert answer.location == "/dealer/account"
    assert person.name in here.get("/dealer/account").text


def test_headquarters_does_not_sign_in_with_a_code(browser):
    assert browser().get("/hq/sign-in/code").status_code == 404


def test_a_number_that_nobody_has_looks_the_same_and_gets_no_message(browser, staff_person, codes_sent):
    person = staff_person()
    pages = []
    for phone in (person.login, "13900000000"):
        here = browser()
        found = here.get("/dealer/sign-in/code").text
        use = re.search(r'name="use"[^>]*value="([^"]+)"', found)[1]
        page = here.post("/dealer/sign-in/code", {"phone": phone, "use": use, "do": "send"}).text
        pages.append(re.sub(r'value="[^"]*"|data-now="[^"]*"|1\d\d\*+\d{4}|nonce="[^"]*"', "", page))
    assert pages[0] == pages[1]
    assert len(codes_sent()) == 1


def test_a_wrong_code_keeps_what_was_typed(browser, staff_person, codes_sent):
    person, here = staff_person(), browser()
    form = _ask(here, "/dealer/sign-in/code", person.login)
    wrong = f"{(int(codes_sent()[-1]) + 1) % 1_000_000:06}"
    answer = here.post("/dealer/sign-in/code", {**form, "code": wrong})
    assert answer.status_code == 422
    assert person.login in answer.text
    assert "验证码不对" in answer.text or "不是" in answer.text


def test_a_code_for_one_purpose_is_none_for_another(browser, staff_person, codes_sent):
    person, here = staff_person(), browser()
    form = _ask(here, "/dealer/forgotten", person.login)
    assert here.post("/dealer/sign-in/code", {**form, "code": codes_sent()[-1]}).status_code == 422


def test_somebody_who_was_invited_is_in_with_a_code(browser, staff_person, codes_sent, as_hq):
    person, here = staff_person(), browser()
    _set(as_hq, person, status="invited", password_hash=None)
    form = _ask(here, "/dealer/sign-in/code", person.login)
    assert here.post("/dealer/sign-in/code", {**form, "code": codes_sent()[-1]}).status_code == 303
    assert here.get("/dealer/account").status_code == 200


def test_a_closed_account_gets_no_code(browser, staff_person, codes_sent, as_hq):
    person = staff_person()
    _set(as_hq, person, status="disabled")
    _ask(browser(), "/dealer/sign-in/code", person.login)
    assert codes_sent() == []


def test_an_account_closed_after_the_code_was_sent_stays_closed(browser, staff_person, codes_sent, as_hq):
    person, here = staff_person(), browser()
    form = _ask(here, "/dealer/sign-in/code", person.login)
    _set(as_hq, person, status="disabled")
    assert here.post("/dealer/sign-in/code", {**form, "code": codes_sent()[-1]}).status_code == 422
    assert here.get("/dealer/account").status_code == 303


@pytest.mark.parametrize("portal", ["/hq", "/dealer"])
def test_a_forgotten_password_is_set_anew(portal, browser, hq_person, staff_person, codes_sent):
    person = staff_person() if portal == "/dealer" else hq_person(login="13911110000")
    elsewhere, here = browser(), browser()
    sign_in(elsewhere, portal, person.login)
    form = _ask(here, f"{portal}/forgotten", person.login)
    new = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert here.post(f"{portal}/forgotten", {**form, "code": codes_sent()[-1], **new}).status_code == 303
    assert elsewhere.get(f"{portal}/account").status_code == 303
    assert sign_in(browser(), portal, person.login).status_code == 401
    assert sign_in(browser(), portal, person.login, NEW_PASSWORD).status_code == 303


def test_a_weak_new_password_is_refused_in_words_and_does_not_enter(browser, staff_person, codes_sent):
    person, here = staff_person(), browser()
    form = _ask(here, "/dealer/forgotten", person.login)
    answer = here.post("/dealer/forgotten", {**form, "code": codes_sent()[-1], "password": "short", "again": "short"})
    assert answer.status_code == 422
    assert "10" in answer.text
    again = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert here.post("/dealer/forgotten", {**form, "code": codes_sent()[-1], **again}).status_code == 303


def test_the_number_is_changed_with_a_code_to_the_new_one_and_the_password(browser, staff_person, codes_sent):
    person, here = staff_person(), browser()
    sign_in(here, "/dealer", person.login)
    form = _ask(here, "/dealer/account/phone", "13922220000")
    done = here.post("/dealer/account/phone", {**form, "code": codes_sent()[-1], "old": PASSWORD})
    assert done.status_code == 303
    assert sign_in(browser(), "/dealer", person.login).status_code == 401
    assert sign_in(browser(), "/dealer", "139 2222 0000").status_code == 303


def test_the_number_of_somebody_else_is_not_taken_over(browser, staff_person, codes_sent):
    person, other, here = staff_person(), staff_person(), browser()
    sign_in(here, "/dealer", person.login)
    form = _ask(here, "/dealer/account/phone", other.login)
    answer = here.post("/dealer/account/phone", {**form, "code": codes_sent()[-1], "old": PASSWORD})
    assert answer.status_code == 422
    assert sign_in(browser(), "/dealer", other.login).status_code == 303


def test_without_the_present_password_the_number_stays(browser, staff_person, codes_sent):
    person, here = staff_person(), browser()
    sign_in(here, "/dealer", person.login)
    form = _ask(here, "/dealer/account/phone", "13922220001")
    answer = here.post("/dealer/account/phone", {**form, "code": codes_sent()[-1], "old": "not mine"})
    assert answer.status_code == 422
    assert sign_in(browser(), "/dealer", person.login).status_code == 303


def test_the_present_password_is_not_found_by_trying(browser, staff_person, codes_sent):
    person, here = staff_person(), browser()
    sign_in(here, "/dealer", person.login)
    form = _ask(here, "/dealer/account/phone", "13922220001")
    said = {**form, "code": codes_sent()[-1], "old": "not mine"}
    statuses = [here.post("/dealer/account/phone", said).status_code for _ in range(10)]
    assert statuses == [422] * 9 + [429]


def test_signing_out_everywhere_ends_every_sign_in(browser, staff_person, rows):
    person, here, there = staff_person(), browser(), browser()
    for each in (here, there):
        sign_in(each, "/dealer", person.login)
    here.get("/dealer/account")
    assert here.post("/dealer/account/sessions/end-all").status_code == 303
    assert rows.scalar(select(func.count()).select_from(StaffSession).where(StaffSession.ended_at.is_(None))) == 0
    assert [each.get("/dealer/account").status_code for each in (here, there)] == [303, 303]


@pytest.fixture
def with_demo(faces):
    for app in (faces.hq, faces.dealer):
        app.config["KOI_EMBEDDED"] = True
    yield
    for app in (faces.hq, faces.dealer):
        app.config["KOI_EMBEDDED"] = False


@pytest.mark.parametrize("portal", ["/hq", "/dealer"])
def test_a_visitor_picks_somebody_of_the_demo(portal, with_demo, browser, hq_person, staff_person, as_hq):
    person = staff_person() if portal == "/dealer" else hq_person(Role.OPERATOR)
    _set(as_hq, person, is_demo=True)
    here = browser()
    assert person.name in here.get(f"{portal}/try").text
    chosen = {"user": person.user_id, "dealer": person.dealer_id or ""}
    assert here.post(f"{portal}/try", chosen).status_code == 303
    assert person.name in here.get(f"{portal}/account").text


@pytest.mark.parametrize("portal", ["/hq", "/dealer"])
def test_nobody_becomes_a_real_person(portal, with_demo, browser, hq_person, staff_person, as_hq):
    make = staff_person if portal == "/dealer" else hq_person
    made_up, real = make(), make()
    _set(as_hq, made_up, is_demo=True)
    here = browser()
    assert real.name not in here.get(f"{portal}/try").text
    assert here.post(f"{portal}/try", {"user": real.user_id, "dealer": real.dealer_id or ""}).status_code == 404


def test_in_production_nobody_is_picked(browser, hq_person, as_hq):
    person, here = hq_person(), browser()
    _set(as_hq, person, is_demo=True)
    here.get("/hq/sign-in")
    assert here.get("/hq/try").status_code == 404
    assert here.post("/hq/try", {"user": person.user_id}).status_code == 404
