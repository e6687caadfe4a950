"""Headquarters' pages about leads."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, g, render_template, request
from flask.typing import ResponseReturnValue

from hq.leads import queries, search, story, telling
from hq.leads.queries import LeadFilter
from shared.campaigns.queries import all_campaigns
from shared.contacts.crypto import BlindIndex
from shared.identity.permissions import Permission
from shared.leads.models import GRADES
from shared.web import paging
from shared.web.access import requires
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
    return render_template(
        "leads/show.html", page=queries.one(g.session, lead_id), story=story.by_day(story.of_lead(g.session, lead_id))
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
