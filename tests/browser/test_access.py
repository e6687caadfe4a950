"""Every page of every face, for people who cannot see well, have no mouse, or hold a narrow phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from playwright.sync_api import Browser, Error, Page

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
    assert walk.forms.lost == []


class Walk:
    """Goes through faces page by page, first as a stranger, then signed in; notes what is wrong or missing."""

    def __init__(self, place: town.Town) -> None:
        self._place = place
        self.complaints: list[str] = []
        self.forgotten: dict[str, list[str]] = {}
        self.forms = Forms()

    def through(self, face: str, page: Page) -> None:
        """All pages of a face."""
        finder = Finder(self._place.apps[face], face)
        outside = [path.format(campaign=CAMPAIGN) for path in OUTSIDE[face]]
        for each in finder.pages(outside, thorough=face == "public"):
            self._look(finder, each, page)
        self.forms.send_all(page)
        inside = [*INSIDE[face]]
        if inside:
            enter(page, self._place.base, face, self._place.visitors)
            inside += DEEDS[face](page, self._place.base, self._place.visitors, self._place.work)
        for each in finder.pages(inside):
            self._look(finder, each, page)
        self.forms.send_all(page)
        if left := finder.forgotten():
            self.forgotten[face] = sorted(left)

    def _look(self, finder: Finder, each: Found, page: Page) -> None:
        opened = self._opens(page, self._place.base + each.path)
        if finder.went(each, page.url) and opened:
            finder.read(page.content())
            if not each.again:
                self.forms.note(page, each.endpoint)
                self.complaints += [f"{each.path}: {complaint}" for complaint in reading.complaints(page)]

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
