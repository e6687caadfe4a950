"""How often something may be tried: counted in Redis, in memory while Redis is away."""

from __future__ import annotations

from flask import Flask, current_app, request
from flask_limiter import Limiter

_UNIX = "unix://"


def address() -> str:
    """The caller's address, as the trusted proxies report it, counted per face."""
    return f"{current_app.config['KOI_FACE']}:{request.remote_addr or 'unknown'}"


#: One for all faces of the process; keys name the face.
limiter = Limiter(key_func=address, default_limits=[], in_memory_fallback_enabled=True)


def register(app: Flask) -> None:
    """Count for an application, in its Redis."""
    app.config["RATELIMIT_STORAGE_URI"] = storage_uri(app.config["KOI_REDIS_URL"])
    app.config["RATELIMIT_KEY_PREFIX"] = "koi:limit"
    app.config["RATELIMIT_HEADERS_ENABLED"] = False
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}
    limiter.init_app(app)


def storage_uri(redis_url: str) -> str:
    """The address in the form that `limits` reads; memory when there is none."""
    if not redis_url:
        return "memory://"
    return f"redis+{redis_url}" if redis_url.startswith(_UNIX) else redis_url
