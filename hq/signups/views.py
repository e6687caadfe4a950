"""Headquarters' pages about sign-ups."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, g, render_template, request
from flask.typing import ResponseReturnValue

from hq.leads import search
from hq.signups import queries
from hq.signups.queries import SignupFilter
from shared.campaigns.queries import all_campaigns
from shared.contacts.crypto import BlindIndex
from shared.identity.permissions import Permission
from shared.leads.metrics import BECAME, became
from shared.signups.models import SOURCES
from shared.web import paging
from shared.web.access import requires
from shared.web.arguments import one_of, uuid_of

bp = Blueprint("signups", __name__, url_prefix="/signups", template_folder="templates")


@bp.get("")
@requires(Permission.SIGNUPS_READ)
def index() -> ResponseReturnValue:
    """The list; its filters live in the address."""
    wanted = _wanted()
    return render_template(
        "signups/index.html",
        page=queries.page(g.session, wanted, after=paging.wanted()),
        wanted=wanted,
        counts=became(g.session, wanted.campaign_id),
        campaigns=all_campaigns(g.session),
        sources=SOURCES,
        typed=request.args.get("q", ""),
    )


@bp.get("/<uuid:signup_id>")
@requires(Permission.SIGNUPS_READ)
def show(signup_id: UUID) -> ResponseReturnValue:
    """One sign-up and every decision about it."""
    return render_template("signups/show.html", page=queries.one(g.session, signup_id))


def _wanted() -> SignupFilter:
    typed = search.read(request.args.get("q"), BlindIndex(current_app.extensions["koi_keys"].blind))
    return SignupFilter(
        became=one_of("became", BECAME),
        campaign_id=uuid_of("campaign"),
        source=one_of("source", SOURCES),
        import_id=uuid_of("import"),
        name=typed.name,
        phone_index=typed.phone_index,
    )
