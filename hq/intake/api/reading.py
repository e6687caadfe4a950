"""A request as a sign-up at the door: its headers and its body, checked."""

from __future__ import annotations

import re
from hashlib import sha256

from flask import Request
from pydantic import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from hq.intake.api.body import SignupBody, contradictions, submission_of
from hq.intake.api.problems import field_problem, problem
from shared.signups.reception import Envelope
from shared.signups.submission import Submission

#: Largest body, bytes; a sign-up has about 800.
BODY_LIMIT = 64 * 1024
_DRAINED = 8 * 1024 * 1024
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_BEARER = "bearer "


def token_hash(request: Request) -> bytes:
    """SHA-256 of the token in `Authorization: Bearer …`.

    Raises:
        ApiProblem: bad_token.
    """
    header = request.headers.get("Authorization", "")
    token = header[len(_BEARER) :].strip()
    if header[: len(_BEARER)].lower() != _BEARER or not token:
        raise problem("bad_token")
    return sha256(token.encode("utf-8", "surrogateescape")).digest()


def signup(request: Request, code: str, token: bytes) -> tuple[Submission, Envelope]:
    """The sign-up that a request brings; `token` is what `token_hash` gave.

    Raises:
        ApiProblem: key_missing, key_unusable, json_needed, body_unreadable or body_invalid.
        RequestEntityTooLarge: more than `BODY_LIMIT`.
    """
    if not code.isprintable():  # PostgreSQL refuses NUL
        raise problem("campaign_unknown")
    raw = _body(request)
    key = _key(request)
    if request.mimetype != "application/json":
        raise problem("json_needed")
    body = parse(raw)
    said = body.consents
    return submission_of(body), Envelope(
        token_hash=token,
        campaign_code=code,
        key=key,
        body=raw,
        marketing_version=said.marketing_version if said.marketing else None,
        share_version=said.share_with_dealer_version if said.share_with_dealer else None,
    )


def _body(request: Request) -> bytes:
    """The body. Of one that is too large as much is read as lets its sender hear the answer before we hang up."""
    stream = request.environ["wsgi.input"]
    if (request.content_length or 0) > BODY_LIMIT:
        left = min(request.content_length or 0, _DRAINED)
        while left > 0 and (piece := stream.read(min(left, BODY_LIMIT))):
            left -= len(piece)
        raise RequestEntityTooLarge
    request.max_content_length = BODY_LIMIT + 1  # a chunked body is cut there
    raw = request.get_data(cache=False)
    if len(raw) > BODY_LIMIT:
        raise RequestEntityTooLarge
    return raw


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise problem("key_missing")
    if _KEY.fullmatch(key) is None:
        raise problem("key_unusable")
    return key


def parse(raw: bytes) -> SignupBody:
    """The body.

    Raises:
        ApiProblem: body_unreadable (no JSON), or body_invalid with every field that is wrong.
    """
    try:
        body = SignupBody.model_validate_json(raw)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        if found[0]["type"] == "json_invalid":
            raise problem("body_unreadable") from None
        raise problem("body_invalid", map(field_problem, found)) from None
    if wrong := contradictions(body):
        raise problem("body_invalid", ((pointer, code, {}) for pointer, code in wrong))
    return body
