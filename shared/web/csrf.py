"""Forms come from our own pages only.

Faces with a session use Flask-WTF's token, bound to it. The public face has no session: there a form carries a
signed, expiring token, and the browser's own word about where it comes from (`Origin`, `Sec-Fetch-Site`) decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFProtect
from itsdangerous import BadSignature, URLSafeTimedSerializer

from shared.platform.errors import DomainError
from shared.web.access import guard_of
from shared.web.addresses import parts_of

View = TypeVar("View", bound=Callable[..., Any])
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_SALT = "koi:form"
_LIFETIME_S = 12 * 3600
_EXEMPT = "koi_no_form_token"


class FormExpired(DomainError):
    """A form without a token that is still good."""

    code = "form_expired"
    status = 400


class CrossSite(DomainError):
    """A form that another site sent."""

    code = "cross_site"
    status = 403


def protect_session_forms(app: Flask) -> None:
    """Check Flask-WTF's token on every form; it lives as long as the session."""
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    CSRFProtect(app)


def without_form_token(view: View) -> View:
    """Let a view of the public face take bodies that no browser form sent: it asks for an API token itself."""
    setattr(view, _EXEMPT, True)
    return view


def protect_stateless_forms(app: Flask) -> None:
    """Check forms of a face that has no session."""
    app.config["WTF_CSRF_ENABLED"] = False
    app.before_request(_check_stateless)
    app.jinja_env.globals["csrf_token"] = stateless_token


def stateless_token() -> str:
    """A token for a form of the public face."""
    return _signer().dumps("form")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=_SALT)


def _check_stateless() -> None:
    if request.method in _SAFE or request.endpoint is None:
        return
    view = current_app.view_functions[request.endpoint]
    if guard_of(view) is None or getattr(view, _EXEMPT, False):
        return
    if not _same_site():
        raise CrossSite
    try:
        _signer().loads(request.form.get("csrf_token", ""), max_age=_LIFETIME_S)
    except BadSignature:
        raise FormExpired from None


def _same_site() -> bool:
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        return fetched_from in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or parts_of(origin).netloc == request.host
