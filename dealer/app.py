"""The dealers' portal, put together."""

from __future__ import annotations

from flask import Blueprint, Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy import Engine

from dealer import phrases
from dealer.team import words as team_words
from shared.identity import passwords, realms, web
from shared.identity.code_views import bp as codes
from shared.identity.permissions import Permission
from shared.identity.persona_views import bp as personas
from shared.identity.views import bp as account
from shared.notifications.choice_views import bp as choices
from shared.platform.settings import DealerSettings
from shared.sms.codes import Codes
from shared.web import home
from shared.web.face import Face, create_face
from shared.web.nav import Item, Section


def create_dealer_app(settings: DealerSettings, *, engine: Engine | None = None) -> Flask:
    """Build the portal; `engine` instead of one for the settings' address."""
    app = create_face(_face(), settings, cookie_key=settings.cookie_key, engine=engine)
    app.extensions["koi_keys"] = settings.keys
    app.extensions["koi_codes"] = Codes(app.extensions["koi_engine"], settings.keys.sms)
    web.register(app, realms.DEALER, settings.keys.blind)
    passwords.warm_up()
    phrases.register(app)
    team_words.register(app)
    return app


def _face() -> Face:
    return Face(
        name="dealer",
        package="dealer",
        layout="layouts/dealer.html",
        bare_layout="layouts/dealer_bare.html",
        blueprints=_blueprints(),
        catalogs=("shared", "content_library", "dealer"),
        menu=_menu(),
        load_actor=web.load_actor,
    )


def _blueprints() -> tuple[Blueprint, ...]:
    from dealer.claims.views import bp as claims
    from dealer.content.views import bp as content
    from dealer.followups.views import bp as leads
    from dealer.inbox import notice_views  # noqa: F401  (adds its views to the blueprint)
    from dealer.inbox.views import bp as inbox
    from dealer.installed.views import bp as installed
    from dealer.pool.views import bp as pool
    from dealer.team import give_views, giving_views, hours_views, views  # noqa: F401  (each adds its views to the blueprint)
    from dealer.team.blueprint import bp as store
    from dealer.walkins.views import bp as walkins

    return (home.bp, account, codes, personas, choices, inbox, claims, pool, leads, walkins, content, store, installed)


def _menu() -> tuple[Section, ...]:
    from dealer.inbox.views import offers_waiting

    may = Permission
    return (
        Section(
            "",
            (
                Item("inbox.index", _l("Home"), "home", may.ASSIGNMENTS_READ, offers_waiting, ("claims", "pool")),
                Item("leads.index", _l("Leads"), "users", may.ASSIGNMENTS_READ, also=("walkins",)),
                Item("content.index", _l("Content"), "photo", may.CONTENT_READ),
                Item("store.index", _l("Store"), "building-store", may.DASHBOARD_READ),
            ),
        ),
    )
