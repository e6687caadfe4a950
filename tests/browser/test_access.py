"""Every page of every face, for people who cannot see well, have no mouse, or hold a narrow phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from playwright.sync_api import Browser, Error, Page, expect

from hq.demo.brand import CAMPAIGN
from shared.platform.settings import Settings
from tests.browser import reading, town
from tests.browser.deeds import DEEDS
from tests.browser.forms import Forms
from tests.browser.pages import INSIDE, OUTSIDE, Finder, Found
from tests.browser.reading import AXE
from tests.browser.visitors import enter
from tests.servers import Emptier

pytestmark = [pytest.mark.browser, pytest.mark.alone]

SIZES = {"hq": {"width": 1280, "height": 800}}
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def walk(kept_settings: Settings, _emptier: Emptier, chromium: Browser) -> Iterator[Walk]:
    """Somebody who has been on every page of the demo brand, small."""
    with town.lived_in(kept_settings) as place:
        walker = Walk(place)
        for face in place.apps:
            size: Any = SIZES.get(face, PHONE)
            context = chromium.new_context(viewport=size, reduced_motion="reduce", locale="zh-CN")
            context.add_init_script(AXE)
            walker.through(face, context.new_page())
            context.close()
        yield walker
    _emptier.empty()
    with redis.Redis.from_url(kept_settings.redis_url) as client:
        client.flushdb()


def test_every_page_can_be_read_and_used_by_everybody(walk: Walk) -> None:
    assert "\n".join(walk.complaints) == ""


def test_no_page_was_forgotten(walk: Walk) -> None:
    assert walk.forgotten == {}


def test_every_form_keeps_what_was_written_when_it_is_refused(walk: Walk) -> None:
    assert "\n".join(walk.forms.lost) == ""


@pytest.fixture
def visit(walk: Walk, chromium: Browser) -> Iterator[Callable[[str], Page]]:
    """Opens a window of somebody who is signed in to a face."""
    contexts = []

    def open_window(face: str) -> Page:
        context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
        contexts.append(context)
        page = context.new_page()
        enter(page, walk.place.base, face, walk.place.visitors)
        return page

    yield open_window
    for context in contexts:
        context.close()


def test_a_lost_connection_loses_nothing_however_often_one_presses(walk: Walk, visit: Callable[[str], Page]) -> None:
    page = visit("dealer")
    page.goto(f"{walk.place.base}/dealer/walk-ins/new")
    page.fill("input[name=name]", "吴先生")
    page.context.set_offline(True)
    save = page.locator("form.koi-sheet-form button.koi-btn--primary")
    save.click()
    save.click()
    note = page.locator(".koi-toast")
    expect(note).to_have_count(1)
    expect(note).to_contain_text("没有网络")
    assert page.input_value("input[name=name]") == "吴先生"
    page.context.set_offline(False)
    note.locator("[data-again]").click()
    expect(page.locator(".koi-field-error").first).to_be_visible()  # it arrived: the number is missing
    assert page.input_value("input[name=name]") == "吴先生"


def test_what_cannot_be_undone_is_asked_in_a_dialog_that_escape_leaves(
    walk: Walk, visit: Callable[[str], Page]
) -> None:
    page = visit("hq")
    page.goto(f"{walk.place.base}/hq/account")
    button = page.locator("form[data-confirm] button").first
    button.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()


class Walk:
    """Goes through faces page by page, first as a stranger, then signed in; notes what is wrong or missing."""

    def __init__(self, place: town.Town) -> None:
        self.place = place
        self.complaints: list[str] = []
        self.forgotten: dict[str, list[str]] = {}
        self.forms = Forms()
        self._kinds: set[str] = set()

    def through(self, face: str, page: Page) -> None:
        """All pages of a face."""
        finder = Finder(self.place.apps[face], face)
        self._kinds.clear()
        outside = [path.format(campaign=CAMPAIGN) for path in OUTSIDE[face]]
        for each in finder.pages(outside, thorough=face == "public"):
            self._look(finder, each, page)
        self.forms.send_all(page)
        inside = [*INSIDE[face]]
        if inside:
            enter(page, self.place.base, face, self.place.visitors)
            inside += DEEDS[face](page, self.place.base, self.place.visitors, self.place.work)
        for each in finder.pages(inside):
            self._look(finder, each, page)
        self.forms.send_all(page)
        if left := finder.forgotten():
            self.forgotten[face] = sorted(left)

    def _look(self, finder: Finder, each: Found, page: Page) -> None:
        opened = self._opens(page, self.place.base + each.path)
        if finder.went(each, page.url) and opened:
            finder.read(page.content())
            if not each.again and self._is_new_kind(each.endpoint):
                self.forms.note(page, each.endpoint)
                self.complaints += [f"{each.path}: {complaint}" for complaint in reading.complaints(page)]

    def _is_new_kind(self, endpoint: str) -> bool:
        """Every list has an export form of its own, all from one template: one of them tells for all."""
        kind = "export_form" if endpoint.endswith("_export_form") else endpoint
        new = not kind or kind not in self._kinds
        self._kinds.add(kind)
        return new

    def _opens(self, page: Page, address: str) -> bool:
        """Go there, unless it is a picture, a download or a piece of a page."""
        try:
            answer = page.goto(address, wait_until="domcontentloaded")
        except Error as refused:
            if "Download is starting" in refused.message:
                return False
            raise
        if answer and answer.status >= 500:
            self.complaints.append(f"{address}: {answer.status}")
        kind = answer.headers.get("content-type", "") if answer else ""
        return kind.startswith("text/html") and bool(page.evaluate("document.doctype"))
