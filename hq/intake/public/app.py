"""The public face, put together: campaign pages, a person's own page and the mini-program API.

It has no session (the own page has a short cookie) and imports only shared.
"""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine, event

from shared.db.session import make_engine
from shared.platform.settings import PublicSettings
from shared.signups.reception import Reception
from shared.sms.codes import Codes
from shared.web import mounts
from shared.web.access import public
from shared.web.face import Face, create_face

_BODY_LIMIT = 64 * 1024
_PERSON_CONNECTIONS = 3
home = Blueprint("home", __name__)


def create_public_app(settings: PublicSettings, *, engine: Engine | None = None) -> Flask:
    """Build the face; `engine` instead of one for the settings' address."""
    app = create_face(_face(), settings, cookie_key=settings.cookie_key, engine=engine)
    app.extensions["koi_keys"] = settings.keys
    app.extensions["koi_codes"] = Codes(app.extensions["koi_engine"], settings.keys.sms)
    app.extensions["koi_person_engine"] = _person_engine(app.extensions["koi_engine"], settings)
    app.extensions["koi_reception"] = Reception(app.extensions["koi_engine"], settings.keys)
    return app


def _person_engine(engine: Engine, settings: PublicSettings) -> Engine:
    """Connections for the page of one's own; they end with those of the face."""
    made = make_engine(settings.person_url, pool_size=_PERSON_CONNECTIONS)
    event.listen(engine, "engine_disposed", lambda _engine: made.dispose())
    return made


def _face() -> Face:
    return Face(
        name="public",
        package="hq.intake.public",
        layout="layouts/public.html",
        bare_layout="layouts/public.html",
        blueprints=_blueprints(),
        catalogs=("shared", "hq"),
        body_limit=_BODY_LIMIT,
    )


def _blueprints() -> tuple[Blueprint, ...]:
    from hq.intake.api.views import bp as api
    from hq.intake.public.me.views import bp as me
    from hq.intake.public.views import bp as campaign

    return (home, api, campaign, me)


@home.get("/")
@public
def index() -> ResponseReturnValue:
    """The ways in."""
    base_url = current_app.config["KOI_BASE_URL"]
    return render_template(
        "public/home.html",
        hq=mounts.portal_address(base_url, mounts.HQ),
        dealer=mounts.portal_address(base_url, mounts.DEALER),
    )
