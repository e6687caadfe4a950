"""A store manager's day: an offer looked at, taken or sent back, the lead found again, the store closed for a while."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.street import PHONE, Street, offered, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.alone]
_CLIPBOARD = ["clipboard-read", "clipboard-write"]


@pytest.mark.parametrize(
    ("lang", "claimed", "first_call", "answered"),
    [("zh", "已领取", "现在打第一个电话", "有意向"), ("en", "Claimed", "Make the first call now", "Interested")],
)
def test_an_offer_says_enough_to_decide_and_a_call_is_noted_in_three_taps(
    street: Street, visit: Callable[..., Page], lang: str, claimed: str, first_call: str, answered: str
) -> None:
    number = {"zh": "+8613912340011", "en": "+8613912340012"}[lang]
    offer = offered(street, 0, name="周到", phone=number)
    phone = sign_in(visit(PHONE, f"/dealer/sign-in?lang={lang}", permissions=_CLIPBOARD), "manager0")
    phone.goto(f"{street.address}/dealer/offers/{offer}")
    facts = phone.locator(".koi-facts")
    expect(facts).to_contain_text("周")
    expect(facts).not_to_contain_text(number.removeprefix("+86"))
    expect(phone.locator(".koi-why")).to_be_visible()
    phone.locator("form[action$='/claim'] button").click()
    phone.wait_for_url(f"**/dealer/leads/{offer}")
    expect(phone.locator(".koi-tag").first).to_have_text(claimed)
    expect(phone.locator("#next")).to_have_text(first_call)

    phone.locator("[data-copy]").first.click()
    assert phone.evaluate("navigator.clipboard.readText()").replace(" ", "").endswith(number[-11:])
    phone.locator(".koi-actionbar a[href$='/follow-up']").click()
    phone.locator("label.koi-chip:has([name=outcome])", has=phone.locator("[value=interested]")).click()
    phone.locator("label.koi-chip:has([name=next_step])").first.click()
    phone.locator("footer button").click()
    phone.wait_for_url(f"**/dealer/leads/{offer}")
    expect(phone.locator(".koi-story li").first).to_contain_text(answered)
    expect(phone.locator("#next")).not_to_have_text(first_call)


def test_an_offer_that_is_sent_back_with_a_reason_is_gone(street: Street, visit: Callable[..., Page]) -> None:
    offer = offered(street, 0, name="郑退回")
    phone = sign_in(visit(PHONE, "/dealer/sign-in"), "manager0")
    phone.goto(f"{street.address}/dealer/offers/{offer}")
    phone.locator("a[href$='/decline']").click()
    phone.locator("label.koi-chip").first.click()
    phone.locator("footer button").click()
    phone.wait_for_url("**/dealer/inbox")
    expect(phone.locator(f"a[href$='/{offer}']")).to_have_count(0)
    assert street.plant.scalar(f"SELECT stage FROM assignments WHERE assignment_id = '{offer}'") == "declined"


def test_a_lead_is_found_by_its_name_and_its_last_four_digits(street: Street, visit: Callable[..., Page]) -> None:
    held = offered(street, 0, hold=True, name="欧阳寻", phone="+8613912348888")
    phone = sign_in(visit(PHONE, "/dealer/sign-in"), "manager0")
    for words in ("欧阳", "8888"):
        phone.goto(street.address + "/dealer/leads")
        phone.fill("#q", words)
        phone.press("#q", "Enter")
        expect(phone.locator(f"a[href*='/{held}']").first).to_be_visible()
    phone.fill("#q", "查无此人")
    phone.press("#q", "Enter")
    expect(phone.locator("main")).to_contain_text("没找到")


def test_a_store_takes_no_new_leads_until_tomorrow_and_keeps_other_hours(
    street: Street, visit: Callable[..., Page]
) -> None:
    phone = sign_in(visit(PHONE, "/dealer/sign-in"), "manager1")
    phone.goto(street.address + "/dealer/store")
    phone.locator("a[href$='/pause']").click()
    phone.locator("label.koi-chip").first.click()
    phone.locator("footer button").click()
    expect(phone.locator(".koi-row--switch")).to_contain_text("再接新线索")
    phone.locator(".koi-row--switch form[action$='/resume'] button").click()
    expect(phone.locator(".koi-row--switch")).to_contain_text("在接新线索")

    phone.locator("a[href$='/hours']").click()
    before = phone.input_value("[name=sun-0-opens]")
    phone.fill("[name=sun-0-opens]", "10:30")
    phone.locator("button[form=hours]").click()
    phone.wait_for_url("**/dealer/store*")
    phone.locator("a[href$='/hours']").click()
    expect(phone.locator("[name=sun-0-opens]")).to_have_value("10:30")
    phone.fill("[name=sun-0-opens]", before)
    phone.locator("button[form=hours]").click()
    phone.wait_for_url("**/dealer/store*")


def test_what_was_sent_before_stands_below_what_is_for_today(street: Street, visit: Callable[..., Page]) -> None:
    phone = sign_in(visit(PHONE, "/dealer/sign-in", permissions=_CLIPBOARD), "manager1")
    phone.goto(f"{street.address}/dealer/content")
    expect(phone.locator("#c3")).to_have_count(0)
    article = phone.locator("article:has([data-copy])").last
    title = article.locator("h3").inner_text()
    article.locator("[data-copy]").click()
    phone.wait_for_load_state("networkidle")
    phone.reload()
    used = phone.locator("section[aria-labelledby=c3] li")
    expect(used).to_have_count(1)
    expect(used).to_contain_text(title)
