"""A list worked through by keyboard: what was picked on one page is still picked on the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests import factories
from tests.browser.street import DESK, Street, sign_in

_MADE = (
    ("lead_events", "lead_id"),
    ("leads", "lead_id"),
    ("consents", "contact_id"),
    ("contact_phones", "contact_id"),
    ("contacts", "contact_id"),
    ("consent_texts", "campaign_id"),
    ("campaigns", "campaign_id"),
    ("scopes", "scope_id"),
    ("consent_scopes", "scope_id"),
    ("store_days", "dealer_id"),
    ("stores", "dealer_id"),
    ("dealers", "dealer_id"),
)
pytestmark = [pytest.mark.browser, pytest.mark.alone]


@pytest.fixture
def desk_leads(street: Street) -> Iterator[None]:
    """More leads on the desk than a page shows; the other tests of the plant find nothing of them."""
    with street.rows() as session:
        store = factories.store(session)
        leads = [
            factories.lead(session, dealers=[store], state="desk", state_reason={"code": "too_far"})
            for _number in range(52)
        ]
    yield
    ids = {
        "lead_id": [lead.lead_id for lead in leads],
        "contact_id": [lead.contact_id for lead in leads],
        "scope_id": [lead.scope_id for lead in leads],
        "campaign_id": [lead.campaign_id for lead in leads],
        "dealer_id": [store.dealer_id],
    }
    with street.rows() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for table, key in _MADE:
            session.execute(text(f"DELETE FROM {table} WHERE {key} = ANY(:ids)"), {"ids": ids[key]})


def test_rows_picked_by_keyboard_on_two_pages_are_closed_together(
    street: Street, visit: Callable[..., Page], desk_leads: None
) -> None:
    page = sign_in(visit(DESK, "/hq/sign-in"), "operator0")
    page.goto(street.address + "/hq/desk")
    for key in ("j", "x", "]"):
        page.keyboard.press(key)
    page.wait_for_url("**after=*")
    for key in ("j", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-picked]")).to_contain_text("已选 2 条")
    page.locator(".k-bulk summary", has_text="关闭").click()
    page.locator(".k-bulk details[open] button").click()
    expect(page.locator("dialog[open]")).to_contain_text("关闭 2 条未成交的线索")
    page.locator("dialog[open] [data-yes]").click()
    expect(page.locator("body")).to_contain_text("已关闭 2 条线索")
    expect(page.locator(".k-bulk")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#list-keys")).to_be_visible()
