"""The store: today's counter, who works there, and the way to one's own account."""

from __future__ import annotations

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from dealer.team import queries
from shared.identity.permissions import Permission
from shared.platform.clock import beijing_day
from shared.web.access import requires

bp = Blueprint("store", __name__)


@bp.get("/store")
@requires(Permission.DASHBOARD_READ)
def index() -> ResponseReturnValue:
    """One's stores today."""
    places = queries.places(g.session, actor=g.actor, day=beijing_day(g.now))
    return render_template("store/index.html", places=places)
