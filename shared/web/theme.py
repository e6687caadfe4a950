"""Light or dark: the reader's choice by `?theme=`, kept in a cookie; "auto" follows the reader's system.

The server writes it into `<html data-bs-theme>`, so no page flashes in the wrong theme. For "auto" the style sheets
hold the dark values once more behind `prefers-color-scheme` (`static/styles.mjs`).
"""

from __future__ import annotations

from flask import Flask, Response, request

THEMES = ("auto", "light", "dark")
COOKIE = "koi_theme"
_YEAR_S = 365 * 86_400


def theme() -> str:
    """The request's theme: `auto`, `light` or `dark`."""
    wishes = (request.args.get("theme"), request.cookies.get(COOKIE))
    return next((wish for wish in wishes if wish in THEMES), THEMES[0])


def remember(response: Response) -> Response:
    """Keep a theme chosen by `?theme=` for later visits; holds no personal data."""
    wish = request.args.get("theme")
    if wish in THEMES and request.cookies.get(COOKIE) != wish:
        response.set_cookie(COOKIE, wish, max_age=_YEAR_S, samesite="Lax", secure=request.is_secure, path="/")
    return response


def register(app: Flask) -> None:
    """Give templates `theme()`, and keep what readers choose."""
    app.jinja_env.globals["theme"] = theme
    app.after_request(remember)
