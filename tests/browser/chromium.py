"""Which Chromium the browser tests drive, and how it comes to the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
_PACKAGES = ("chromium", "fonts-wqy-microhei", "fontconfig")


class NoBrowser(Exception):
    """No Chromium here; the message says how to get one."""


def find() -> Path | None:
    """A Chromium on PATH, else playwright's own, else None."""
    for name in _NAMES:
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.exists() else None


def ensure(say: Callable[[str], None]) -> Path:
    """A Chromium that can show Chinese, installed from Debian if we are root there.

    Raises:
        NoBrowser: there is none, and none can be installed.
    """
    found = find()
    if found is not None and _shows_chinese():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get") is not None:
        say(f"installing {', '.join(_PACKAGES)} for the browser tests (apt-get)")
        _apt("update", "-qq")
        _apt("install", "-y", "-qq", "--no-install-recommends", *_PACKAGES)
        found = find()
    if found is None:
        raise NoBrowser(
            "The browser tests need Chromium: put `chromium` on PATH (Debian: apt-get install chromium "
            "fonts-wqy-microhei) or run: .venv/bin/playwright install chromium"
        )
    return found


def launch_options() -> dict[str, object]:
    """Arguments for playwright's `chromium.launch`.

    Raises:
        NoBrowser: there is none.
    """
    found = find()
    if found is None:
        raise NoBrowser("No Chromium: ./koi test says how to get one.")
    # Chromium's sandbox refuses root.
    return {"executable_path": str(found), "args": ["--no-sandbox"] if os.geteuid() == 0 else []}


def _shows_chinese() -> bool:
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False)
    return bool(listed.stdout.strip())


def _apt(*words: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", *words], check=False, env=environment, stdout=subprocess.DEVNULL)
