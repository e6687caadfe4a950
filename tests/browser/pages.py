"""Every page of the three faces, found as a person finds it: by following links from each face's first page.

What the url maps offer and no link led to is `forgotten`; what is no page for a visitor stands in `LEFT_OUT`, with the
reason. So a new page cannot be left out by mistake.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import unescape
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

MOUNTS = {"hq": "/hq", "dealer": "/dealer", "public": ""}
#: Where a face is entered by those who are not signed in; {campaign} is a campaign's code.
OUTSIDE = {
    "hq": ("/hq/sign-in",),
    "dealer": ("/dealer/sign-in",),
    "public": ("/", "/c/{campaign}", "/c/{campaign}/consent/share", "/api/docs", "/c/none"),
}
#: And by those who are; the last of each is there for its error page.
INSIDE = {"hq": ("/hq/overview", "/hq/leads/none"), "dealer": ("/dealer/inbox", "/dealer/none"), "public": ()}
LEFT_OUT: Mapping[str, str] = {
    "static": "a file",
    "campaigns.face_picture": "a file",
    "me.ask_withdraw": "needs a code that was sent; visited by the journey to the withdrawal",
    "home.index": "leads on to the first page",
    "account.invite": "needs a link that was sent; looks like the sign-in",
    "health.healthz": "for machines",
    "health.readyz": "for machines",
    "health.metrics": "for machines",
    "content.staged_file": "a file that was just uploaded",
    "content.poster_file": "a file",
    "campaign.picture": "a file; not every campaign has one",
    "content.preview_poster": "a picture of what is being written",
    "replays.show": "needs a draft that was tried; visited by the pages' own tests",
    "territories.population.look": "needs a table that was uploaded; visited by the pages' own tests",
    "rules.fit": "needs a card that was learnt; visited by the pages' own tests",
    "pool.news": "a part of the pool's page; looked at by the page's own tests",
    "content.video": "a file, and only of content that is a video",
}
_SPARES = 3
_LINK = re.compile(r"""\s(?:href|src|hx-get|action)="([^"]+)\"""")


@dataclass(frozen=True, slots=True)
class Found:
    """A page to visit. `endpoint` is empty where there is none; `again`: one like it was seen, it may lead on."""

    face: str
    endpoint: str
    path: str
    again: bool = False


class Finder:
    """Gives the pages of one face one by one; each page's HTML tells of the next.

    When links lead nowhere new, pages whose parts of the address were all seen elsewhere are tried, then other examples
    of pages that are known already: one of them may lead on.
    """

    def __init__(self, app: Flask, face: str) -> None:
        self._face, self._mount = face, MOUNTS[face]
        self._map = app.url_map.bind("koi", self._mount or "/")
        self._rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
        self._waiting: deque[Found] = deque()
        self._known: set[str] = set(LEFT_OUT)
        self._values: dict[str, object] = {}
        self._tried: set[str] = set()
        self._spare: deque[Found] = deque()

    def pages(self, starts: Iterable[str], *, thorough: bool = True) -> Iterator[Found]:
        """The pages that these lead to; `thorough` also guesses and tries other examples."""
        for path in starts:
            if self._endpoint_of(urlsplit(path).path) in (None, *LEFT_OUT):
                self._waiting.append(Found(self._face, "", path))
            else:
                self._offer(path)
        while self._waiting or (thorough and (self._guess() or self._try_another())):
            yield self._waiting.popleft()

    def read(self, html: str) -> None:
        """Note where a page leads."""
        for link in _LINK.findall(html):
            self._offer(unescape(link))

    def went(self, each: Found, address: str) -> bool:
        """Whether the page that was opened is the one that was meant; else another link may lead to it later."""
        if each.endpoint and self._endpoint_of(urlsplit(address).path) != each.endpoint:
            if not each.again:
                self._known.discard(each.endpoint)
            return False
        self._known.add(each.endpoint)
        return True

    def forgotten(self) -> set[str]:
        """Endpoints that nothing has led to so far."""
        return {rule.endpoint for rule in self._rules} - self._known

    def _guess(self) -> bool:
        for rule in self._rules:
            if rule.endpoint not in self._known and rule.arguments <= self._values.keys():
                values = {name: self._values[name] for name in rule.arguments}
                self._offer(self._map.build(rule.endpoint, values))
        return bool(self._waiting)

    def _try_another(self) -> bool:
        if self._spare and self.forgotten():
            self._waiting.append(replace(self._spare.popleft(), again=True))
        return bool(self._waiting)

    def _offer(self, address: str) -> None:
        parts = urlsplit(address)
        here = not parts.scheme and not parts.netloc and parts.path.startswith(f"{self._mount}/")
        endpoint = self._endpoint_of(parts.path) if here else None
        if endpoint is None or endpoint in LEFT_OUT or parts.path in self._tried:
            return
        self._tried.add(parts.path)
        each = Found(self._face, endpoint, address.partition("#")[0])
        if endpoint not in self._known:
            self._known.add(endpoint)
            self._waiting.append(each)
        elif sum(spare.endpoint == endpoint for spare in self._spare) < _SPARES:
            self._spare.append(each)

    def _endpoint_of(self, path: str) -> str | None:
        try:
            endpoint, values = self._map.match(path[len(self._mount) :], method="GET")
        except (HTTPException, RequestRedirect):
            return None
        self._values = {**values, **self._values}
        return str(endpoint)
