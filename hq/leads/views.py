"""Headquarters' pages about leads."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, g, render_template, request
from flask.typing import ResponseReturnValue

from hq.leads import candidates, queries, search, story, telling
from hq.leads.desk_views import CLOSE_REASONS, RECALL_REASONS
from hq.leads.queries import LeadFilter
from shared.campaigns.queries import all_campaigns
from shared.contacts.crypto import BlindIndex
from shared.identity.permissions import Permission
from shared.leads.models import GRADES
from shared.web import paging
from shared.web.access import may, requires
from shared.web.arguments import one_of, uuid_of

bp = Blueprint("leads", __name__, url_prefix="/leads", template_folder="templates")
telling.register(bp)

STATES = ("waiting", "offered", "held", "desk", "won", "lost", "closed")


@bp.get("")
@requires(Permission.LEADS_READ)
def index() -> ResponseReturnValue:
    """The list; its filters live in the address."""
    wanted = _wanted()
    return render_template(
        "leads/index.html",
        page=queries.page(g.session, wanted, after=paging.wanted()),
        wanted=wanted,
        counts=queries.counts(g.session),
        campaigns=all_campaigns(g.session),
        states=STATES,
        grades=GRADES,
        typed=request.args.get("q", ""),
    )


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


def _wanted() -> LeadFilter:
    blind = BlindIndex(current_app.extensions["koi_keys"].blind)
    typed = search.read(request.args.get("q"), blind)
    return LeadFilter(
        state=one_of("state", STATES),
        grade=one_of("grade", GRADES),
        campaign_id=uuid_of("campaign"),
        store_id=uuid_of("store"),
        name=typed.name,
        phone_indexes=(typed.phone_index,) if typed.phone_index else (),
    )
