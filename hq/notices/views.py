"""What one has been told at headquarters: the list, reading it, and the count that open pages ask for."""

from __future__ import annotations

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared.identity.permissions import Permission
from shared.notifications import pages, queries, service
from shared.notifications.lines import lines
from shared.notifications.queries import Told
from shared.web.access import may, requires

bp = Blueprint("notices", __name__, url_prefix="/notices", template_folder="templates")
pages.teach(bp)


@bp.get("")
@requires(Permission.NOTIFICATIONS_READ)
def index() -> ResponseReturnValue:
    """What one has been told, newest first."""
    page = pages.read_page(g.session, g.actor)
    told = queries.for_headquarters(g.session, page.told)
    return render_template("notices/index.html", page=page, lines=lines(told))


@bp.post("/read")
@requires(Permission.NOTIFICATIONS_READ)
def read() -> ResponseReturnValue:
    """Mark what the form names as read, or everything; with one that is opened go to what it is about."""
    ids = pages.chosen_ids()
    if not ids:
        service.mark_all_read(g.session, actor=g.actor, now=g.now)
        return redirect(url_for(".index"), 303)
    service.mark_read(g.session, actor=g.actor, ids=ids, now=g.now)
    if "open" in request.form:
        found = queries.one(g.session, actor=g.actor, notification_id=ids[0])
        return redirect(_about(*queries.for_headquarters(g.session, [found])), 303)
    return redirect(url_for(".index", show=request.form.get("show") or None), 303)


@bp.get("/pulse")
@requires(Permission.NOTIFICATIONS_READ)
def pulse() -> ResponseReturnValue:
    """What open pages ask now and then: how many notices are unread; 304 when as many as before."""
    count = queries.unread(g.session, actor=g.actor)
    answer = jsonify(unread=count)
    answer.set_etag(str(count))
    return answer.make_conditional(request)


@bp.app_template_global("unread_notices")
def unread_notices() -> int:
    """The number on the bell."""
    return queries.unread(g.session, actor=g.actor) if may(Permission.NOTIFICATIONS_READ) else 0


def _about(notice: Told) -> str:
    lead_id = notice.details.get("lead_id")
    return url_for("leads.show", lead_id=lead_id) if lead_id and may(Permission.LEADS_READ) else url_for(".index")
