"""Headquarters' page of tomorrow's load."""

from __future__ import annotations

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from hq.network.load_list import LOAD, tomorrow
from shared.identity.permissions import Permission
from shared.web import tables
from shared.web.access import requires

bp = Blueprint("load", __name__, url_prefix="/load", template_folder="templates")
tables.serve(bp, LOAD)


@bp.get("")
@requires(Permission.STORES_READ)
def index() -> ResponseReturnValue:
    """What falls due tomorrow: all stores together hour by hour, and each store."""
    return render_template("network/load.html", table=tables.read(LOAD), tomorrow=tomorrow(g.session))
