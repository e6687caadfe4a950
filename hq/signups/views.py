"""Headquarters' pages about sign-ups."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from hq.signups import queries
from hq.signups.signup_list import SIGNUPS
from shared.identity.permissions import Permission
from shared.web import tables
from shared.web.access import requires

bp = Blueprint("signups", __name__, url_prefix="/signups", template_folder="templates")
tables.serve(bp, SIGNUPS)


@bp.get("")
@requires(Permission.SIGNUPS_READ)
def index() -> ResponseReturnValue:
    """The list; what it shows lives in the address."""
    return render_template("signups/index.html", table=tables.read(SIGNUPS))


@bp.get("/<uuid:signup_id>")
@requires(Permission.SIGNUPS_READ)
def show(signup_id: UUID) -> ResponseReturnValue:
    """One sign-up and every decision about it."""
    return render_template("signups/show.html", page=queries.one(g.session, signup_id))
