"""Headquarters' day: a view kept and exported, a caller entered, a store paused, stores added from a list."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.street import DESK, Street, sign_in
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.alone]


@pytest.mark.parametrize(("lang", "export"), [("zh", "导出"), ("en", "Export")])
def test_filters_and_columns_are_kept_as_a_view_and_what_it_shows_goes_into_a_file(
    street: Street, visit: Callable[..., Page], lang: str, export: str
) -> None:
    with street.rows() as session:
        factories.lead(session, dealers=street.stores[:1], grade="A", state="desk")
    desk = sign_in(visit(DESK, f"/hq/sign-in?lang={lang}"), "operator0")
    desk.goto(street.address + "/hq/leads?grade=A&state=desk")
    desk.locator(".k-filters-end details summary").first.click()
    desk.locator(".k-menu-box label:has([value=points])").click()
    with desk.expect_navigation():
        desk.locator(".k-filters-end .k-menu-box .btn-koi").click()
    columns = desk.locator("thead th").count()

    desk.locator(".k-views-kept > details").last.locator("summary").click()
    desk.fill("#v-new", f"急件 {lang}")
    desk.press("#v-new", "Enter")
    desk.wait_for_url("**view=*")
    desk.goto(street.address + "/hq/leads")
    desk.get_by_role("link", name=f"急件 {lang}").click()
    assert "grade=A" in desk.url
    expect(desk.locator("thead th")).to_have_count(columns)
    rows = desk.locator("tbody tr").count()

    desk.get_by_role("link", name=export).first.click()
    desk.locator("label:has([name=kind][value=csv])").click()
    with desk.expect_download() as downloading:
        desk.locator("form[action$='/export'] .btn-koi").click()
    lines = downloading.value.path().read_text(encoding="utf-8-sig").strip().splitlines()
    assert len(lines) == 1 + rows


def test_a_whole_number_finds_its_owner_and_stands_in_no_address(street: Street, visit: Callable[..., Page]) -> None:
    with street.rows() as session:
        who = factories.contact(session, name="找到我", phone="+8613955556666")
    desk = sign_in(visit(DESK, "/hq/sign-in"), "operator0")
    desk.goto(street.address + "/hq/contacts")
    desk.keyboard.press("/")
    desk.keyboard.type("139 5555 6666")
    desk.keyboard.press("Enter")
    expect(desk.locator("tbody tr")).to_have_count(1)
    assert "5555" not in desk.url
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/contacts/{who.contact_id}**")


def test_a_caller_is_entered_after_the_words_were_read_out(street: Street, visit: Callable[..., Page]) -> None:
    desk = sign_in(visit(DESK, "/hq/sign-in"), "operator0")
    desk.goto(street.address + "/hq/leads/by-hand")
    desk.fill("[name=phone]", "135 0001 0001")
    desk.fill("[name=name]", "来电人")
    desk.locator("input[name=touchpoint]").first.check()
    desk.fill("[name=store]", street.stores[0].code)
    desk.locator("input[name=consent]").first.check()
    desk.locator(".k-form-end button").click()
    expect(desk.locator("#words")).to_be_visible()
    expect(desk.locator("[name=name]")).to_have_value("来电人")
    desk.locator(".k-form-end button").click()
    desk.wait_for_url(lambda url: "/by-hand" not in url or "/by-hand/" in url)
    until(lambda: street.plant.scalar("SELECT count(*) FROM contacts WHERE name = '来电人'") == 1, what="the contact")


def test_a_paused_store_says_until_when_and_is_opened_again(street: Street, visit: Callable[..., Page]) -> None:
    desk = sign_in(visit(DESK, "/hq/sign-in"), "operator0")
    desk.goto(f"{street.address}/hq/stores/{street.stores[1].store_id}")
    desk.locator("a[href$='/pause']").first.click()
    desk.fill("[name=reason]", "店面装修")
    desk.locator(".k-form-end button").click()
    expect(desk.locator(".k-head .k-chip").first).to_contain_text("暂停")
    expect(desk.locator("main")).to_contain_text("店面装修")
    desk.locator("form[action$='/resume'] button").first.click()
    expect(desk.locator(".k-head .k-chip").first).not_to_contain_text("暂停")


def test_a_list_of_stores_is_mapped_checked_and_added(street: Street, visit: Callable[..., Page]) -> None:
    lines = (
        "经销商编号,经销商,门店编号,门店,省,市,区县,地址",
        "D77,新程车业,S7701,新程滨江店,浙江省,杭州市,滨江区,江南大道 1 号",
    )
    desk = sign_in(visit(DESK, "/hq/sign-in"), "operator0")
    desk.goto(street.address + "/hq/imports/new?kind=stores")
    content = "\n".join(lines).encode("utf-8-sig")
    desk.set_input_files("input[type=file]", {"name": "门店.csv", "mimeType": "text/csv", "buffer": content})
    desk.locator("form[data-upload] [type=submit]").click()
    desk.wait_for_url(lambda url: not url.endswith("/new") and "/new?" not in url)
    desk.locator("button[name=go][value=review]").click(timeout=15_000)
    desk.wait_for_url("**/review")
    desk.locator("form[action$='/start'] [type=submit]").click(timeout=15_000)
    until(
        lambda: street.plant.scalar("SELECT count(*) FROM stores WHERE code = 'S7701'") == 1,
        what="the store",
        seconds=20,
    )


def test_the_overview_counts_a_new_sign_up_without_being_loaded_again(
    street: Street, visit: Callable[..., Page]
) -> None:
    desk = sign_in(visit(DESK, "/hq/sign-in"), "operator0")
    street.plant.post(["counted-before"])
    first = desk.locator(".k-funnel li").first

    def shows_it() -> bool:
        desk.goto(street.address + "/hq/overview?campaign=all")
        return first.count() == 1

    until(shows_it, what="the first count", seconds=30)
    desk.evaluate("window.same = true")
    before = first.inner_text()
    street.plant.post(["seen-by-the-overview"])
    until(lambda: first.inner_text() != before, what="the next count", seconds=30)
    assert desk.evaluate("window.same") is True
