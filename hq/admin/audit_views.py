"""The audit log: who did what, who saw which number, and when."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from hq.admin import audit_words
from hq.admin.audit_list import AUDIT
from shared.identity.permissions import Permission
from shared.web import tables
from shared.web.access import requires

bp = Blueprint("audit", __name__, url_prefix="/audit", template_folder="templates")
audit_words.register(bp)
tables.serve(bp, AUDIT)


@bp.get("")
@requires(Permission.AUDIT_READ)
def index() -> ResponseReturnValue:
    """The log, the latest first."""
    return render_template("admin/audit.html", table=tables.read(AUDIT))
