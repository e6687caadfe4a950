"""The factory that all three faces share: what differs comes in as a `Face`, what is common is here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, request
from flask.sessions import SecureCookieSessionInterface, SessionInterface, SessionMixin
from flask_babel import Babel
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.db.session import make_engine
from shared.web import (
    access,
    bodies,
    catalogs,
    compress,
    csrf,
    errors,
    filters,
    health,
    limits,
    locale,
    nav,
    notes,
    request_ids,
    request_log,
    security,
    theme,
    transaction,
    vocabulary,
)

if TYPE_CHECKING:
    from flask import Request, Response

    from shared.platform.settings import FaceSettings

_TEMPLATES = Path(__file__).parent / "templates"
_SESSION_LIFETIME = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What makes a face different.

    Attributes:
        name: `hq`, `dealer` or `public`; also names its cookie.
        package: top package with the face's `templates` folder.
        layout: template of its pages; bare_layout: of pages for people who are not signed in.
        blueprints: its features.
        catalogs: top packages whose translations it speaks.
        menu: its navigation; search: endpoint that its search field posts `q` to.
        load_actor: finds out who is signed in and sets `g.actor`; None for a face without session.
        body_limit: largest request body, bytes.
    """

    name: str
    package: str
    layout: str
    bare_layout: str
    blueprints: Sequence[Blueprint]
    catalogs: Sequence[str]
    menu: Sequence[nav.Section] = ()
    search: str | None = None
    load_actor: Callable[[], None] | None = None
    body_limit: int = 2 * 1024 * 1024


class PathSession(SecureCookieSessionInterface):
    """A signed session cookie that belongs to the path where the face is mounted."""

    def get_cookie_path(self, app: Flask) -> str:
        """The face's mount point, `/hq`, or `/` on a host of its own."""
        return request.script_root or "/"

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep the session, but not with a built file: that is everybody's, and caches may hold it."""
        if request.endpoint != "static":
            super().save_session(app, session, response)


class NoSession(SessionInterface):
    """No session at all: reading gives nothing, writing is a mistake."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        """Open a session that refuses to be written."""
        return self.make_null_session(app)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep nothing."""


def create_face(
    face: Face,
    settings: FaceSettings,
    *,
    cookie_key: bytes,
    engine: Engine | None = None,
    extensions: Mapping[str, Any] | None = None,
) -> Flask:
    """Build a face.

    Args:
        face: what makes it different.
        settings: what it may know.
        cookie_key: signs its cookie.
        engine: instead of one for `settings.database_url`, for tests.
        extensions: what its features find in `app.extensions`, such as keys and files.
    """
    app = transaction.FaceApp(face.package, static_folder=None)
    _configure(app, face, settings, cookie_key)
    app.extensions["koi_engine"] = engine or make_engine(settings.database_url)
    app.extensions["koi_settings"] = settings
    app.extensions.update(extensions or {})
    _prepare_templates(app, face)
    _prepare_texts(app, face)
    _prepare_requests(app, face)
    for blueprint in (health.bp, *face.blueprints):
        app.register_blueprint(blueprint)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, face: Face, settings: FaceSettings, cookie_key: bytes) -> None:
    app.config.update(
        SECRET_KEY=cookie_key,
        SESSION_COOKIE_NAME=f"koi_{face.name}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=_SESSION_LIFETIME,
        # A slow answer must not bring back the cookie as it was before a faster one; sign-ins end by their rows.
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=face.body_limit,
        MAX_FORM_MEMORY_SIZE=min(face.body_limit, bodies.FIELDS_LIMIT),
        MAX_FORM_PARTS=2000,
        KOI_FACE=face.name,
        KOI_LAYOUT=face.layout,
        KOI_BARE_LAYOUT=face.bare_layout,
        KOI_REDIS_URL=settings.redis_url,
        KOI_METRICS_TOKEN=settings.metrics_token,
        KOI_TRUSTED_PROXIES=settings.trusted_proxies,
        KOI_BASE_URL=settings.base_url,
        KOI_SMS=settings.sms,
        KOI_MAIL=settings.mail,
        KOI_EMBEDDED=settings.embedded,
    )
    app.session_interface = PathSession() if face.load_actor else NoSession()
    app.url_map.strict_slashes = False
    app.static_folder = str(filters.DIST)
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=access.public(_static))


def _static(filename: str) -> Response:
    return compress.send_built(filters.DIST, filename)


def _prepare_templates(app: Flask, face: Face) -> None:
    folders = [Path(app.root_path) / "templates", _TEMPLATES]
    app.jinja_loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    filters.register(app)
    nav.register(app, face.menu, face.search)
    notes.register(app)
    theme.register(app)


def _prepare_texts(app: Flask, face: Face) -> None:
    vocabulary.teach()
    folders = catalogs.built(face.catalogs)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(str(folder) for folder in folders)
    Babel(app, default_locale=locale.DEFAULT, default_timezone="Asia/Shanghai", locale_selector=locale.select)
    app.after_request(locale.remember)


def _prepare_requests(app: Flask, face: Face) -> None:
    app.before_request(request_ids.give)
    request_log.register(app, face.name)
    if face.load_actor:
        app.before_request(face.load_actor)
    app.before_request(access.check)
    app.before_request(bodies.limit)
    if face.load_actor:
        csrf.protect_session_forms(app)
    else:
        csrf.protect_stateless_forms(app)
    limits.register(app)
    compress.register(app)
    security.register(app)
    app.after_request(request_ids.show)
    app.teardown_request(transaction.abandon)
    errors.register(app)
