"""The main job in a browser, from a stranger's sign-up to headquarters' funnel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import NullPool, create_engine, select, text
from sqlalchemy.orm import Session

from content_library import release, service
from content_library.files import files
from shared.campaigns.models import Campaign
from shared.dealers.models import Store
from shared.identity import passwords
from shared.identity.actor import system
from shared.identity.permissions import Role
from shared.platform.embedded.servers import DATABASE
from shared.platform.settings import Settings
from tests import factories
from tests.factories import content
from tests.waiting import until
from tests.work.plant import CAMPAIGN, Plant

pytestmark = [pytest.mark.browser, pytest.mark.alone]

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
PASSWORD = "correct horse 电池 staple"


@dataclass
class Street:
    """The plant's two stores with a manager each, and an operator at headquarters."""

    plant: Plant
    stores: list[Store]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.plant.port}"


@pytest.fixture(scope="module")
def street(plant: Plant) -> Street:
    engine = create_engine(
        plant.servers.postgres.url(DATABASE).replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool
    )
    hashed = passwords.hash_password(PASSWORD)
    with Session(engine, expire_on_commit=False) as session:
        # Open day and night, so that the test may run at any hour.
        session.execute(text("""UPDATE stores SET daily_capacity = 10, hours = :hours"""), {"hours": _ALL_WEEK})
        stores = list(session.scalars(select(Store).order_by(Store.code)))
        for number, store in enumerate(stores):
            factories.staff(session, [store], login=f"manager{number}", password_hash=hashed)
        factories.hq_user(session, Role.ADMINISTRATOR, login="operator0", password_hash=hashed)
        _put_content(session, plant)
        session.commit()
    return Street(plant, stores)


_ALL_WEEK = (
    "{" + ", ".join(f'"{day}": ["00:00-24:00"]' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")) + "}"
)


def _put_content(session: Session, plant: Plant) -> None:
    """As headquarters' editor and operator would: written, approved, published to all."""
    now = datetime.now(UTC)
    campaign_id = session.scalar(select(Campaign.campaign_id).where(Campaign.code == CAMPAIGN))
    draft = service.Draft(
        title="周五抽奖", copy_text="周五抽奖，来{门店名称}试骑", picture=content.picture(), campaign_id=campaign_id
    )
    storage, actor = files(Settings.from_env(plant.environment).var), system("test")
    asset_id = service.create(session, storage, draft=draft, actor=actor, now=now)
    session.flush()
    release.approve(session, asset_id=asset_id, version=1, actor=actor, now=now)
    audience = release.Audience(kind="all", codes=(), starts_at=now, ends_at=None)
    release.publish(session, asset_id=asset_id, version=1, audience=audience, actor=actor, now=now)


@pytest.fixture
def visit(chromium: Browser, street: Street) -> Iterator[Callable[..., Page]]:
    """Opens a window of its own; complaints of the browser and requests to other hosts fail the test."""
    complaints: list[str] = []
    contexts = []

    def open_window(size: dict[str, int], path: str) -> Page:
        context = chromium.new_context(viewport=size, accept_downloads=True, locale="zh-CN")
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(_told(said)) if _is_complaint(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: complaints.append(asked.url) if not _is_ours(asked.url, street) else None)
        page.goto(street.address + path)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert complaints == []


def _is_complaint(said: Any) -> bool:
    return said.type == "error" and "409" not in said.text  # the page that says "taken" is a 409 on purpose


def _told(said: Any) -> str:
    return f"{said.text} {said.location.get('url')}"


def _is_ours(url: str, street: Street) -> bool:
    return url.startswith(("data:", "blob:")) or urlsplit(url).netloc == urlsplit(street.address).netloc


def sign_in(page: Page, login: str) -> Page:
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


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
    page.locator("button[type=submit]").click()
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
