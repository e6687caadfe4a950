"""What a page weighs on the wire: itself and everything it loads at once, compressed as the browser gets it."""

from __future__ import annotations

import re
from collections.abc import Callable

from werkzeug.test import TestResponse

_LOADS = re.compile(r"""<(?:link|script|img|use)\b[^>]*?\s(?:href|src)="(/[^"#]+)""")
_PREPARED = re.compile(r"<template.*?</template>", re.DOTALL)  # loads nothing until a script takes it


def weight(get: Callable[..., TestResponse], path: str) -> int:
    """Bytes of the first view of a page; `get` is a test client's."""
    page = get(path)
    assert page.status_code == 200, f"{path}: {page.status}"
    text = _PREPARED.sub("", page.text)
    parts = {address.replace("&amp;", "&") for address in _LOADS.findall(text)}
    return sum(_size(get, each) for each in (path, *sorted(parts)))


def _size(get: Callable[..., TestResponse], path: str) -> int:
    with get(path, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status_code == 200, f"{path}: {answer.status}"
        return len(answer.data)
