"""An operator's messy list, from the drop to the undoing."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser.street import DESK, Street, sign_in
from tests.work.plant import CAMPAIGN

pytestmark = [pytest.mark.browser, pytest.mark.alone]

_DROP = """([content, name]) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name));
  const place = document.querySelector("[data-drop]");
  for (const kind of ["dragenter", "dragover", "drop"])
    place.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: carried }));
}"""


def test_a_messy_list_is_mapped_checked_imported_corrected_and_undone(
    street: Street, visit: Callable[..., Page], tmp_path: Path
) -> None:
    desk = sign_in(visit(DESK, "/hq/sign-in"), "operator0")
    desk.goto(f"{street.address}/hq/imports/new?kind=signups")
    _drop(desk, _messy(), "车展.xlsx")
    desk.locator("[data-upload] button").click()

    _match_a_column(desk)
    desk.locator("button[name=go]").click()
    desk.locator("form[action$='/start'] button").click()
    expect(desk.locator(".k-prog")).to_contain_text("4 / 4")
    first = desk.url

    _correct(desk, tmp_path)
    expect(desk.locator("#counts")).to_contain_text("1")
    desk.locator("button[name=go]").click()
    desk.locator("form[action$='/start'] button").click()
    expect(desk.locator(".k-prog")).to_contain_text("1 / 1")
    expect(desk.get_by_role("link", name="车展.xlsx")).to_be_visible()

    desk.goto(first)
    desk.locator(".k-lang").click()  # the rest in English
    desk.get_by_role("link", name="Undo the whole import").click()
    expect(desk.locator(".k-undo-table")).to_contain_text("sign-ups end as “import undone”")
    desk.locator(".btn-danger").click()
    expect(desk.locator("h1 .k-chip")).to_have_text("Undone")


def _messy() -> bytes:
    book = openpyxl.Workbook()
    for row in (
        ["车展扫码名单"],
        ["姓名", "联系电话", "哪个活动", "登记时间", "备注"],
        ["王小明", "１３９００００１００１", CAMPAIGN, "2026/11/18 14:05", ""],
        ["李丽", "+86 139 0000 1002", CAMPAIGN, "2026/11/18 14:07", ""],
        ["赵芳", "1390000", CAMPAIGN, "2026/11/18 14:09", "=1+1"],
        ["孙伟", 13900001004, CAMPAIGN, "2026/11/18 14:11", ""],
    ):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _drop(desk: Page, content: bytes, name: str) -> None:
    desk.evaluate(_DROP, [base64.b64encode(content).decode(), name])
    expect(desk.locator("[data-drop-name]")).to_contain_text(name)


def _match_a_column(desk: Page) -> None:
    """The campaign's column has a name that nobody knows: every row is rejected until somebody says what it is."""
    desk.wait_for_url("**/columns")
    expect(desk.locator(".k-rejrow")).to_have_count(4)
    desk.focus("#col-2")
    desk.select_option("#col-2", "campaign")
    expect(desk.locator(".k-rejrow")).to_have_count(1)
    expect(desk.locator(".k-fixed").first).to_contain_text("139****1001")
    expect(desk.locator("#col-2")).to_be_focused()
    expect(desk.locator(".k-counting progress")).to_have_count(0)
    expect(desk.locator(".k-counts b")).to_have_text(["1", "2", "1"])


def _correct(desk: Page, folder: Path) -> None:
    """Take the rejected row, put its number right, and send it from the import's page."""
    with desk.expect_download() as downloading:
        desk.locator("form[action$='/rejected.xlsx'] button").click()
    downloading.value.save_as(folder / "没有导入.xlsx")
    book = openpyxl.load_workbook(folder / "没有导入.xlsx")
    assert book.active["D2"].value == "1390000"
    book.active["D2"] = "13900001003"
    book.save(folder / "改正.xlsx")
    desk.set_input_files("#again input[type=file]", folder / "改正.xlsx")
    desk.locator("#again button").click()
    desk.wait_for_url("**/columns")
