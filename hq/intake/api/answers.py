"""What the API answers: bodies, and problems as `application/problem+json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Never

from flask import Response

from hq.intake.api.body import Accepted as AcceptedBody
from hq.intake.api.body import CampaignAnswer
from hq.intake.api.problems import ApiProblem, problem, sentence
from shared.signups.acceptance import Accepted, Refused
from shared.web import errors

_JSON = "application/json"
_IN_BODY = {
    "consent_version_unknown": "version_unknown",
    "occurred_in_future": "in_future",
}
_CONSENT_FIELDS = {
    "marketing": "/consents/marketing_version",
    "share": "/consents/share_with_dealer_version",
}


def accepted(result: Accepted | Refused) -> Response:
    """202 with the sign-up's id; the same for a repeated sending.

    Raises:
        ApiProblem: it was refused.
    """
    if isinstance(result, Refused):
        refuse(result)
    body = AcceptedBody(id=result.signup_id, received_at=result.received_at).model_dump_json()
    response = Response(body, 202, content_type=_JSON)
    if result.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def refuse(refused: Refused) -> Never:
    """Say why the database stored nothing.

    Raises:
        ApiProblem: always.
    """
    code = _IN_BODY.get(refused.code)
    if code is None:
        raise problem(refused.code)
    raise problem("body_invalid", [(_CONSENT_FIELDS.get(refused.field, "/occurred_at"), code, {})])


def campaign(answer: CampaignAnswer) -> Response:
    """200 with the campaign; never from a cache, since texts change."""
    response = Response(answer.model_dump_json(), 200, content_type=_JSON)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept-Language"
    return response


def as_problem(error: ApiProblem) -> Response:
    """A refusal as problem+json."""
    fields = [{"pointer": at, "code": code, "detail": sentence(code, shown)} for at, code, shown in error.fields]
    headers = {"WWW-Authenticate": 'Bearer realm="koi"'} if error.http_status == 401 else {}
    return errors.answer(errors.Problem(error.problem, error.http_status, {"errors": fields}, headers))


def as_busy(seconds: int) -> Response:
    """503: the same sign-up may be sent again after so many seconds."""
    return errors.answer(errors.Problem("busy", 503, {}, {"Retry-After": str(seconds)}))


def described(document: Mapping[str, Any]) -> Response:
    """200 with the description of the API."""
    return Response(json.dumps(document, ensure_ascii=False, indent=1), 200, content_type=_JSON)
