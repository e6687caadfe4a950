"""`/healthz` (the process answers), `/readyz` (so do its servers), `/metrics` (not for the world)."""

from __future__ import annotations

import hmac
import ipaddress

import redis
from flask import Blueprint, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound

from shared.db.heads import is_up_to_date
from shared.web import metrics as figures
from shared.web import transaction
from shared.web.access import public

bp = Blueprint("health", __name__)
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
_REDIS_TIMEOUT_S = 0.2


@bp.get("/healthz")
@public
def healthz() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """The database answers, and is as new as this code. Redis' absence is named, but only makes things slower."""
    database = _database()
    answer = jsonify(database=database, redis="up" if _redis_answers() else "down")
    return answer, 200 if database == "up" else 503


@bp.get("/metrics")
@public
def metrics() -> Response:
    """Figures, for the machine itself or with KOI_METRICS_TOKEN as bearer.

    Raises:
        NotFound: for everybody else.
    """
    if not _may_measure():
        raise NotFound
    return Response(figures.exposition(), content_type=CONTENT_TYPE_LATEST)


def _may_measure() -> bool:
    token: str = current_app.config["KOI_METRICS_TOKEN"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token:
        return hmac.compare_digest(given.encode(), token.encode())
    peer = request.environ.get("werkzeug.proxy_fix.orig", {}).get("REMOTE_ADDR") or request.remote_addr or ""
    forwarded = any(header in request.headers for header in _FORWARDED)
    return not forwarded and _is_loopback(peer)


def _is_loopback(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False


def _database() -> str:
    try:
        with transaction.engine().connect() as connection:
            return "up" if is_up_to_date(connection) else "behind"
    except SQLAlchemyError:
        return "down"


def _redis_answers() -> bool:
    url = current_app.config["KOI_REDIS_URL"]
    try:
        with redis.Redis.from_url(url, socket_timeout=_REDIS_TIMEOUT_S, socket_connect_timeout=_REDIS_TIMEOUT_S) as it:
            return bool(it.ping())
    except redis.RedisError:
        return False
