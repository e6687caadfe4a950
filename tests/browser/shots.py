"""`./koi shots`: pictures of every page, in both languages and both themes, into `shots/` (ignored by git).

Starts a Koi of its own with the demo brand, or uses the running one of this checkout (`--base`). Pages are those that
`tests.browser.pages` finds. At 360 px it only says which pages scroll sideways.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import product
from pathlib import Path

from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright
from sqlalchemy import create_engine, text

from dealer.app import create_dealer_app
from hq.app import create_hq_app
from hq.demo.brand import CAMPAIGN, FIRST_CAMPAIGN
from hq.intake.public.app import create_public_app
from shared.platform.reach import reached
from shared.platform.settings import CHECKOUT, Settings
from tests.browser.chromium import ensure, launch_options
from tests.browser.deeds import DEEDS
from tests.browser.pages import INSIDE, OUTSIDE, Finder, Found
from tests.browser.visitors import Visitors, enter, invite

LANGUAGES, THEMES = ("zh", "en"), ("light", "dark")
_WIDTHS = {"hq": 1280, "dealer": 390, "public": 390}
_NARROW = 360
_LONGEST_S = 300.0
_WORKERS_S = 6.0  # until the workers have read a list of three rows
_HIGHEST = 4000  # a page longer than this is the same row many times


def run(words: Sequence[str]) -> int:
    """Take the pictures; 1 where a page complained or scrolls sideways."""
    asked = _parser().parse_args(list(words))
    ensure(lambda line: print(f"koi: {line}"))
    with _koi(asked.base) as (base, settings):
        visitors = invite(settings)
        apps = {
            "hq": create_hq_app(settings.hq()),
            "dealer": create_dealer_app(settings.dealer()),
            "public": create_public_app(settings.public()),
        }
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**launch_options())  # type: ignore[arg-type]
            photographer = Photographer(browser, base, visitors, Path(asked.out))
            for face in asked.face or apps:
                photographer.take(face, apps[face])
    for line in photographer.complaints:
        print(line)
    print(f"koi: {photographer.taken} pictures in {asked.out}/, {len(photographer.complaints)} complaints")
    return 1 if photographer.complaints else 0


class Photographer:
    """Goes through a face once to find its pages, then once per language and theme."""

    def __init__(self, browser: Browser, base: str, visitors: Visitors, folder: Path) -> None:
        self._browser, self._base, self._visitors, self._folder = browser, base, visitors, folder
        self.taken = 0
        self.complaints: list[str] = []

    def take(self, face: str, app: Flask) -> None:
        """All pictures of a face: of the pages before the sign-in, then of those behind it."""
        finder = Finder(app, face)
        outside = [path.format(campaign=CAMPAIGN) for path in OUTSIDE[face]]
        self._all_of(face, finder.pages(outside, thorough=face == "public"), finder, None)
        if INSIDE[face]:
            state, more = self._signed_in(face)
            self._all_of(face, finder.pages((*INSIDE[face], *more)), finder, state)
        self.complaints += [f"{face}: nothing leads to {name}" for name in sorted(finder.forgotten())]

    def _all_of(self, face: str, finding: Iterable[Found], finder: Finder, state: str | None) -> None:
        pages = self._found(face, finding, finder, state)
        for lang, theme in product(LANGUAGES, THEMES):
            with self._window(face, _WIDTHS[face], state, lang, theme) as page:
                for each in pages:
                    self._picture(page, each, f"{_WIDTHS[face]}-{lang}-{theme}")
        if face != "hq":
            with self._window(face, _NARROW, state, "en", "light") as page:
                for each in pages:
                    self._go(page, each)
                    self._check_width(page, each)

    def _signed_in(self, face: str) -> tuple[str, Sequence[str]]:
        keep = self._folder / f".{face}.json"
        keep.parent.mkdir(parents=True, exist_ok=True)
        context = self._browser.new_context()
        page = context.new_page()
        enter(page, self._base, face, self._visitors)
        more = DEEDS[face](page, self._base, self._visitors, lambda: time.sleep(_WORKERS_S))
        context.storage_state(path=keep)
        context.close()
        return str(keep), more

    def _found(self, face: str, finding: Iterable[Found], finder: Finder, state: str | None) -> list[Found]:
        pages = []
        with self._window(face, _WIDTHS[face], state, "zh", "light") as page:
            for each in finding:
                opened = self._go(page, each)
                if finder.went(each, page.url) and opened:
                    finder.read(page.content())
                    pages += [] if each.again else [each]
        return pages

    @contextlib.contextmanager
    def _window(self, face: str, width: int, state: str | None, lang: str, theme: str) -> Iterator[Page]:
        context: BrowserContext = self._browser.new_context(
            viewport={"width": width, "height": 800 if face == "hq" else 844},
            color_scheme=theme,  # type: ignore[arg-type]
            locale="zh-CN" if lang == "zh" else "en-GB",
            device_scale_factor=1 if face == "hq" else 2,
            reduced_motion="reduce",
            storage_state=state,
        )
        context.add_cookies([{"name": "koi_lang", "value": lang, "url": self._base}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        yield page
        context.close()

    def _go(self, page: Page, each: Found) -> bool:
        try:
            answer = page.goto(self._base + each.path, wait_until="load")
        except Error as refused:
            if "Download is starting" in refused.message:
                return False
            raise
        if answer is None or not answer.headers.get("content-type", "").startswith("text/html"):
            return False
        if answer.status >= 500:
            self.complaints.append(f"{each.path}: {answer.status}")
        return bool(page.evaluate("document.doctype"))

    def _picture(self, page: Page, each: Found, kind: str) -> None:
        if not self._go(page, each):
            return
        page.wait_for_timeout(150)  # charts are drawn after the page has come
        self._check_width(page, each)
        high = min(_HIGHEST, int(page.evaluate("document.documentElement.scrollHeight")))
        wide = page.viewport_size["width"] if page.viewport_size else 0
        png = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": wide, "height": high})
        name = each.endpoint or re.sub(r"\W+", "-", each.path).strip("-")
        target = self._folder / each.face / f"{name}-{kind}.webp"
        target.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(BytesIO(png)) as picture:
            picture.save(target, "WEBP", quality=82)
        self.taken += 1

    def _check_width(self, page: Page, each: Found) -> None:
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            self.complaints.append(f"{each.path}: scrolls sideways by {over} px at {page.viewport_size}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./koi shots", description=__doc__)
    parser.add_argument("--base", help="address of this checkout's running Koi, instead of one that is started")
    parser.add_argument("--out", default="shots", help="folder (default: shots)")
    parser.add_argument("--face", action="append", choices=sorted(_WIDTHS), help="only this face; may be repeated")
    return parser


@contextlib.contextmanager
def _koi(base: str | None) -> Iterator[tuple[str, Settings]]:
    """The running Koi, or a new one in a folder of its own."""
    if base:
        with reached(os.environ) as settings:
            yield base.rstrip("/"), settings
        return
    folder, port = Path(tempfile.mkdtemp(prefix="koi-shots-")), _free_port()
    environ = {**_without_servers(os.environ), "KOI_VAR": str(folder / "var")}
    process = subprocess.Popen(
        ["./koi", "run", "--port", str(port)], cwd=CHECKOUT, env=environ, stdout=subprocess.DEVNULL, stderr=sys.stderr
    )
    try:
        base = f"http://127.0.0.1:{port}"
        _wait(lambda: _answers(base), process)
        with reached(environ) as settings:
            _wait(lambda: _has_lived(settings), process)
            yield base, settings
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(ready: object, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + _LONGEST_S
    while not ready():  # type: ignore[operator]
        if process.poll() is not None or time.monotonic() > ends:
            raise RuntimeError(f"./koi run did not come up ({process.poll()})")
        time.sleep(0.5)


def _answers(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _has_lived(settings: Settings) -> bool:
    """The demo's first campaign is closed when its past has been made."""
    engine = create_engine(settings.owner_url)
    with engine.connect() as connection:
        status = connection.scalar(text("SELECT status FROM campaigns WHERE code = :code"), {"code": FIRST_CAMPAIGN})
    engine.dispose()
    return status == "closed"


def _without_servers(environ: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if not name.startswith("KOI_")}
    for name in ("DATABASE_URL", "REDIS_URL"):
        kept.pop(name, None)
    return kept


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
