"""Errors as answers: a page, or `application/problem+json` (RFC 9457) for machines, each with its status."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from shared.platform.errors import DomainError
from shared.web import request_ids, transaction, words
from shared.web.access import SignInNeeded
from shared.web.addresses import parts_of
from shared.web.formats import duration
from shared.web.locale import language

_log = structlog.get_logger("koi.web")
_CODES = {
    400: "bad_request",
    401: "sign_in_needed",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported",
    429: "too_many_requests",
    500: "unexpected",
    503: "unavailable",
}
# A NUL in a text (psycopg says so itself, without a state), a number or a time out of all range.
_UNSTORABLE = frozenset({None, "22003", "22008", "22021"})
#: What pages put into forms themselves: ids, codes and numbers. Nobody wrote these.
_CODE = re.compile(r"[a-z0-9_.:-]+")
_NEVER_SHOWN = ("csrf", "password", "token", "phone", "login")
_LAST_RESORT = (
    "<!doctype html><html lang=zh><meta charset=utf-8><title>Koi</title>"
    "<h1>系统这边出了点问题</h1><p>已经记下了，没有改动任何内容。编号 {id}</p>"
    "<p>Something went wrong on our side. Nothing was changed.</p>"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, ready to be said. `headers` are for the answer, such as Retry-After."""

    code: str
    status: int
    params: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def wants_problem_json() -> bool:
    """Whether the caller is a program: it calls the API or prefers JSON."""
    if request.path.startswith("/api/"):
        return True
    kinds = ["text/html", "application/problem+json", "application/json"]
    return request.accept_mimetypes.best_match(kinds, "text/html") != "text/html"


def answer(problem: Problem) -> Response:
    """The problem as a page or as problem+json."""
    response = _as_json(problem) if wants_problem_json() else _as_page(problem)
    response.status_code = problem.status
    response.headers.extend(dict(problem.headers))
    return response


def _as_json(problem: Problem) -> Response:
    body = {
        "type": f"urn:koi:problem:{problem.code}",
        "title": words.say(problem.code, problem.params),
        "status": problem.status,
        "detail": words.advise(problem.code, problem.params),
        "code": problem.code,
        "request_id": request_ids.request_id(),
        **{name: value for name, value in problem.params.items() if name not in {"type", "title", "status", "code"}},
    }
    response = make_response(current_app.json.dumps(body))
    response.mimetype = "application/problem+json"
    return response


def _as_page(problem: Problem) -> Response:
    kept = _kept_input() if request.method == "POST" and problem.status != 413 else {}
    return make_response(
        render_template(
            "web/error.html",
            problem=problem,
            title=words.say(problem.code, problem.params),
            advice=words.advise(problem.code, problem.params),
            kept=kept,
            back=_way_back(problem),
            sign_in=_sign_in_address() if problem.code == "sign_in_needed" else None,
            layout=current_app.config["KOI_LAYOUT" if g.get("actor") else "KOI_BARE_LAYOUT"],
        )
    )


def _kept_input() -> dict[str, str]:
    return {
        name: value
        for name, value in request.form.items()
        if value.strip() and not _CODE.fullmatch(value) and not any(part in name.lower() for part in _NEVER_SHOWN)
    }


def here() -> str:
    """The address of this request within the site, to come back to."""
    return request.script_root + (request.full_path if request.query_string else request.path)


def _way_back(problem: Problem) -> str:
    """Where to go on: the same page where trying again may help, else the one before."""
    if problem.status >= 500:
        return _came_from()
    before = referring_path()
    return before if before and before != here() else f"{request.script_root}/"


def _came_from() -> str:
    """The page the reader was on: this one for a GET, else the page that sent the form."""
    if request.method == "GET":
        return here()
    return referring_path() or f"{request.script_root}/"


def referring_path() -> str | None:
    """The path of the page of ours that led here; a link to a path with two slashes would lead to another host."""
    parts = parts_of(request.referrer)
    if parts.netloc != request.host or not parts.path.startswith("/") or parts.path.startswith("//"):
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _sign_in_address() -> str | None:
    if "account.sign_in_page" not in current_app.view_functions:
        return None
    return url_for("account.sign_in_page", next=_came_from())


def _for_domain(error: DomainError) -> Response:
    if isinstance(error, SignInNeeded) and request.method == "GET" and not wants_problem_json():
        return _to_sign_in()
    if error.status >= 500:
        _log.error("refused", code=error.code, request_id=request_ids.request_id())
    return answer(Problem(error.code, error.status, error.params))


def _to_sign_in() -> Response:
    target = _sign_in_address() or f"{request.script_root}/"
    by_htmx = "HX-Request" in request.headers
    response = make_response("", 204 if by_htmx else 303)
    response.headers["HX-Redirect" if by_htmx else "Location"] = target
    return response


def _for_http(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return make_response(error.get_response())
    headers = {}
    if error.code == 405:
        headers["Allow"] = dict(error.get_headers()).get("Allow", "")
    code = _CODES.get(error.code or 500, "refused")
    return answer(Problem(code, error.code or 500, {}, headers))


def _for_limit(error: RateLimitExceeded) -> Response:
    seconds = error.limit.limit.get_expiry()
    wait = duration_words(seconds)
    return answer(Problem("too_many_requests", 429, {"wait": wait}, {"Retry-After": str(seconds)}))


def duration_words(seconds: int) -> str:
    """A waiting time in the reader's language."""
    return duration(timedelta(seconds=seconds), language())


def _for_csrf(_error: CSRFError) -> Response:
    return answer(Problem("form_expired", 400))


def _for_database(error: Exception) -> Response:
    _log.error("database_unavailable", error=type(error).__name__, request_id=request_ids.request_id())
    transaction.abandon()
    return answer(Problem("unavailable", 503, {}, {"Retry-After": "5"}))


def _for_clash(error: IntegrityError) -> Response:
    """Two people wrote the same thing at once; the database let one of them."""
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    _log.warning("clash", constraint=constraint, request_id=request_ids.request_id())
    transaction.abandon()
    return answer(Problem("conflict", 409))


def _for_value(error: DataError) -> Response:
    """Something was sent that no column can hold; any other error in a value is a mistake of ours."""
    state = getattr(error.orig, "sqlstate", None)
    if state not in _UNSTORABLE:
        raise error
    _log.warning("value_refused", state=state, request_id=request_ids.request_id())
    transaction.abandon()
    return answer(Problem("bad_request", 400))


def _for_mistake(error: InternalServerError) -> Response:
    """Answer for an error that nobody foresaw; Flask has logged it already."""
    transaction.abandon()
    try:
        return answer(Problem("unexpected", 500))
    except Exception as second:  # noqa: BLE001 (the page that says so is broken itself: say it without templates)
        _log.error("error_page_broken", error=type(second).__name__, original=type(error).__name__)
        return make_response(_LAST_RESORT.format(id=request_ids.request_id()), 500)


def register(app: Flask) -> None:
    """Turn every error of an application into an answer."""
    app.register_error_handler(DomainError, _for_domain)
    app.register_error_handler(RateLimitExceeded, _for_limit)
    app.register_error_handler(CSRFError, _for_csrf)
    app.register_error_handler(HTTPException, _for_http)
    app.register_error_handler(OperationalError, _for_database)
    app.register_error_handler(DataError, _for_value)
    app.register_error_handler(IntegrityError, _for_clash)
    app.register_error_handler(PoolTimeout, _for_database)
    app.register_error_handler(InternalServerError, _for_mistake)
