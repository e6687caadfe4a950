"""A visit to the page of one's own: a signed cookie that ends by itself after 15 minutes. There is no account."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

COOKIE = "koi_me"
MINUTES = 15
_PATH = "/me"


@dataclass(frozen=True, slots=True)
class Visit:
    """Whoever typed the code in has the phone with this index; `masked` is what the page calls it."""

    phone_bidx: bytes
    masked: str


def current() -> Visit | None:
    """The visit that the request belongs to."""
    try:
        bidx, masked = _signer().loads(request.cookies.get(COOKIE, ""), max_age=MINUTES * 60)
        return Visit(bytes.fromhex(bidx), str(masked))
    except (BadSignature, ValueError, TypeError):
        return None


def begin(response: Response, visit: Visit) -> Response:
    """Let the visit begin."""
    response.set_cookie(
        COOKIE,
        _signer().dumps([visit.phone_bidx.hex(), visit.masked]),
        max_age=MINUTES * 60,
        path=_PATH,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )
    return response


def end(response: Response) -> Response:
    """Let it end."""
    response.delete_cookie(COOKIE, path=_PATH, httponly=True, samesite="Strict", secure=request.is_secure)
    return response


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="koi:me")
