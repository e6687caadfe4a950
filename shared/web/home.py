"""The first page of a portal: the first entry of the actor's navigation."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from shared.identity.permissions import Permission
from shared.web import nav
from shared.web.access import requires

bp = Blueprint("home", __name__)


@bp.get("/")
@requires(Permission.ACCOUNT_USE)
def index() -> ResponseReturnValue:
    """Go to the first entry; to one's own account when there is none."""
    return redirect(nav.first_address() or url_for("account.show"), 303)
