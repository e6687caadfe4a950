"""A store's people on a phone: what arrives by itself, what works without network, and what changes hands."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.street import PHONE, Street, offered, sign_in
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.alone]


def _looked(phone: Page) -> bool:
    """Somebody looks at the phone again: it does at once what it else does every few seconds."""
    phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    return True


def _can_do_without_network(phone: Page) -> None:
    """Wait until the phone has kept the first page and the form, which it does by itself after the first visit."""
    kept = """Promise.all(["/dealer/inbox", "/dealer/leads/follow-up"].map((page) => caches.match(page)))
        .then((pages) => pages.every(Boolean))"""
    until(lambda: bool(phone.evaluate(kept)), what="the first page and the form to be kept", seconds=20)


def test_an_offer_comes_by_itself_and_a_follow_up_without_network_is_sent_once(
    street: Street, visit: Callable[..., Page]
) -> None:
    phone = sign_in(visit(PHONE, "/dealer/sign-in?next=/dealer/inbox"), "manager0")
    phone.goto(street.address + "/dealer/inbox")
    _can_do_without_network(phone)
    offer = offered(street, 0, name="王小丫", phone="+8613912340000")
    _looked(phone)

    phone.locator(f"a[href$='/offers/{offer}']").first.click()
    phone.locator(f"form[action$='/offers/{offer}/claim'] button").click()
    phone.wait_for_url(f"**/dealer/leads/{offer}")
    expect(phone.locator("a[href='tel:+8613912340000']").first).to_be_visible()
    expect(phone.locator("h1")).to_have_text("王小丫")
    phone.locator(".koi-actionbar a[href$='/follow-up']").click()

    phone.context.set_offline(True)
    expect(phone.locator("html[data-offline]")).to_be_attached()
    phone.locator("label.koi-chip:has([value=no_answer])").click()
    phone.fill("#note", "嗯没人接下午再打😀")
    expect(phone.locator("footer button")).to_contain_text("先存手机")
    phone.locator("footer button").click()
    phone.wait_for_url("**/dealer/inbox")
    expect(phone.locator("#queue li")).to_contain_text("王小丫：没人接")
    phone.reload()
    expect(phone.locator("#queue li")).to_contain_text("待发出")
    expect(phone.locator(".koi-note.koi-offline").first).to_be_visible()

    lost: list[str] = []

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        lost.append(route.request.url)
        route.abort()

    phone.context.route("**/follow-up", lose_the_answer, times=1)
    phone.context.set_offline(False)
    until(lambda: _looked(phone) and lost, what="the first answer to be lost", seconds=10)
    expect(phone.locator("#queue li")).to_contain_text("待发出")
    until(lambda: _looked(phone) and phone.locator("#queue").is_hidden(), what="the second answer", seconds=10)
    assert (
        street.plant.scalar(f"SELECT count(*) FROM follow_ups WHERE assignment_id = '{offer}' AND kind = 'call'") == 1
    )


def test_a_report_that_is_refused_for_good_says_so_and_holds_nothing_up(
    street: Street, visit: Callable[..., Page]
) -> None:
    leads = [offered(street, 0, name=name, hold=True) for name in ("赵一一", "钱二二")]
    phone = sign_in(visit(PHONE, "/dealer/sign-in?next=/dealer/inbox", expected=("403",)), "manager0")
    phone.goto(street.address + "/dealer/inbox")
    _can_do_without_network(phone)
    phone.context.route(f"**/{leads[0]}/follow-up", _refuse_posts)
    for lead in leads:
        phone.goto(f"{street.address}/dealer/leads/{lead}/follow-up")
        phone.context.set_offline(True)
        expect(phone.locator("html[data-offline]")).to_be_attached()
        phone.locator("label.koi-chip:has([value=no_answer])").click()
        phone.locator("footer button").click()
        phone.wait_for_url("**/dealer/inbox")
        phone.context.set_offline(False)
    until(lambda: _looked(phone) and _calls(street, leads[1]) == 1, what="the report behind it", seconds=10)
    expect(phone.locator("#queue .koi-row--refused")).to_contain_text("你的角色不能做这件事")
    expect(phone.locator("#queue li")).to_have_count(1)
    assert _calls(street, leads[0]) == 0


def _refuse_posts(route: Route) -> None:
    if route.request.method == "GET":
        route.continue_()
    else:
        told = {"code": "forbidden", "title": "你的角色不能做这件事", "detail": "找店长。"}
        route.fulfill(status=403, content_type="application/problem+json", body=json.dumps(told))


def _calls(street: Street, lead: UUID) -> int:
    sql = f"SELECT count(*) FROM follow_ups WHERE assignment_id = '{lead}' AND kind = 'call'"
    return int(street.plant.scalar(sql))


def test_a_lead_goes_to_a_colleague_and_comes_back(street: Street, visit: Callable[..., Page]) -> None:
    held = offered(street, 1, name="李大力", hold=True)
    phone = sign_in(visit(PHONE, "/dealer/sign-in"), "manager1")
    phone.goto(street.address + "/dealer/store")
    phone.locator("a[href*='/give']").first.click()
    phone.locator("label.koi-chip:has([name=to])").first.click()
    phone.locator("footer button").click()
    expect(phone.locator("[data-toast]")).to_contain_text("1 条转给了")
    phone.locator("[data-toast] form button").click()
    expect(phone.locator("[data-toast]")).to_contain_text("1 条转回来了")
    assert street.plant.scalar(f"SELECT assignee FROM assignments WHERE assignment_id = '{held}'") is None
