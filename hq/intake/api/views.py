"""`/api`: sign-ups from mini-programs and partners, and the description of this API."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from flask import Blueprint, Response, current_app, g, render_template, request
from flask.globals import request_ctx

from hq.intake.api import answers, queries, reading
from hq.intake.api.openapi import document, example
from hq.intake.api.problems import STATUS, ApiProblem, problem
from shared.signups.door import Busy
from shared.signups.reception import Reception
from shared.web.access import public
from shared.web.csrf import without_form_token
from shared.web.express import express
from shared.web.locale import language

bp = Blueprint("api", __name__, url_prefix="/api", template_folder="templates")
_BEFORE_BODY = frozenset({"bad_token", "campaign_unknown", "campaign_closed", "campaign_not_started"})


@bp.post("/v1/campaigns/<code>/signups")
@express
@without_form_token
@public
def post_signup(code: str) -> Response:
    """Take a sign-up. No unit of work: `Reception` stores it with one statement on a connection of its own."""
    asked = request_ctx.request  # the request itself: each look through Flask's proxy would cost a microsecond
    submission, envelope = reading.signup(asked, code, reading.token_hash(asked))
    return answers.accepted(_reception().take(submission, envelope, now=datetime.now(UTC)))


@bp.get("/v1/campaigns/<code>")
@public
def get_campaign(code: str) -> Response:
    """Say what a campaign is called, whether it is open, and what people are asked to agree to."""
    token = reading.token_hash(request)
    found = queries.campaign(g.session, code, token_hash=token, language=language(), now=g.now)
    return answers.campaign(found)


@bp.get("/openapi.json")
@public
def openapi() -> Response:
    """The description of the API for programs (OpenAPI 3.1)."""
    return answers.described(document(current_app.config["KOI_BASE_URL"]))


@bp.get("/docs")
@public
def docs() -> str:
    """The description for people, and a form to try it."""
    return render_template(
        "api/docs.html", paths=document("")["paths"], problems=STATUS, example=example(), sample_key=uuid4().hex
    )


@bp.errorhandler(ApiProblem)
def _refused(error: ApiProblem) -> Response:
    """Say what is wrong; a caller without a good token or an open campaign learns nothing about its body."""
    if error.problem in _BEFORE_BODY or request.method != "POST":
        return answers.as_problem(error)
    return answers.as_problem(_stands_against() or error)


def _stands_against() -> ApiProblem | None:
    try:
        stands = _reception().door.look(reading.token_hash(request), (request.view_args or {})["code"])
    except Busy:  # it is refused anyway; only the reason is less exact
        return None
    return problem(stands.code) if stands is not None else None


@bp.errorhandler(Busy)
def _busy(error: Busy) -> Response:
    return answers.as_busy(int(str(error.params["retry_after"])))


def _reception() -> Reception:
    found: Reception = current_app.extensions["koi_reception"]
    return found
