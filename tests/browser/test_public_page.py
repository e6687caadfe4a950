"""The public page for a stranger: without scripts, in another language, with the full text of what is agreed to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.street import PHONE, Street
from tests.work.plant import CAMPAIGN

pytestmark = [pytest.mark.browser, pytest.mark.alone]


@pytest.mark.parametrize(("lang", "number"), [("zh", "13300040001"), ("en", "13300040002")])
def test_somebody_signs_up_without_scripts_after_reading_what_is_agreed_to(
    street: Street, visit: Callable[..., Page], lang: str, number: str
) -> None:
    page = visit(PHONE, f"/c/{CAMPAIGN}?lang={lang}", expected=("422",), java_script_enabled=False)
    assert page.get_attribute("html", "lang") == {"zh": "zh-CN", "en": "en"}[lang]
    words = page.locator(".koi-consent details").first
    words.locator("summary").click()
    expect(words.locator("summary ~ *").first).to_be_visible()
    page.locator("form button.koi-btn--primary[type=submit]").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    page.fill("[name=phone]", number)
    page.fill("[name=name]", f"无脚本{lang}")
    page.locator("[name=share]").check()
    page.locator("form button.koi-btn--primary[type=submit]").click()
    expect(page.locator(".koi-done h1")).to_be_visible()
    kept = f"SELECT count(*) FROM signups WHERE name = '无脚本{lang}'"
    assert street.plant.scalar(kept) == 1
