"""A number for every request: in its log lines, in its answer, and on its error page."""

from __future__ import annotations

import re
import secrets

from flask import Response, current_app, g, request

_HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}")


def give() -> None:
    """Take the number that a trusted proxy gave, else make one."""
    given = request.headers.get(_HEADER, "")
    trusted = current_app.config.get("KOI_TRUSTED_PROXIES", 0) > 0 and _WELL_FORMED.fullmatch(given)
    g.request_id = given if trusted else secrets.token_hex(6)


def request_id() -> str:
    """The number of this request."""
    found: str = g.get("request_id", "-")
    return found


def show(response: Response) -> Response:
    """Put the number into the answer."""
    response.headers[_HEADER] = request_id()
    return response
