"""The code on the sign-up form; no scripts run here, and none are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shared.campaigns.models import Campaign
from shared.db.links import Busy
from shared.sms.models import SmsMessage
from shared.sms.send import unseal
from tests import factories as make
from tests.factories.counting import RING
from tests.portals.conftest import Browser, Faces
from tests.portals.intake.test_page import SAID, hidden, stored

CODE = "/c/FRI/code"


@pytest.fixture
def person(browser: Callable[[], Browser], event: Campaign) -> Browser:
    return browser()


@pytest.fixture
def strict(event: Campaign, rows: Session) -> None:
    """The campaign takes numbers only with a code."""
    rows.execute(update(Campaign).values(phone_check="required"))
    rows.commit()


@pytest.fixture
def without_gateway(faces: Faces) -> Iterator[None]:
    faces.public.config["KOI_SMS"] = False
    yield
    faces.public.config["KOI_SMS"] = True


def last_code(rows: Session) -> str:
    """What the last message says, opened with the worker's key."""
    rows.rollback()
    row = rows.scalars(select(SmsMessage).order_by(SmsMessage.created_at.desc()).limit(1)).one()
    message = unseal(row.sealed, message_id=row.message_id, template=row.template, keys=RING.sms)
    return message.params["code"]


def asked(person: Browser, **more: Any) -> tuple[dict[str, Any], TestResponse]:
    """A form with a code under way, and the page that said so."""
    form = {**hidden(person.get("/c/FRI")), **SAID, "share": "y", **more}
    return form, person.post(CODE, form)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_a_number_with_its_code_is_a_checked_number(person: Browser, rows: Session) -> None:
    form, page = asked(person)
    assert page.status_code == 200
    assert "已发到 138****8000" in page.text
    assert person.post("/c/FRI", {**form, "code": last_code(rows)}).status_code == 303
    assert [one.phone_verified for one in stored(rows)] == ["sms"]


def test_asking_for_a_code_keeps_what_was_written(person: Browser) -> None:
    form, page = asked(person)
    for kept in ('value="陈小明"', 'value="138 0013 8000"', 'value="杭州"'):
        assert kept in page.text
    assert 'checked id="share"' in page.text
    assert hidden(page)["nonce"] == form["nonce"]
    assert 'autocomplete="one-time-code"' in page.text


def test_a_wrong_code_stores_nothing_and_keeps_the_input(person: Browser, rows: Session) -> None:
    form, _page = asked(person)
    answer = person.post("/c/FRI", {**form, "code": wrong(last_code(rows))})
    assert answer.status_code == 422
    assert "验证码不对，还可以试 4 次" in answer.text
    assert 'value="陈小明"' in answer.text
    assert stored(rows) == []
    assert person.post("/c/FRI", {**form, "code": last_code(rows)}).status_code == 303


def test_five_wrong_codes_count_although_each_answer_is_an_error(person: Browser, rows: Session) -> None:
    form, _page = asked(person)
    code = last_code(rows)
    for _try in range(5):
        person.post("/c/FRI", {**form, "code": wrong(code)})
    answer = person.post("/c/FRI", {**form, "code": code})
    assert answer.status_code == 422
    assert "验证码已失效" in answer.text


def test_where_the_campaign_allows_it_nobody_needs_a_code(person: Browser, rows: Session) -> None:
    assert person.post("/c/FRI", {**hidden(person.get("/c/FRI")), **SAID}).status_code == 303
    assert [one.phone_verified for one in stored(rows)] == ["none"]


def test_where_it_does_not_a_code_is_needed(person: Browser, strict: None, rows: Session) -> None:
    form = {**hidden(person.get("/c/FRI")), **SAID}
    answer = person.post("/c/FRI", form)
    assert answer.status_code == 422
    assert "先获取验证码" in answer.text
    assert stored(rows) == []


def test_a_code_of_one_number_is_none_of_another(person: Browser, strict: None, rows: Session) -> None:
    form, _page = asked(person)
    answer = person.post("/c/FRI", {**form, "phone": "13900139000", "code": last_code(rows)})
    assert answer.status_code == 422
    assert stored(rows) == []


def test_the_proof_of_one_number_is_none_of_another(
    person: Browser, strict: None, event: Campaign, rows: Session
) -> None:
    form, _page = asked(person)
    late = person.post("/c/FRI", {**form, "code": last_code(rows), "share_version": "9"})
    proof = hidden(late)["proof"]
    assert person.post("/c/FRI", {**form, "phone": "13900139000", "proof": proof}).status_code == 422
    assert stored(rows) == []


def test_a_code_is_not_asked_for_twice_when_something_else_was_wrong(person: Browser, rows: Session) -> None:
    form, _page = asked(person)
    answer = person.post("/c/FRI", {**form, "code": last_code(rows), "share_version": "9"})
    assert answer.status_code == 422
    assert "手机号已验证" in answer.text
    assert person.post("/c/FRI", {**form, "proof": hidden(answer)["proof"]}).status_code == 303
    assert [one.phone_verified for one in stored(rows)] == ["sms"]


def test_a_double_tap_with_a_code_is_one_checked_signup(
    person: Browser, rows: Session, race: Callable[..., list[TestResponse]]
) -> None:
    form, _page = asked(person)
    form["code"] = last_code(rows)
    answers = race(lambda _tap: person.post("/c/FRI", form), range(4))
    assert {answer.status_code for answer in answers} == {303}
    assert [one.phone_verified for one in stored(rows)] == ["sms"]


def test_the_script_is_told_in_json(person: Browser) -> None:
    form = {**hidden(person.get("/c/FRI")), **SAID}
    accept = {"Accept": "application/json"}
    assert person.post(CODE, form, headers=accept).json == {"said": "已发到 138****8000", "wait": 60}
    again = person.post(CODE, form, headers=accept)
    assert again.status_code == 429
    assert again.json["field"] == "code"
    assert "秒后可以再次获取" in again.json["problem"]
    assert person.post(CODE, {**form, "phone": "1"}, headers=accept).json["field"] == "phone"


def test_a_number_that_cannot_be_used_gets_no_code(person: Browser, rows: Session) -> None:
    _form, page = asked(person, phone="010-88888888")
    assert page.status_code == 422
    assert "这是座机号" in page.text
    assert rows.scalars(select(SmsMessage)).all() == []


def test_a_crowd_without_codes_is_asked_for_them_and_a_crowd_with_codes_passes(person: Browser, rows: Session) -> None:
    form = {**hidden(person.get("/c/FRI")), **SAID}
    for number in range(61):
        answer = person.post("/c/FRI", {**form, "nonce": f"nonce-{number:020}", "phone": f"1390013{number:04}"})
    assert answer.status_code == 429
    assert "获取验证码" in answer.text
    assert 'value="陈小明"' in answer.text
    form, _page = asked(person)
    assert person.post("/c/FRI", {**form, "code": last_code(rows)}).status_code == 303


def test_without_a_gateway_no_code_is_asked_for(person: Browser, without_gateway: None, rows: Session) -> None:
    page = person.get("/c/FRI")
    assert "one-time-code" not in page.text
    assert person.post("/c/FRI", {**hidden(page), **SAID}).status_code == 303
    assert [one.phone_verified for one in stored(rows)] == ["none"]


def test_without_a_gateway_a_campaign_that_needs_codes_says_so(
    person: Browser, strict: None, without_gateway: None, rows: Session
) -> None:
    page = person.get("/c/FRI")
    assert "现在发不了" in page.text
    assert person.post("/c/FRI", {**hidden(page), **SAID}).status_code == 422


def test_a_database_that_is_away_for_a_moment_costs_no_input(
    person: Browser, monkeypatch: pytest.MonkeyPatch, faces: Faces
) -> None:
    form = {**hidden(person.get("/c/FRI")), **SAID}

    def away(*_given: object, **_named: object) -> None:
        raise Busy(retry_after=2)

    monkeypatch.setattr(faces.public.extensions["koi_reception"].door, "accept", away)
    answer = person.post("/c/FRI", form)
    assert answer.status_code == 503
    assert "写的内容都在" in answer.text
    assert 'value="陈小明"' in answer.text


def test_the_browsers_of_wechat_and_wecom_get_the_same_page(person: Browser, event: Campaign, rows: Session) -> None:
    make.face(rows, event)
    rows.commit()
    agents = (
        "Mozilla/5.0 (Linux; Android 12) Chrome/107.0 Mobile Safari/537.36 XWEB/1070 MicroMessenger/8.0.49.2600",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) MicroMessenger/7.0.1 wxwork/4.1.20",
    )
    pages = [person.get("/c/FRI", headers={"User-Agent": agent}) for agent in agents]
    assert all("M3 长续航" in page.text and 'name="code"' in page.text for page in pages)
    assert {page.headers["Cache-Control"] for page in pages} == {"no-store"}


def test_no_number_reaches_the_tables_in_plain(person: Browser, rows: Session) -> None:
    form, _page = asked(person)
    person.post("/c/FRI", {**form, "code": last_code(rows)})
    for table in ("signups", "signup_payloads", "receipts", "sms_messages", "sms_codes"):
        assert "13800138000" not in str(rows.execute(text(f"SELECT {table}::text FROM {table}")).all())


def test_the_page_shows_what_is_promised(person: Browser, event: Campaign, rows: Session) -> None:
    make.face(rows, event)
    rows.commit()
    page = person.get("/c/FRI").text
    for shown in ("0 元开回家", "一等奖", "M3 长续航", "¥4,999", "青屿电动（浙江）有限公司", "400-000-0000"):
        assert shown in page
    rules = person.get("/c/FRI/rules").text
    for shown in ("公证员监督下摇号", "过期算放弃", "年满 18 岁"):
        assert shown in rules


def test_a_closed_campaign_leads_to_one_that_is_open(person: Browser, event: Campaign, rows: Session) -> None:
    make.campaign(rows, code="NEXT", name="下一期")
    rows.execute(update(Campaign).where(Campaign.code == "FRI").values(status="closed"))
    rows.commit()
    page = person.get("/c/FRI")
    assert page.status_code == 410
    assert "/c/NEXT" in page.text


def test_what_becomes_of_a_number_is_said(person: Browser) -> None:
    assert person.get("/c/FRI/number").status_code == 200
