"""The overview: what became of the sign-ups, and what needs attention."""

from __future__ import annotations

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from hq.analytics import queries
from shared.campaigns.queries import all_campaigns
from shared.identity.permissions import Permission
from shared.leads.metrics import became, funnel
from shared.web.access import requires
from shared.web.arguments import uuid_of

bp = Blueprint("overview", __name__, url_prefix="/overview", template_folder="templates")


@bp.get("")
@requires(Permission.OVERVIEW_READ)
def index() -> ResponseReturnValue:
    """The funnel of a campaign, or of all."""
    campaign_id = uuid_of("campaign")
    return render_template(
        "analytics/overview.html",
        campaigns=all_campaigns(g.session),
        campaign_id=campaign_id,
        funnel=funnel(g.session, campaign_id),
        became=became(g.session, campaign_id),
        touchpoints=queries.touchpoints(g.session, campaign_id),
        stores=queries.stores(g.session, campaign_id),
        attention=queries.attention(g.session, now=g.now),
    )
