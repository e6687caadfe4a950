"""How people get in and out: with a code, after forgetting the password, with another number, from every device."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from shared.contacts.phones import mask
from shared.identity import passwords
from shared.identity.permissions import Role
from tests import factories
from tests.browser.street import DESK, PASSWORD, PHONE, Street, sign_in
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.alone]


def employed(street: Street, number: str, **values: object) -> str:
    """Somebody new at the first store, who signs in with a number."""
    with street.rows() as session:
        hashed = passwords.hash_password(PASSWORD)
        account = {"name": "何新", "password_hash": hashed, "login_masked": mask(number)}
        factories.staff(session, street.stores[:1], login=f"+86{number}", **account, **values)
    return number


def codes(street: Street, number: str) -> list[str]:
    """The codes that were sent to a number, which a Koi without a gateway writes into a file."""
    log = street.plant.folder / "log" / "sms.log"
    said = log.read_text(encoding="utf-8") if log.exists() else ""
    return re.findall(rf"{re.escape(mask(number))}\s.*?(\d{{6}})", said)


def have_a_code(page: Page, street: Street, number: str) -> None:
    """Ask for a code and type it in."""
    before = len(codes(street, number))
    page.fill("[name=phone]", number)
    page.locator("button[name=do][value=send]").click()
    until(lambda: len(codes(street, number)) > before, what="the message", seconds=15)
    page.fill("[name=code]", codes(street, number)[-1])


@pytest.mark.parametrize(("lang", "number"), [("zh", "13700030001"), ("en", "13700030002")])
def test_a_code_by_text_message_opens_the_store(
    street: Street, visit: Callable[..., Page], lang: str, number: str
) -> None:
    employed(street, number)
    phone = visit(PHONE, f"/dealer/sign-in?next=/dealer/leads&lang={lang}")
    phone.locator(".koi-ways a").last.click()
    have_a_code(phone, street, number)
    phone.locator("form button[type=submit]:not([name=do])").click()
    phone.wait_for_url("**/dealer/leads")
    assert phone.get_attribute("html", "lang") == {"zh": "zh-CN", "en": "en"}[lang]


def test_a_forgotten_password_is_replaced_and_the_new_one_opens_the_store(
    street: Street, visit: Callable[..., Page]
) -> None:
    number = employed(street, "13700030003")
    phone = visit(PHONE, "/dealer/sign-in")
    phone.locator(".koi-foot a").first.click()
    have_a_code(phone, street, number)
    new = "明天 一定 记得 住"
    phone.fill("[name=password]", new)
    phone.fill("[name=again]", new)
    phone.locator("form button[type=submit]:not([name=do])").click()
    phone.wait_for_url("**/dealer/inbox")

    other = visit(PHONE, "/dealer/sign-in", expected=("401", "422"))
    other.fill("input[name=login]", number)
    other.fill("input[name=password]", PASSWORD)
    other.press("input[name=password]", "Enter")
    expect(other.locator(".koi-note, .koi-field-error").first).to_be_visible()
    other.fill("input[name=password]", new)
    other.press("input[name=password]", "Enter")
    other.wait_for_url("**/dealer/inbox")


def test_another_number_takes_the_place_of_the_old_one(street: Street, visit: Callable[..., Page]) -> None:
    number, moved = employed(street, "13700030004"), "13700030005"
    phone = sign_in(visit(PHONE, "/dealer/sign-in"), number)
    phone.goto(street.address + "/dealer/account")
    phone.locator("a.koi-linkrow[href$='/phone']").click()
    have_a_code(phone, street, moved)
    phone.fill("[name=old]", PASSWORD)
    phone.locator("form button[type=submit]:not([name=do])").click()
    phone.wait_for_url("**/dealer/account")
    expect(phone.locator("main")).to_contain_text(mask(moved))
    sign_in(visit(PHONE, "/dealer/sign-in"), moved)


def test_signing_out_everywhere_ends_the_other_phone_too(street: Street, visit: Callable[..., Page]) -> None:
    number = employed(street, "13700030006")
    lost, here = (sign_in(visit(PHONE, "/dealer/sign-in"), number, anew=True) for _ in range(2))
    here.goto(street.address + "/dealer/account")
    expect(here.locator("section").first.locator("li")).to_have_count(2)
    here.locator(".koi-pair .koi-btn--danger").click()
    here.locator("dialog[open] [data-yes]").click()
    expect(here.locator("input[name=login]")).to_be_visible()
    lost.goto(street.address + "/dealer/leads")
    expect(lost.locator("input[name=login]")).to_be_visible()


def test_a_link_for_one_person_lets_them_choose_a_password_and_their_role_is_changed(
    street: Street, visit: Callable[..., Page]
) -> None:
    with street.rows() as session:
        hashed = passwords.hash_password(PASSWORD)
        user = factories.hq_user(session, Role.ANALYST, login="analyst0", name="宋分析", password_hash=hashed)
    theirs = sign_in(visit(DESK, "/hq/sign-in", expected=("403",)), "analyst0")
    theirs.goto(street.address + "/hq/leads/by-hand")
    expect(theirs.locator("h1")).to_be_visible()
    expect(theirs.locator("input[name=phone]")).to_have_count(0)

    desk = sign_in(visit(DESK, "/hq/sign-in"), "operator0")
    desk.goto(f"{street.address}/hq/users/{user.user_id}")
    desk.select_option("select[name=role]", Role.OPERATOR.value)
    desk.locator("form[action$='/role'] button").click()
    expect(desk.locator(".k-head .k-sub")).to_contain_text("运营")

    theirs.reload()
    expect(theirs.locator("input[name=phone]")).to_be_visible()


def test_a_visitor_of_the_demo_is_somebody_of_it_with_one_tap(street: Street, visit: Callable[..., Page]) -> None:
    employed(street, "13700030007", is_demo=True)
    phone = visit(PHONE, "/dealer/try")
    phone.get_by_role("button", name="何新").click()
    phone.wait_for_url("**/dealer/inbox")
    expect(phone.locator("h1")).to_be_visible()
