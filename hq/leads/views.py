"""Headquarters' pages about leads."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from hq.leads import lead_page, queries, telling
from hq.leads.lead_list import LEADS
from shared.identity.permissions import Permission
from shared.web import tables
from shared.web.access import requires
from shared.web.arguments import uuids_of

bp = Blueprint("leads", __name__, url_prefix="/leads", template_folder="templates")
telling.register(bp)

tables.serve(bp, LEADS)


@bp.get("")
@requires(Permission.LEADS_READ)
def index() -> ResponseReturnValue:
    """The list; what it shows lives in the address."""
    return render_template("leads/index.html", table=tables.read(LEADS))


@bp.get("/<uuid:lead_id>")
@requires(Permission.LEADS_READ)
def show(lead_id: UUID) -> ResponseReturnValue:
    """One lead with its whole story."""
    return lead_page.render(lead_id)


@bp.get("/<uuid:lead_id>/stores")
@requires(Permission.LEADS_ASSIGN)
def stores(lead_id: UUID) -> ResponseReturnValue:
    """The stores that somebody searches for while choosing; the part of the page that changes."""
    page = queries.one(g.session, lead_id)
    return render_template("leads/candidates.html", **lead_page.choice(page, chosen=uuids_of("store")))
