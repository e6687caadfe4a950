"""An operator looks at a ring, sees what each verdict would change, judges it by keyboard, and takes it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from shared.campaigns.models import Campaign, ConsentText
from shared.contacts.models import ContactPhone
from shared.platform.ids import new_id
from tests import factories
from tests.browser.street import DESK, Street, sign_in
from tests.waiting import until
from tests.work.plant import CAMPAIGN

pytestmark = [pytest.mark.browser, pytest.mark.alone]
_PEOPLE = 5


def test_a_ring_is_looked_at_judged_and_taken_back(street: Street, visit: Callable[..., Page]) -> None:
    _ring(street)
    desk = sign_in(visit(DESK, "/hq/sign-in"), "operator0")
    until(lambda: _waits(desk, street), what="the ring on the desk", seconds=30, every=0.5)
    desk.goto(street.address + "/hq/overview?campaign=all")
    desk.locator("#todo-quarantined").click()
    expect(desk.locator(".k-h1")).to_contain_text("5 人，共用 1 台设备")
    expect(desk.locator(".k-ring circle.k-ring-stopped")).to_have_count(_PEOPLE)
    expect(desk.locator(".k-evid")).to_contain_text("这台设备上")
    effects = desk.locator("#effects")
    expect(effects).to_contain_text("拒绝 5 人")
    expect(effects).to_contain_text("放行 5 人")

    desk.locator("tbody input[name=person]").first.uncheck()
    expect(effects).to_contain_text("拒绝 4 人")
    desk.locator("tbody input[name=person]").first.check()
    expect(effects).to_contain_text("拒绝 5 人")

    desk.fill("#note", "一台手机轮流报名")
    desk.locator("#note").blur()
    desk.keyboard.press("f")
    expect(desk.locator("button[value=fraud]")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-toast]")).to_contain_text("5 人判为羊毛党")

    desk.locator("[data-toast] form button").click()
    expect(desk.locator("[data-toast]")).to_contain_text("已撤销")
    until(lambda: _waits(desk, street), what="the ring on the desk", seconds=30, every=0.5)
    desk.goto(street.address + "/hq/quarantine/verdicts")
    expect(desk.locator("tbody tr")).to_have_count(_PEOPLE)
    expect(desk.locator("tbody tr").first).to_contain_text("一台手机轮流报名")


def _waits(desk: Page, street: Street) -> bool:
    desk.goto(street.address + "/hq/quarantine")
    return f"{_PEOPLE} 人，共用 1 台设备" in desk.content()


def _ring(street: Street) -> None:
    """People who sign up one after the other on one device; the workers stop them."""
    now = datetime.now(UTC)
    with street.rows() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.code == CAMPAIGN)).one()
        share = session.scalars(
            select(ConsentText.text_id).where(
                ConsentText.campaign_id == campaign.campaign_id, ConsentText.kind == "share"
            )
        ).first()
        for number in range(_PEOPLE):
            at = now - timedelta(minutes=_PEOPLE - number)
            person = factories.contact(session)
            phone = session.scalars(
                select(ContactPhone.phone_bidx).where(ContactPhone.contact_id == person.contact_id)
            ).one()
            factories.signup(
                session,
                campaign,
                signup_id=new_id(at),
                occurred_at=at,
                accepted_at=at,
                device_bidx=b"one phone",
                phone_bidx=phone,
                share_text_id=share,
                region={"county_code": "330106"},
            )
