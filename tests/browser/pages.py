"""Every page of the three faces, found as a person finds it: by following links from each face's first page.

What the url maps offer and no link led to is `forgotten`; what is no page for a visitor stands in `LEFT_OUT`, with the
reason. So a new page cannot be left out by mistake.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

MOUNTS = {"hq": "/hq", "dealer": "/dealer", "public": ""}
#: Where a face is entered; {campaign} is a campaign's code.
STARTS = {
    "hq": ("/hq/overview",),
    "dealer": ("/dealer/inbox",),
    "public": ("/", "/c/{campaign}", "/api/docs"),
    "anonymous": ("/hq/sign-in", "/dealer/sign-in"),
}
#: Pages that no link leads to, or that are shown for an error.
MORE = {"hq": ("/hq/leads/none",), "dealer": ("/dealer/none",), "public": ("/c/none",)}
LEFT_OUT: Mapping[str, str] = {
    "static": "a file",
    "home.index": "leads on to the first page",
    "account.sign_in_page": "visited by those who are not signed in",
    "account.invite": "needs a link that was sent; its page is tested with the others of that kind",
    "health.healthz": "for machines",
    "health.readyz": "for machines",
    "health.metrics": "for machines",
}
_LINK = re.compile(r"""\s(?:href|src|hx-get|action)="([^"]+)\"""")


@dataclass(frozen=True, slots=True)
class Found:
    """A page to visit. `endpoint` is empty for one of `MORE`."""

    face: str
    endpoint: str
    path: str


class Finder:
    """Gives the pages of one face one by one; each page's HTML tells of the next.

    When links lead nowhere new, pages whose parts of the address were all seen elsewhere are tried as well.
    """

    def __init__(self, app: Flask, face: str, starts: tuple[str, ...]) -> None:
        self._face, self._mount = face, MOUNTS[face]
        self._map = app.url_map.bind("koi", self._mount or "/")
        self._rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
        self._waiting: deque[Found] = deque(Found(face, "", path) for path in MORE.get(face, ()))
        self._known: set[str] = set(LEFT_OUT)
        self._values: dict[str, object] = {}
        for path in starts:
            self._offer(path)

    def __iter__(self) -> Iterator[Found]:
        while self._waiting or self._guess():
            yield self._waiting.popleft()

    def read(self, html: str) -> None:
        """Note where a page leads."""
        for link in _LINK.findall(html):
            self._offer(unescape(link))

    def forgotten(self) -> set[str]:
        """Endpoints that nothing has led to so far."""
        return {rule.endpoint for rule in self._rules} - self._known

    def _guess(self) -> bool:
        for rule in self._rules:
            if rule.endpoint not in self._known and rule.arguments <= self._values.keys():
                values = {name: self._values[name] for name in rule.arguments}
                self._offer(self._map.build(rule.endpoint, values))
        return bool(self._waiting)

    def _offer(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc or not parts.path.startswith(f"{self._mount}/"):
            return
        try:
            endpoint, values = self._map.match(parts.path[len(self._mount) :], method="GET")
        except (HTTPException, RequestRedirect):
            return
        self._values = {**values, **self._values}
        if endpoint not in self._known:
            self._known.add(endpoint)
            self._waiting.append(Found(self._face, endpoint, address.partition("#")[0]))
