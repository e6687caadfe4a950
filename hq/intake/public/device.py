"""What a browser is known by to the limits: a random cookie. It says nothing about the person and is never stored."""

from __future__ import annotations

import re
import secrets

from flask import Response, request

COOKIE = "koi_device"
_FORM = re.compile(r"[A-Za-z0-9_-]{22}")
_YEAR_S = 365 * 86_400


def known() -> str | None:
    """The cookie, if the browser sent a usable one."""
    sent = request.cookies.get(COOKIE, "")
    return sent if _FORM.fullmatch(sent) else None


def remember(response: Response) -> Response:
    """Give a browser that has none its cookie."""
    if known() is None:
        response.set_cookie(
            COOKIE,
            secrets.token_urlsafe(16),
            max_age=_YEAR_S,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
    return response
