"""A person signs up with a code, looks at who has the number, and takes it back; the store sees it go."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reading import AXE, complaints
from tests.browser.street import PHONE, Street, sign_in
from tests.waiting import until
from tests.work.plant import CAMPAIGN

pytestmark = [pytest.mark.browser, pytest.mark.alone]

NUMBER, MASKED = "136 1234 5678", "136****5678"


def test_a_person_takes_the_number_back_and_the_store_sees_it_go(street: Street, visit: Callable[..., Page]) -> None:
    store = street.stores[0]
    person = visit(PHONE, f"/c/{CAMPAIGN}?s={store.code}", reduced_motion="reduce")
    expect(person.get_by_label(f"把我的号码给{store.name}")).not_to_be_checked()
    _with_code(person, street, asked_before=0)
    person.get_by_label(f"把我的号码给{store.name}").check()
    person.get_by_role("button", name="报名").click()
    expect(person.get_by_role("heading", name="报名成功")).to_be_visible()

    manager = sign_in(visit(PHONE, "/dealer/sign-in"), "manager0")
    until(lambda: _offer(street) is not None, what="the lead at the store", seconds=30)
    manager.goto(f"{street.address}/dealer/offers/{_offer(street)}")
    manager.locator("form[action*='/claim'] button").first.click()
    manager.wait_for_url("**/dealer/leads/*")
    expect(manager.locator("a[href='tel:+8613612345678']").first).to_be_visible()

    person.context.add_init_script(AXE)
    person.get_by_role("link", name="我的报名").click()
    _with_code(person, street, asked_before=1)
    person.get_by_role("button", name="打开").click()
    expect(person.get_by_role("listitem").filter(has_text=store.name)).to_contain_text("看过 1 次")
    person.get_by_role("link", name="撤回").first.click()
    expect(person.get_by_text(f"{store.name}马上看不到你的号码")).to_be_visible()
    assert list(complaints(person)) == []
    person.get_by_role("button", name="撤回").click()
    expect(person.get_by_role("status")).to_contain_text("已撤回")
    expect(person.get_by_text("现在没有门店有你的号码")).to_be_visible()
    assert list(complaints(person)) == []

    manager.reload()
    expect(manager.locator("a[href='tel:+8613612345678']")).to_have_count(0)
    expect(manager.locator("main")).to_contain_text("撤回")


def _with_code(person: Page, street: Street, *, asked_before: int) -> None:
    """Fill in the number and the code that was sent to it, which the demo writes into a file."""
    person.get_by_label("手机号").fill(NUMBER)
    person.get_by_role("button", name="获取验证码").click()
    expect(person.locator("[data-code-said]")).to_contain_text(MASKED)
    until(lambda: len(_codes(street)) > asked_before, what="the message", seconds=15)
    person.get_by_label("短信验证码").fill(_codes(street)[-1])


def _codes(street: Street) -> list[str]:
    log = street.plant.folder / "log" / "sms.log"
    said = log.read_text(encoding="utf-8") if log.exists() else ""
    return re.findall(rf"{re.escape(MASKED)}  验证码 (\d{{6}})", said)


def _offer(street: Street) -> str | None:
    """The person's offer, once there is one."""
    sql = f"SELECT assignment_id::text FROM assignments WHERE stage = 'offered' AND offer ->> 'phone' = '{MASKED}'"
    with street.plant.look() as connection:
        row = connection.execute(sql).fetchone()
    return row[0] if row else None
