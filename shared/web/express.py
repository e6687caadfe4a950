"""The express lane: for the few views that programs call by the thousand.

Such a view takes no form, knows no signed-in actor and shows no page, so its request needs none of what the hooks of a
face prepare (form tokens, language, limits, a nonce for scripts). On its way out it gets what every answer has: its
number, the security headers, a log line and a measurement. An error leaves the lane and is answered like any other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, Response
from flask.globals import request_ctx

from shared.web import request_ids, request_log, security

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "koi_express"


def express(view: View) -> View:
    """Answer this view in the express lane. It must be `@public`, check its caller itself
    and give a whole `Response`."""
    setattr(view, _MARK, True)
    return view


def is_express(view: Callable[..., Any]) -> bool:
    """Whether a view is in the express lane."""
    return getattr(view, _MARK, False)


def answer(app: Flask) -> Response | None:
    """The finished answer of this request; None when its view is not in the lane."""
    request = request_ctx.request
    view = app.view_functions.get(request.endpoint or "")
    if view is None or not is_express(view):
        return None
    started = time.perf_counter()
    request_ids.give()
    try:
        response = cast(Response, view(**(request.view_args or {})))
    except Exception as error:  # noqa: BLE001 (what Flask itself does around a view: its handlers decide)
        request_log.start(started)
        return app.finalize_request(app.handle_user_exception(error))
    response.headers.extend(security.MACHINE_HEADERS)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = security.HSTS
    return request_log.finish_express(app.config["KOI_FACE"], request_ids.show(response), started)
