"""What every page promises, read from the templates and from what is built: no host but ours, and nothing taken away by
one press. (That no template has a script or a style in it: tests/portals/test_faces.py; texts: tests/unit/web.)"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.web.filters import DIST

CHECKOUT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path
    for package in ("shared", "hq", "dealer", "content_library")
    for path in (CHECKOUT / package).rglob("templates/**/*.html")
)
_OTHER_HOST = re.compile(
    r"""(?:href|src|action|srcset|poster)\s*=\s*["']\s*(?:https?:)?//|url\(\s*["']?(?:https?:)?//"""
)
_BUILT_CALL = re.compile(r"""https?://(?!www\.w3\.org/)[\w.-]+\.\w+|["'(]//[\w-]+\.\w+""")
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)

#: A view whose name has one of these words takes something away from somebody.
_TAKES_AWAY = "recall|withdraw|close|revoke|disable|retire|delete|remove|end_session|end_others|decline|give_back|lost"
_DESTRUCTIVE = re.compile(rf"url_for\(\s*'[\w.]*(?:{_TAKES_AWAY})[\w]*'")
_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
_POST_CALL = re.compile(r"\bpost\(")
#: A sheet is a page of its own that asks one question; nothing happens before its button is pressed.
_ANSWERED = re.compile(r"data-(?:confirm|undo|asked)\b")
_ASKS_ITSELF = '{% extends "sheet.html" %}'


def _source(path: Path) -> str:
    return _COMMENT.sub("", path.read_text(encoding="utf-8"))


def _name(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_no_template_names_another_host(path):
    assert _OTHER_HOST.findall(_source(path)) == []


@pytest.mark.skipif(not DIST.exists(), reason="the front end is not built")
def test_nothing_that_browsers_load_names_another_host():
    built = [path for path in DIST.iterdir() if path.suffix in {".js", ".css", ".svg"}]
    assert built
    assert {path.name: found for path in built if (found := _BUILT_CALL.findall(path.read_text("utf-8")))} == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_what_takes_away_asks_or_can_be_undone(path):
    """By convention: a red button, or a view whose name says so. `data-confirm` asks; `data-undo` on the form says that
    the next page offers the way back; `data-asked`, that the whole page is the question, with the effects."""
    source = _source(path)
    if _ASKS_ITSELF in source:
        return
    forms = [form for form in _FORM.findall(source) if "danger" in form or _DESTRUCTIVE.search(form)]
    silent = [form for form in forms if not _ANSWERED.search(form) and "csrf" in form]
    calls = [call for call in _post_calls(source) if "danger" in call or _DESTRUCTIVE.search(call)]
    silent += [call for call in calls if not _asks(call)]

    assert silent == []


def _post_calls(source: str) -> list[str]:
    """Each call of the macro `post`, with its arguments."""
    return [source[found.start() : _end_of_call(source, found.end())] for found in _POST_CALL.finditer(source)]


def _end_of_call(source: str, start: int) -> int:
    depth = 1
    for index in range(start, len(source)):
        depth += {"(": 1, ")": -1}.get(source[index], 0)
        if depth == 0:
            return index + 1
    return len(source)


def _asks(call: str) -> bool:
    """`post(action, label, css, confirm)`: the fourth argument, or the one by name."""
    depth, commas = 0, 0
    for sign in call[len("post(") : -1]:
        depth += {"(": 1, ")": -1, "{": 1, "}": -1, "[": 1, "]": -1}.get(sign, 0)
        commas += sign == "," and depth == 0
    return "confirm=" in call or "undo=" in call or commas >= 3
