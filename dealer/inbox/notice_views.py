"""What one has been told: the list, reading it, and going where it leads."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dealer.inbox.views import bp
from shared.identity.permissions import Permission
from shared.notifications import pages, queries, service
from shared.notifications.lines import lines
from shared.notifications.queries import Told
from shared.web.access import requires

pages.teach(bp)


@bp.get("/notices")
@requires(Permission.NOTIFICATIONS_READ)
def told() -> ResponseReturnValue:
    """What one has been told, newest first."""
    page = pages.read_page(g.session, g.actor)
    unread = queries.unread(g.session, actor=g.actor)
    return render_template("inbox/notices.html", page=page, lines=lines(page.told), unread=unread)


@bp.post("/notices/read")
@requires(Permission.NOTIFICATIONS_READ)
def read() -> ResponseReturnValue:
    """Mark what the form names as read, or everything; with one that is opened go to what it is about."""
    ids = pages.chosen_ids()
    if not ids:
        service.mark_all_read(g.session, actor=g.actor, now=g.now)
        return redirect(url_for(".told"), 303)
    service.mark_read(g.session, actor=g.actor, ids=ids, now=g.now)
    if "open" in request.form:
        return redirect(_about(queries.one(g.session, actor=g.actor, notification_id=ids[0])), 303)
    return redirect(url_for(".told", show=request.form.get("show") or None), 303)


def _about(notice: Told) -> str:
    assignment_id = notice.details.get("assignment_id")
    if assignment_id is None:
        return url_for(".told")
    page = ".show" if notice.kind in ("offered", "claim_soon") else "leads.show"
    return url_for(page, assignment_id=assignment_id)
