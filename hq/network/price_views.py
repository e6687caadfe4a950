"""Headquarters' page of what a place at each store costs."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from hq.network import prices
from shared.identity.permissions import Permission
from shared.regions import divisions
from shared.web.access import requires

bp = Blueprint("prices", __name__, url_prefix="/fairness/prices", template_folder="templates")


@bp.get("")
@requires(Permission.STORES_READ)
def index() -> ResponseReturnValue:
    """The prices in force: since when, from which demand, for which stores."""
    provinces = [(one.code, one.name) for one in divisions.provinces()]
    asked = request.args.get("province", "")
    province = asked if asked in dict(provinces) else ""
    found = prices.of_all(g.session, province=province, now=g.now)
    old = found.run is not None and prices.is_old(found.run, g.now)
    return render_template("network/prices.html", found=found, provinces=provinces, province=province, old=old)
