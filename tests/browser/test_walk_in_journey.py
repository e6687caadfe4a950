"""From a list of names at headquarters to a customer whom a new member of staff enters and calls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.street import DESK, PASSWORD, PHONE, Street, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.alone]


def test_headquarters_invites_two_and_one_enters_a_customer_and_calls(
    street: Street,
    visit: Callable[..., Page],
) -> None:
    desk = sign_in(visit(DESK, "/hq/sign-in"), "operator0")
    desk.goto(street.address + "/hq/staff/bulk")
    code = street.stores[0].code
    desk.fill("textarea[name=lines]", f"王芳 13800010001 {code} 店长\n李雷 13800010002 {code}")
    desk.locator("form[action*='/bulk'] button[type=submit]").first.click()
    expect(desk.locator("tbody tr")).to_have_count(2)
    desk.locator("button[name=confirm]").click()
    expect(desk.locator("article")).to_have_count(2)
    link = desk.locator("article", has_text="李雷").locator(".k-code").inner_text()
    path = "/dealer/invite/" + link.rpartition("/")[2]

    phone = visit(PHONE, path)
    phone.goto(street.address + path)  # somebody looked at it in the chat before
    phone.fill("input[name=password]", PASSWORD)
    phone.fill("input[name=again]", PASSWORD)
    phone.press("input[name=again]", "Enter")
    phone.wait_for_url(lambda url: "/invite/" not in url)

    phone.goto(street.address + "/dealer/walk-ins/new")
    phone.fill("input[name=phone]", "137 0001 0003")
    phone.fill("input[name=name]", "林静")
    phone.locator("label.koi-chip").first.click()
    phone.locator("input[name=agreed]").check()
    phone.locator("form button.koi-btn--primary").last.click()
    phone.wait_for_url("**/dealer/leads/*", timeout=20_000)
    phone.locator("form[action*='/reveal'] button").first.click()
    expect(phone.locator("a[href='tel:+8613700010003']").first).to_be_visible()
