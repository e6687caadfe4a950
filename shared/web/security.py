"""Security headers: one `after_request` for every answer of every face."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

from shared.web import ranged

HSTS = "max-age=31536000; includeSubDomains"
_STATIC_CACHE = "public, max-age=31536000, immutable"
_PERMISSIONS = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"

#: For answers to programs: nothing in them is ever to be shown as a page.
MACHINE_HEADERS = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", _PERMISSIONS),
    ("Cache-Control", "no-store"),
)


def csp_nonce() -> str:
    """The request's nonce for `<script nonce=…>`; the only way to run a script that is not a file of ours."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    nonce: str = g.csp_nonce
    return nonce


def content_security_policy(nonce: str) -> str:
    """What a page may load: our own files, and pictures made in the page; nothing inline."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data: blob:",
            "media-src 'self'",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def protect(response: Response) -> Response:
    """Add the headers; those that a view has set itself stay."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", content_security_policy(csp_nonce()))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", _PERMISSIONS)
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", HSTS)
    _keep_out_of_caches(response)
    return response


def _keep_out_of_caches(response: Response) -> None:
    if request.endpoint == "static" and response.status_code == 200 and "v" in request.args:
        response.headers["Cache-Control"] = _STATIC_CACHE
    elif response.status_code in {200, 206} and response.headers.get("Cache-Control") == ranged.KEPT:
        return  # a file whose address names its content
    elif request.endpoint != "static" and (g.get("actor") is not None or "Cache-Control" not in response.headers):
        response.headers["Cache-Control"] = "no-store"


def register(app: Flask) -> None:
    """Protect every answer of an application."""
    app.after_request(protect)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
