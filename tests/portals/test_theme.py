"""The reader's theme: chosen once, written by the server into every page, also where nobody is signed in."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("face", ["hq", "dealer"])
def test_a_chosen_theme_stays(face, browser):
    here = browser()
    assert 'data-bs-theme="auto"' in here.get(f"/{face}/sign-in").text
    here.get(f"/{face}/sign-in?theme=dark")

    assert 'data-bs-theme="dark"' in here.get(f"/{face}/sign-in").text


def test_what_is_no_theme_changes_nothing(browser):
    answer = browser().get("/hq/sign-in?theme=<b>")

    assert 'data-bs-theme="auto"' in answer.text
    assert "koi_theme" not in answer.headers.get("Set-Cookie", "")
