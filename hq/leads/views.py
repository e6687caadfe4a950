"""Headquarters' pages about leads."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from hq.leads import candidates, queries, story, telling
from hq.leads.lead_list import LEADS
from hq.leads.reasons import CLOSE_REASONS, RECALL_REASONS
from shared.identity.permissions import Permission
from shared.web import tables
from shared.web.access import may, requires

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
    page = queries.one(g.session, lead_id)
    choosing = may(Permission.LEADS_ASSIGN) and page.lead.state in ("desk", "waiting")
    return render_template(
        "leads/show.html",
        page=page,
        story=story.by_day(story.of_lead(g.session, lead_id)),
        candidates=candidates.of_lead(g.session, page.lead, now=g.now) if choosing else [],
        recall_reasons=RECALL_REASONS,
        close_reasons=CLOSE_REASONS,
    )
