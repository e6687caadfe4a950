"""The page about fairness."""

from __future__ import annotations

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from hq.network.fairness import spread
from hq.network.fairness.table import FAIRNESS
from shared.identity.permissions import Permission
from shared.web import tables
from shared.web.access import requires
from shared.web.words import tell

bp = Blueprint("fairness", __name__, url_prefix="/fairness", template_folder="../templates")
tables.serve(bp, FAIRNESS)

tell("fair.full_slow", _l("Often full, and slower than around"))
tell("fair.slow", _l("Slower than around"))
tell("fair.raise", _l("Often full and quick: raise its limit?"))
tell("fair.idle", _l("Could take more"))


@bp.get("")
@requires(Permission.STORES_READ)
def index() -> ResponseReturnValue:
    """How leads are spread; what the list shows lives in the address."""
    table = tables.read(FAIRNESS)
    lines = [each.row for each in table.lines if each.row.load and each.row.store.daily_capacity]
    return render_template(
        "network/fairness.html", table=table, spread=spread.of_days(g.session, now=g.now), plotted=lines
    )
