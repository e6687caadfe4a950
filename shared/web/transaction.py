"""One transaction per request, opened when it is first needed and closed by the shell.

`g.session` and `g.now` open it; views and services never commit. A request that succeeds commits before its answer
leaves; one that ends in an error rolls back. A view that is marked `@again_after_deadlock` is called once more when
the database ended its transaction because it and another one, often a worker's batch, waited for each other.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from copy import deepcopy
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import structlog
from flask import Flask, Response, current_app, g, has_request_context, request, session
from flask.ctx import _AppCtxGlobals
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.db.races import in_the_way
from shared.db.session import now_of, unit_of_work
from shared.platform.logs import scrub
from shared.web import express

_log = structlog.get_logger("koi.web")
_OPEN = "_unit_of_work"
_LAZY = frozenset({"session", "now"})
_AGAIN = "koi_again"
_PAUSES_S: Final = (0.05, 0.2)  # before the second and the third time
View = TypeVar("View", bound=Callable[..., Any])


class _Abandoned(Exception):
    """Thrown into a unit of work to roll it back."""


class RequestGlobals(_AppCtxGlobals):
    """`flask.g`, whose `session` and `now` open the request's transaction on first use."""

    def __getattr__(self, name: str) -> Any:
        if name in _LAZY and has_request_context():
            actor = self.__dict__.get("actor")
            begin(actor.dealer_id if actor is not None else None)
            return self.__dict__[name]
        raise AttributeError(name)


class FaceApp(Flask):
    """A Flask application whose requests are transactions."""

    app_ctx_globals_class = RequestGlobals

    def full_dispatch_request(self) -> Response:
        """Answer the request, in the express lane where its view is marked so."""
        answer = express.answer(self)
        return answer if answer is not None else super().full_dispatch_request()

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer the request and commit; an error while committing is the request's error."""
        view = self.view_functions.get(request.endpoint or "")
        pauses = list(_PAUSES_S) if getattr(view, _AGAIN, False) else []
        before = deepcopy(dict(session)) if pauses else {}
        while True:
            try:
                return self._answer()
            except DBAPIError as error:
                if not pauses or not in_the_way(error):
                    raise
            _log.info("again_after_deadlock", endpoint=request.endpoint, request_id=g.get("request_id"))
            session.clear()  # notes of what did not happen
            session.update(before)
            time.sleep(pauses.pop(0))

    def _answer(self) -> ResponseReturnValue:
        try:
            answer = super().dispatch_request()
        except BaseException:
            end(keep=False)  # at once: the error page may read with a fresh transaction
            raise
        end(keep=_succeeded(answer))
        return answer

    def log_exception(self, exc_info: Any) -> None:
        """Log a mistake of ours with the request's number, and without the phone numbers its message may hold."""
        trace = "".join(traceback.format_exception(*exc_info))
        _log.error("unforeseen", request_id=g.get("request_id"), exception=scrub(trace))


def again_after_deadlock(view: View) -> View:
    """Mark a view that may be called again after its transaction was rolled back: all that it does is in the request's
    transaction, waits for its commit, or is a note for the next page. It sends nothing to other systems and writes no
    files."""
    setattr(view, _AGAIN, True)
    return view


def engine() -> Engine:
    """The engine of the face that answers this request, or the one that its blueprint has put into `g.engine`."""
    found: Engine = g.get("engine") or current_app.extensions["koi_engine"]
    return found


def begin(dealer_id: UUID | None = None) -> Session:
    """Open the request's transaction (for a tenant), rolling back one that is open already.

    Returns:
        the session, which is `g.session` from now on.
    """
    end(keep=False)
    unit = unit_of_work(engine(), dealer_id=dealer_id)
    session = unit.__enter__()
    g._unit_of_work = unit
    g.session = session
    g.now = now_of(session)
    return session


def end(*, keep: bool) -> None:
    """Close the request's transaction, if one is open: commit it, or roll it back."""
    unit: AbstractContextManager[Session] | None = g.pop(_OPEN, None)
    if unit is None:
        return
    g.pop("session")
    if keep:
        unit.__exit__(None, None, None)
    else:
        unit.__exit__(_Abandoned, _Abandoned(), None)


def abandon(_error: BaseException | None = None) -> None:
    """Roll back whatever is still open when the request is over."""
    end(keep=False)


def now() -> datetime:
    """The time of the request, as the database sees it; aware."""
    moment: datetime = g.now
    return moment


def _succeeded(answer: ResponseReturnValue) -> bool:
    status = getattr(answer, "status_code", None)
    if status is None and isinstance(answer, tuple):
        status = next((part for part in answer[1:] if isinstance(part, int)), 200)
    return (status or 200) < 400
