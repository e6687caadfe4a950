"""Content in a browser: written and published at a desk, sent from a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.street import DESK, PHONE, Street, sign_in
from tests.factories import content

_CLIPBOARD = ["clipboard-read", "clipboard-write"]
pytestmark = [pytest.mark.browser, pytest.mark.alone]


def test_a_poster_is_written_looked_at_compared_approved_and_published(
    street: Street, visit: Callable[..., Page], tmp_path: Path
) -> None:
    desk = sign_in(visit(DESK, "/hq/sign-in"), "operator0")
    desk.goto(f"{street.address}/hq/content/new")
    desk.fill("input[name=title]", "周末海报")
    _write_with_a_variable(desk)
    _put_the_code_on_the_picture(desk, tmp_path)
    desk.locator(".k-form-end button").click()

    desk.locator("a[href$='/edit']").click()
    desk.fill("textarea[name=copy_text]", "这周日来{门店名称}，找{店长}。")
    desk.locator(".k-form-end button").click()
    desk.locator("a[href$='/compare']").click()
    expect(desk.locator("del").first).to_have_text("末")
    expect(desk.locator("ins").first).to_have_text("日")

    desk.go_back()
    desk.locator("form[action$='/approve'] button").click()
    desk.locator(".k-form-end button").click()
    expect(desk.locator(".k-chip").first).to_have_text("使用中")


def _write_with_a_variable(desk: Page) -> None:
    text, seen = desk.locator("textarea[name=copy_text]"), desk.locator("#preview-copy")
    text.fill("这周末来")
    desk.locator("[data-insert='{门店名称}']").press("Enter")
    text.press_sequentially("，找{店长名}。")
    desk.locator("[data-replace]").click()
    expect(text).to_have_value("这周末来{门店名称}，找{店长}。")
    desk.select_option("select[name=store]", "~")
    expect(seen).to_contain_text(re.compile(r"这周末来(\S+)，找\1。"))


def _put_the_code_on_the_picture(desk: Page, folder: Path) -> None:
    picture = folder / "p.png"
    picture.write_bytes(content.picture(720, 960))
    desk.set_input_files("input[name=picture]", picture)
    expect(desk.locator(".k-stage img")).to_be_visible()
    desk.locator("label:has([name=layout][value=on])").click()
    place = desk.locator("[data-place=code]")
    place.focus()
    before = float(desk.input_value("[name=code_left]"))
    desk.keyboard.press("ArrowLeft")
    box = place.bounding_box()
    assert box is not None
    desk.mouse.move(box["x"] + 20, box["y"] + 20)
    desk.mouse.down()
    desk.mouse.move(box["x"] - 40, box["y"] - 120)
    desk.mouse.up()
    assert float(desk.input_value("[name=code_left]")) < before - 10


def test_a_text_is_copied_and_a_poster_saved_with_one_tap_each(street: Street, visit: Callable[..., Page]) -> None:
    phone = sign_in(visit(PHONE, "/dealer/sign-in", permissions=_CLIPBOARD, device_scale_factor=3), "manager0")
    phone.goto(f"{street.address}/dealer/content")
    article = phone.locator("article:has([data-copy])").last
    copy = article.locator("[data-copy]")
    copy.click()
    expect(copy).to_have_text("已复制")
    expect(phone.locator(".koi-toast")).to_contain_text("去企微粘贴")
    assert phone.evaluate("navigator.clipboard.readText()") == f"周五抽奖，来{street.stores[0].name}试骑"
    pulls = "SELECT count(*) FROM pulls WHERE kind = 'copy'"
    copy.click()
    phone.wait_for_load_state("networkidle")
    assert street.plant.scalar(pulls) == 2

    phone.locator("form[action$='/poster'] button").last.click()
    poster = phone.locator("img.koi-poster--whole")
    expect(poster).to_be_visible()
    shown = np.frombuffer(poster.screenshot(), np.uint8)
    assert street.stores[0].code in cv2.QRCodeDetector().detectAndDecode(cv2.imdecode(shown, cv2.IMREAD_COLOR))[0]
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
