"""Headquarters' portal, put together."""

from __future__ import annotations

from flask import Blueprint, Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy import Engine

from shared.identity import passwords, realms, web
from shared.identity.code_views import bp as codes
from shared.identity.permissions import Permission
from shared.identity.persona_views import bp as personas
from shared.identity.views import bp as account
from shared.notifications.choice_views import bp as choices
from shared.platform.settings import HqSettings
from shared.sms.codes import Codes
from shared.web import home
from shared.web.face import Face, create_face
from shared.web.nav import Item, Section

_UPLOAD_LIMIT = 104 * 1024 * 1024  # a video of 100 MB in its form


def create_hq_app(settings: HqSettings, *, engine: Engine | None = None) -> Flask:
    """Build the portal; `engine` instead of one for the settings' address."""
    app = create_face(_face(), settings, cookie_key=settings.cookie_key, engine=engine)
    app.extensions["koi_keys"] = settings.keys
    app.extensions["koi_codes"] = Codes(app.extensions["koi_engine"], settings.keys.sms)
    if settings.embedded:
        from hq.design.views import show_in

        show_in(app)
    web.register(app, realms.HQ, settings.keys.blind)
    passwords.warm_up()
    return app


def _face() -> Face:
    return Face(
        name="hq",
        package="hq",
        layout="layouts/hq.html",
        bare_layout="layouts/hq_bare.html",
        blueprints=_blueprints(),
        catalogs=("shared", "content_library", "hq"),
        menu=_menu(),
        search="leads.leads_find",
        load_actor=web.load_actor,
        body_limit=_UPLOAD_LIMIT,
    )


def _blueprints() -> tuple[Blueprint, ...]:
    from hq.admin import person_views  # noqa: F401  its views belong to the staff's
    from hq.admin.audit_views import bp as audit
    from hq.admin.bulk_views import bp as bulk
    from hq.admin.staff_views import bp as staff
    from hq.admin.users_views import bp as users
    from hq.admin.work_views import bp as work
    from hq.analytics.views import bp as overview
    from hq.campaigns.face_views import bp as campaigns
    from hq.contacts.joining_views import bp as joining
    from hq.contacts.views import bp as contacts
    from hq.content.views import bp as content
    from hq.desk.views import bp as waiting
    from hq.intake.imports.views import bp as imports
    from hq.leads.by_hand_views import bp as by_hand
    from hq.leads.desk_views import bp as desk
    from hq.leads.views import bp as leads
    from hq.network.dealer_views import bp as dealers
    from hq.network.edit_views import bp as store_edit
    from hq.network.fairness.views import bp as fairness
    from hq.network.load_views import bp as load
    from hq.network.price_views import bp as prices
    from hq.network.series_views import bp as series
    from hq.network.territories.views import bp as territories
    from hq.network.views import bp as network
    from hq.notices import sent_views, settings_views  # noqa: F401  their views belong to the notices'
    from hq.notices.views import bp as notices
    from hq.qualification.lists.views import bp as lists
    from hq.qualification.quarantine import precision_views  # noqa: F401  its views belong to the desk's
    from hq.qualification.quarantine.views import bp as quarantine
    from hq.qualification.rescore.views import bp as rescore
    from hq.replay.views import bp as replays
    from hq.rules import (  # noqa: F401  their views belong to the rules'
        act_views,
        card_views,
        edit_views,
        fit_views,
        threshold_views,
    )
    from hq.rules.views import bp as rules
    from hq.signups.views import bp as signups

    return (
        home.bp,
        account,
        codes,
        personas,
        choices,
        overview,
        leads,
        by_hand,
        desk,
        waiting,
        quarantine,
        signups,
        contacts,
        joining,
        imports,
        content,
        network,
        load,
        store_edit,
        dealers,
        series,
        territories,
        fairness,
        prices,
        campaigns,
        rules,
        lists,
        replays,
        rescore,
        users,
        staff,
        bulk,
        audit,
        work,
        notices,
    )


def _menu() -> tuple[Section, ...]:
    may = Permission
    return (
        Section("", (Item("overview.index", _l("Overview"), "layout-dashboard", may.OVERVIEW_READ),)),
        Section(
            _l("Leads"),
            (
                Item("leads.index", _l("Leads"), "users", may.LEADS_READ, also=("by_hand",)),
                Item("signups.index", _l("Sign-ups"), "writing-sign", may.SIGNUPS_READ),
                Item("contacts.index", _l("Customers"), "address-book", may.CONTACTS_READ, also=("joining",)),
                Item("imports.index", _l("Imports"), "file-import", may.IMPORTS_READ),
            ),
        ),
        Section(
            _l("Workbench"),
            (
                Item("quarantine.index", _l("Quarantine"), "shield-search", may.SCREENING_DECIDE),
                Item("desk.index", _l("Assignment desk"), "route", may.LEADS_ASSIGN, also=("waiting",)),
                Item("fairness.index", _l("Fairness"), "scale", may.STORES_READ, also=("prices",)),
                Item(
                    "rules.index",
                    _l("Decision rules"),
                    "adjustments",
                    may.RULES_READ,
                    also=("replays", "rescore"),
                ),
                Item("lists.index", _l("Lists"), "list-numbers", may.SCREENING_DECIDE),
            ),
        ),
        Section(
            _l("Content and network"),
            (
                Item("content.index", _l("Content"), "photo", may.CONTENT_READ),
                Item("network.index", _l("Stores"), "building-store", may.STORES_READ, also=("store_edit", "series")),
                Item("load.index", _l("Tomorrow's load"), "clock", may.STORES_READ),
                Item("dealers.index", _l("Dealers"), "building", may.STORES_READ),
                Item("territories.index", _l("Territories"), "map-pin", may.STORES_READ),
                Item("campaigns.index", _l("Campaigns"), "gift", may.CAMPAIGNS_READ),
            ),
        ),
        Section(
            _l("Administration"),
            (
                Item("users.index", _l("Users"), "user-cog", may.USERS_READ),
                Item("staff.index", _l("Store staff"), "address-book", may.STAFF_READ, also=("bulk",)),
                Item("audit.index", _l("Audit log"), "history", may.AUDIT_READ),
                Item("notices.settings", _l("Notifications"), "bell", may.NOTIFICATIONS_WRITE),
                Item("work.index", _l("Work queue"), "activity", may.WORK_READ),
            ),
        ),
    )
