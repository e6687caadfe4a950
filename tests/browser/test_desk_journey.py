"""An operator's way from the overview to a lead that needs somebody, to a store, and back again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.street import DESK, Street, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.alone]


def test_from_what_needs_attention_to_an_offer_that_is_taken_back(street: Street, visit: Callable[..., Page]) -> None:
    _one_on_the_desk(street)
    desk = sign_in(visit(DESK, "/hq/sign-in"), "operator0")
    desk.goto(street.address + "/hq/overview?campaign=all")
    desk.locator("#todo-desk").click()
    desk.locator("table tbody th a").first.click()
    chip = desk.locator("h1 .k-chip").first
    expect(chip).to_have_text("在分配台")

    store = street.stores[1]
    desk.fill("#store-words", store.name)
    expect(desk.locator("#candidates tr")).to_have_count(1)
    desk.get_by_label(store.name).check()
    desk.locator("form[action*='/offer'] button").click()
    expect(chip).to_have_text("待领取")

    desk.locator("[data-toast] form button").click()
    expect(chip).to_have_text("在分配台")
    expect(desk.locator(".k-ev").last).to_contain_text("撤销")


def _one_on_the_desk(street: Street) -> None:
    with street.rows() as session:
        factories.lead(session, dealers=street.stores, state="desk", state_reason={"code": "too_far"})
