"""A person's own page: opened by a code, it shows who has the number, and takes it away from them at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy import event as listening
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

import wsgi
from hq.qualification.books import balance
from shared.campaigns.models import Campaign, ConsentText
from shared.contacts.models import Consent
from shared.db.session import unit_of_work
from shared.dealers.hours import DEFAULT_HOURS
from shared.dealers.models import Dealer, Store
from shared.identity.permissions import Role
from shared.leads.models import Assignment, CustomerCard, Hold
from shared.platform.clock import beijing_day
from shared.platform.settings import Settings
from shared.signups.models import Signup
from shared.sms.models import SmsMessage
from shared.work.place import Place
from shared.work.runs import run_all
from tests import factories as make
from tests.portals.conftest import Browser, Faces, Person, sign_in
from tests.portals.intake.test_code import last_code, wrong
from tests.portals.intake.test_page import SAID, hidden
from tests.working import at_work

list(wsgi.every("jobs"))


@pytest.fixture
def place(settings: Settings) -> Iterator[Place]:
    with at_work(settings.worker()) as here:
        yield here


@pytest.fixture
def manager(staff_person: Callable[..., Person], event: Campaign, rows: Session) -> Person:
    """Somebody at a store which the newest text about sharing names."""
    made = staff_person(Role.STORE_MANAGER)
    rows.execute(
        text("UPDATE stores SET hours = CAST(:h AS jsonb), lng = 120.1, lat = 30.2, code = 'QJ1', name = '文三路店'"),
        {"h": json.dumps(DEFAULT_HOURS.to_json())},
    )
    make.share_text(rows, event, [rows.get_one(Dealer, made.dealer_id)], version=2)
    make.open_day(rows, rows.get_one(Store, (made.dealer_id, made.store_id)), day=beijing_day(datetime.now(UTC)))
    rows.commit()
    return made


def signed_up(browser: Browser, **more: str) -> None:
    form = {**hidden(browser.get("/c/FRI?s=QJ1")), **SAID, "share": "y", "marketing": "y", **more}
    assert browser.post("/c/FRI", form).status_code == 303


def opened(browser: Browser, rows: Session, phone: str = "13800138000") -> TestResponse:
    """The own page, opened with the code."""
    form = {**hidden(browser.get("/me")), "phone": phone}
    assert browser.post("/me/code", form).status_code == 200
    assert browser.post("/me", {**form, "code": last_code(rows)}).status_code == 303
    return browser.get("/me")


def claimed(rows: Session, place: Place, store: Browser, manager: Person) -> Assignment:
    """The lead, claimed at the store, whose manager looked at the number."""
    run_all(place, "hq.qualify", "hq.route")
    given = rows.scalars(select(Assignment)).one()
    sign_in(store, "/dealer", manager.login)
    store.get("/dealer/inbox")
    assert store.post(f"/dealer/offers/{given.assignment_id}/claim").status_code == 303
    return given


def count(rows: Session, model: Any) -> int:
    rows.rollback()
    return rows.scalar(select(func.count()).select_from(model))


def link_to_take_back(page: TestResponse, kind: str = "share") -> str:
    return re.search(rf'href="(/me/withdraw/{kind}/[0-9a-f-]+)"', page.text)[1]


def test_the_store_loses_the_number_in_the_moment_of_the_withdrawal(
    browser: Callable[[], Browser], manager: Person, place: Place, rows: Session
) -> None:
    person, store = browser(), browser()
    signed_up(person)
    given = claimed(rows, place, store, manager)
    page = opened(person, rows)
    assert "文三路店" in page.text
    assert "看过 1 次" in page.text
    asked = person.get(link_to_take_back(page))
    assert "文三路店马上看不到你的号码" in asked.text
    assert person.post(link_to_take_back(page)).location.endswith("/me?done=share")
    assert [count(rows, model) for model in (Hold, CustomerCard, Consent)] == [0, 0, 0]  # no worker ran
    assert rows.get_one(Assignment, (given.dealer_id, given.assignment_id)).stage == "recalled"
    after = person.get("/me")
    assert "现在没有门店有你的号码" in after.text
    assert "门店的授权已撤回" in after.text
    assert "138****8000" in after.text
    assert "13800138000" not in store.get(f"/dealer/leads/{given.assignment_id}").text
    with unit_of_work(place.engine) as session:
        assert session.execute(text("SELECT count(*) FROM consent_events WHERE what = 'withdrawn'")).scalar_one() == 1


def test_taken_back_before_anybody_looked_at_it_counts_and_the_books_agree(
    browser: Callable[[], Browser], manager: Person, place: Place, rows: Session, engines: dict[str, Engine]
) -> None:
    person = browser()
    signed_up(person)
    page = opened(person, rows)
    assert "正在找门店" in page.text
    asked = person.get(link_to_take_back(page))
    assert "还没有门店拿到" in asked.text
    assert person.post(link_to_take_back(page)).status_code == 303
    run_all(place, "hq.qualify", "hq.route")
    assert count(rows, Assignment) == 0
    assert rows.scalars(select(Signup.outcome)).all() == ["withdrawn"]
    with unit_of_work(engines["hq"]) as session:
        assert balance(session).difference == 0


def test_news_are_taken_back_apart(
    browser: Callable[[], Browser], manager: Person, place: Place, rows: Session
) -> None:
    person = browser()
    signed_up(person)
    run_all(place, "hq.qualify", "hq.route")
    page = opened(person, rows)
    person.get(link_to_take_back(page, "marketing"))
    assert person.post(link_to_take_back(page, "marketing")).status_code == 303
    assert "给我发活动和新车消息" not in person.get("/me").text
    assert count(rows, Consent) == 1
    again = person.post(link_to_take_back(page, "marketing"))
    assert again.status_code == 404
    assert "之前已经撤回了" in again.text


def test_another_number_sees_nothing_and_takes_nothing_back(
    browser: Callable[[], Browser], manager: Person, place: Place, rows: Session
) -> None:
    person, other = browser(), browser()
    signed_up(person)
    signed_up(other, phone="13900139000")
    run_all(place, "hq.qualify", "hq.route")
    theirs = opened(other, rows, "13900139000")
    mine = opened(person, rows)
    assert "138****8000" not in theirs.text
    assert mine.text.count("koi-holder") >= 2
    # Both agreed to the same text: taking it back ends one's own consent only.
    person.post(link_to_take_back(mine))
    assert count(rows, Consent) == 1
    assert rows.scalar(select(func.count()).select_from(Assignment).where(Assignment.ended_at.is_(None))) == 1


@pytest.mark.parametrize("code", ["wrong", ""])
def test_without_the_code_the_page_stays_shut(
    browser: Callable[[], Browser], manager: Person, rows: Session, code: str
) -> None:
    person = browser()
    signed_up(person)
    form = {**hidden(person.get("/me")), "phone": "13800138000"}
    person.post("/me/code", form)
    answer = person.post("/me", {**form, "code": wrong(last_code(rows)) if code else ""})
    assert answer.status_code == 422
    assert 'value="13800138000"' in answer.text
    assert "koi_me" not in str(answer.headers)
    assert "验证码" in person.get("/me").text


def test_a_code_for_signing_up_does_not_open_the_page(
    browser: Callable[[], Browser], manager: Person, rows: Session
) -> None:
    person = browser()
    form = {**hidden(person.get("/c/FRI")), **SAID}
    person.post("/c/FRI/code", form)
    door = hidden(person.get("/me"))
    assert person.post("/me", {**door, "phone": "13800138000", "code": last_code(rows)}).status_code == 422


def test_an_unknown_number_is_told_the_same_and_gets_nothing(
    browser: Callable[[], Browser], manager: Person, rows: Session
) -> None:
    person = browser()
    signed_up(person)
    form = hidden(person.get("/me"))
    known = person.post("/me/code", {**form, "phone": "13800138000"}).text
    unknown = person.post("/me/code", {**form, "phone": "13700137000"}).text
    assert (
        known.replace("138****8000", "X").replace("13800138000", "X")[-900:]
        == (unknown.replace("137****7000", "X").replace("13700137000", "X")[-900:])
    )
    states = rows.scalars(select(SmsMessage.state).order_by(SmsMessage.created_at)).all()
    assert states == ["due", "void"]


def test_the_visit_is_a_short_cookie_for_this_page_only_and_can_be_ended(
    browser: Callable[[], Browser], manager: Person, rows: Session
) -> None:
    person = browser()
    signed_up(person)
    form = {**hidden(person.get("/me")), "phone": "13800138000"}
    person.post("/me/code", form)
    cookie = str(person.post("/me", {**form, "code": last_code(rows)}).headers["Set-Cookie"])
    for part in ("koi_me=", "Max-Age=900", "HttpOnly", "SameSite=Strict", "Path=/me"):
        assert part in cookie
    assert "13800138000" not in cookie
    assert "我同意过什么" in person.get("/me").text
    assert person.post("/me/leave").status_code == 303
    assert "我同意过什么" not in person.get("/me").text


@pytest.mark.parametrize("cookie", ["x", "WyIwMCIsICJ4Il0.aaaa.bbbb", ""])
def test_a_made_up_visit_is_none(browser: Callable[[], Browser], manager: Person, cookie: str) -> None:
    person = browser()
    person.client.set_cookie("koi_me", cookie, path="/me")
    assert "我同意过什么" not in person.get("/me").text
    assert person.get("/me/withdraw/share/018f0000-0000-7000-8000-000000000000").status_code == 303
    assert person.post("/me/withdraw/share/018f0000-0000-7000-8000-000000000000").status_code == 303


def test_somebody_elses_consent_is_not_found(browser: Callable[[], Browser], manager: Person, rows: Session) -> None:
    person = browser()
    signed_up(person)
    opened(person, rows)
    assert person.post("/me/withdraw/share/018f0000-0000-7000-8000-000000000000").status_code == 404


@pytest.mark.parametrize("table", ["contact_phones", "signup_payloads", "customer_cards", "sms_codes", "staff"])
def test_the_role_of_the_page_reads_no_number(engines: dict[str, Engine], table: str) -> None:
    with pytest.raises(Exception, match="permission denied"), engines["person"].connect() as connection:
        connection.execute(text(f"SELECT * FROM {table}"))


def test_the_role_of_the_page_sees_the_leads_of_its_contact_only(
    browser: Callable[[], Browser], manager: Person, place: Place, rows: Session, engines: dict[str, Engine]
) -> None:
    signed_up(browser())
    run_all(place, "hq.qualify", "hq.route")
    with engines["person"].connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM assignments")).scalar_one() == 0
        connection.execute(
            text("SELECT set_config('app.contact_id', :c, true)"),
            {"c": str(rows.scalars(select(Assignment.contact_id)).one())},
        )
        assert connection.execute(text("SELECT count(*) FROM assignments")).scalar_one() == 1


def test_the_page_costs_a_handful_of_statements(
    browser: Callable[[], Browser], manager: Person, place: Place, rows: Session, faces: Faces
) -> None:
    person = browser()
    signed_up(person)
    run_all(place, "hq.qualify", "hq.route")
    opened(person, rows)
    said: list[str] = []

    def note(*given: Any) -> None:
        said.append(given[2])

    engine = faces.public.extensions["koi_person_engine"]
    listening.listen(engine, "before_cursor_execute", note)
    person.get("/me")
    listening.remove(engine, "before_cursor_execute", note)
    assert 0 < len(said) <= 9


def test_what_was_agreed_to_can_be_read_in_full(
    browser: Callable[[], Browser], manager: Person, place: Place, rows: Session
) -> None:
    person = browser()
    signed_up(person)
    run_all(place, "hq.qualify", "hq.route")
    page = opened(person, rows).text
    for body in rows.scalars(select(ConsentText.body_zh).where(ConsentText.version == 2)):
        assert body in page
