"""A real Chromium, and a whole Koi of real processes for it to visit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import launch_options
from tests.browser.street import Street, build_street, windows
from tests.work.plant import Plant, running_plant

_QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
#: People do not come with a driven browser's name, which screening stops.
_AGENT = (
    "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; `./koi test` has seen to it that there is one."""
    options = launch_options()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**{**options, "args": [*options["args"], *_QUIET, _AGENT]})  # type: ignore[arg-type, misc]
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def plant() -> Iterator[Plant]:
    """PostgreSQL, Valkey, web, worker and ticker as processes, with one campaign and two stores."""
    with running_plant() as running:
        yield running


@pytest.fixture(scope="session")
def street(plant: Plant) -> Street:
    """The plant's two stores with a manager each (`manager0`, `manager1`), and `operator0` at headquarters."""
    return build_street(plant)


@pytest.fixture
def visit(chromium: Browser, street: Street) -> Iterator[Callable[..., Page]]:
    """Opens a window of its own; complaints of the browser and requests to other hosts fail the test."""
    yield from windows(chromium, street)
