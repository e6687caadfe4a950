"""The main job in a browser, from a stranger's sign-up to headquarters' funnel."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.street import DESK, PHONE, Street, build_street, sign_in
from tests.waiting import until
from tests.work.plant import CAMPAIGN, Plant, running_plant

pytestmark = [pytest.mark.browser, pytest.mark.alone]


@pytest.fixture(scope="module")
def plant() -> Iterator[Plant]:
    """One that nobody else has used: the first lead is this story's."""
    with running_plant() as running:
        yield running


@pytest.fixture(scope="module")
def street(plant: Plant) -> Street:
    return build_street(plant)


def test_from_a_sign_up_on_a_phone_to_a_sale_in_the_funnel(street: Street, visit: Callable[..., Page]) -> None:
    _somebody_signs_up(visit)
    until(lambda: street.plant.scalar("SELECT count(*) FROM assignments") == 1, what="the lead at a store", seconds=30)

    desk = sign_in(visit(DESK, "/hq/sign-in"), "operator0")
    _offer_to_both(desk, street)

    first, second = (sign_in(visit(PHONE, "/dealer/sign-in"), f"manager{n}") for n in (0, 1))
    for manager in (first, second):
        manager.goto(street.address + "/dealer/inbox")
        expect(manager.locator("form[action*='/claim']").first).to_be_visible()

    first.locator("form[action*='/claim'] button").first.click()
    first.wait_for_url("**/dealer/leads/*")
    expect(first.locator("a[href='tel:+8613912345678']").first).to_be_visible()

    second.locator("form[action*='/claim'] button").first.click()
    expect(second.locator("[role=alert]")).to_be_visible()
    expect(second.locator("h1, h2").first).to_contain_text("领")

    _follow_up_and_win(first)
    until(lambda: street.plant.scalar("SELECT state FROM leads") == "won", what="the sale to be settled")
    desk.goto(street.address + "/hq/overview")
    won = desk.locator(".k-funnel li").last
    expect(won).to_contain_text("成交")
    expect(won).to_contain_text("1")


def _somebody_signs_up(visit: Callable[..., Page]) -> None:
    page = visit(PHONE, f"/c/{CAMPAIGN}")
    consents = page.locator("input[type=checkbox]")
    assert not any(consents.nth(i).is_checked() for i in range(consents.count()))
    page.fill("input[name=phone]", "139 1234 5678")
    page.fill("input[name=name]", "陈小明")
    page.select_option("select[name=province]", label="浙江省")
    page.fill("input[name=city]", "杭州市")
    page.locator("label.koi-chip").first.click()
    page.locator("input[name=share]").check()
    page.locator("button.koi-btn--primary[type=submit]").click()
    expect(page.locator(".koi-done h1")).to_be_visible()


def _offer_to_both(desk: Page, street: Street) -> None:
    """Headquarters takes the lead back and offers it to both stores."""
    desk.goto(street.address + "/hq/leads")
    desk.locator("table tbody th a").first.click()
    desk.locator("details:has(form[action*='/recall']) summary").click()
    desk.locator("form[action*='/recall'] button").click()
    for store in street.stores:
        desk.get_by_label(store.name).check()
    desk.locator("form[action*='/offer'] button").click()
    expect(desk.locator("[role=status]").first).to_contain_text("2")


def _follow_up_and_win(manager: Page) -> None:
    manager.locator("a[href$='/follow-up']").first.click()
    manager.locator("label.koi-chip").first.click()
    manager.locator("button[type=submit], form button.koi-btn--primary").last.click()
    manager.wait_for_url("**/dealer/leads/*")
    manager.locator("details summary").first.click()
    manager.locator("a[href$='/won']").click()
    manager.locator("form button.koi-btn--primary").last.click()
    expect(manager.locator(".koi-tag").first).to_have_text("成交")


def test_the_poster_downloads_and_its_code_leads_to_the_stores_page(street: Street, visit: Callable[..., Page]) -> None:
    page = sign_in(visit(PHONE, "/dealer/sign-in"), "manager0")
    page.goto(street.address + "/dealer/content")
    expect(page.locator("mark").first).to_have_text(street.stores[0].name)
    page.locator("form[action*='/poster'] button").first.click()
    saving = page.locator("a[download]")
    expect(saving).to_be_visible(timeout=20_000)
    with page.expect_download() as downloading:
        saving.click()
    saved = downloading.value.path().read_bytes()
    poster = cv2.imdecode(np.frombuffer(saved, np.uint8), cv2.IMREAD_COLOR)
    link = cv2.QRCodeDetector().detectAndDecode(poster)[0]
    assert f"/c/{CAMPAIGN}" in link
    assert f"s={street.stores[0].code}" in link
