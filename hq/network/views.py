"""Headquarters' pages about stores."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.network import queries, service
from hq.network.queries import StoreFilter
from shared.dealers.hours import WeeklyHours
from shared.dealers.models import STORE_STATES
from shared.identity.permissions import Permission
from shared.regions import divisions
from shared.web import paging
from shared.web.access import requires
from shared.web.arguments import one_of
from shared.web.words import tell
from shared.work.doorbell import ring_after_commit

bp = Blueprint("network", __name__, url_prefix="/stores", template_folder="templates")

tell("store.active", _l("Taking leads"))
tell("store.paused", _l("Paused"))
tell("store.closed", _l("Closed"))


@bp.get("")
@requires(Permission.STORES_READ)
def index() -> ResponseReturnValue:
    """The list; its filters live in the address."""
    wanted = StoreFilter(
        words=request.args.get("q", "").strip() or None,
        status=one_of("status", STORE_STATES),
        late=request.args.get("late") == "1",
    )
    page = queries.page(g.session, wanted, after=paging.wanted(), now=g.now)
    places = divisions.names_of({code for line in page.items for code in (line.province_code, line.city_code) if code})
    return render_template("network/index.html", page=page, wanted=wanted, states=STORE_STATES, places=places)


@bp.get("/<uuid:store_id>")
@requires(Permission.STORES_READ)
def show(store_id: UUID) -> ResponseReturnValue:
    """One store."""
    page = queries.one(g.session, store_id, now=g.now)
    store = page.store
    codes = [code for code in (store.province_code, store.city_code, store.county_code) if code]
    return render_template(
        "network/show.html",
        page=page,
        store=store,
        place=" ".join(divisions.names_of(dict.fromkeys(codes)).values()),
        hours=WeeklyHours.from_json(store.hours).to_json(),
    )


@bp.post("/<uuid:store_id>/status")
@requires(Permission.STORES_WRITE)
def set_status(store_id: UUID) -> ResponseReturnValue:
    """Pause a store, or open it again."""
    status = request.form.get("status", "")
    service.set_status(g.session, store_id=store_id, status=status, actor=g.actor, now=g.now)
    ring_after_commit(g.session, "hq.route")
    flash(_("The store is paused. It keeps what it holds.") if status == "paused" else _("The store is open."), "ok")
    return redirect(url_for(".show", store_id=store_id), 303)
