"""Which language a request speaks: `?lang=`, else the cookie, else the account's setting, else Chinese."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, g, has_request_context, request
from flask_babel import get_locale

LANGUAGES = ("zh", "en")
DEFAULT = "zh"
COOKIE = "koi_lang"
_YEAR_S = 365 * 86_400


def select() -> str:
    """The request's language, `zh` or `en`."""
    signed_in = g.get("signed_in")
    setting = signed_in.locale if signed_in is not None else None
    for wish in (request.args.get("lang"), request.cookies.get(COOKIE), setting):
        if wish in LANGUAGES:
            return str(wish)
    if request.path.startswith("/api/"):
        return request.accept_languages.best_match(LANGUAGES) or DEFAULT
    return DEFAULT


def language() -> str:
    """The language of the words being written now; Chinese outside a request."""
    found = get_locale() if has_request_context() else None
    return "en" if found is not None and found.language == "en" else DEFAULT


def remember(response: Response) -> Response:
    """Keep a language chosen by `?lang=` for later visits; holds no personal data."""
    wish = request.args.get("lang")
    if wish in LANGUAGES and request.cookies.get(COOKIE) != wish:
        response.set_cookie(COOKIE, wish, max_age=_YEAR_S, samesite="Lax", secure=request.is_secure, path="/")
    return response


def today_and_now() -> datetime:
    """The request's time where its transaction is open, else the clock: only for showing times."""
    moment: datetime = g.now if has_request_context() and "now" in g else datetime.now(UTC)
    return moment
