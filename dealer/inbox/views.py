"""The first page, one offer, and what one has been told."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from dealer.inbox import queries as inbox
from dealer.inbox.agenda import agenda
from dealer.keeping import keep
from dealer.keys import vault
from shared.dealers import capacity
from shared.identity.permissions import Permission
from shared.leads import queries
from shared.leads.assignments import refusal
from shared.leads.queries import Offered
from shared.notifications import queries as notices
from shared.notifications import service as notifications
from shared.platform.clock import beijing_day
from shared.platform.errors import Missing
from shared.web.access import requires

bp = Blueprint("inbox", __name__)


@bp.get("/inbox")
@requires(Permission.ASSIGNMENTS_READ)
def index() -> ResponseReturnValue:
    """What is to be done now: offers, calls, visits."""
    held = queries.leads(g.session, actor=g.actor, vault=vault())
    page = render_template(
        "inbox/index.html",
        offers=queries.offers(g.session, actor=g.actor, now=g.now),
        agenda=agenda(held, g.now),
        room=room_today(),
        unread=notices.unread(g.session, actor=g.actor),
        place=inbox.place_name(g.session, g.actor),
        mark=inbox.pulse(g.session, actor=g.actor, now=g.now).mark,
    )
    return keep(page)


@bp.get("/pulse")
@requires(Permission.ASSIGNMENTS_READ)
def pulse() -> ResponseReturnValue:
    """What open pages ask every few seconds: how many offers wait, and whether anything has changed."""
    found = inbox.pulse(g.session, actor=g.actor, now=g.now)
    return jsonify(offers=found.offers, mark=found.mark)


@bp.get("/offers/<uuid:assignment_id>")
@requires(Permission.ASSIGNMENTS_READ)
def show(assignment_id: UUID) -> ResponseReturnValue:
    """One offer, to decide on; a lead that was claimed opens as such, also by the back button."""
    if is_held(assignment_id):
        return redirect(url_for("leads.show", assignment_id=assignment_id), 303)
    return render_template("inbox/offer.html", one=standing(assignment_id), room=room_today())


@bp.get("/notices")
@requires(Permission.NOTIFICATIONS_READ)
def told() -> ResponseReturnValue:
    """What one has been told, newest first."""
    return render_template("inbox/notices.html", notices=notices.latest(g.session, actor=g.actor))


@bp.post("/notices/read")
@requires(Permission.NOTIFICATIONS_READ)
def read() -> ResponseReturnValue:
    """Mark everything as read."""
    notifications.mark_all_read(g.session, actor=g.actor, now=g.now)
    return redirect(url_for(".told"), 303)


def room_today() -> int | None:
    """How many leads the actor's stores can still claim today; None without a limit."""
    actor = g.actor
    return capacity.left_today(g.session, dealer_id=actor.dealer_id, store_ids=actor.store_ids, day=beijing_day(g.now))


def offers_waiting() -> int:
    """The badge on the first tab."""
    return queries.count_offers(g.session, actor=g.actor, now=g.now)


def is_held(assignment_id: UUID) -> bool:
    """Whether the actor's store has the lead already, and the actor may open it."""
    try:
        return queries.lead(g.session, actor=g.actor, vault=vault(), assignment_id=assignment_id).held
    except Missing:
        return False


def standing(assignment_id: UUID) -> Offered:
    """The offer, if it can still be claimed.

    Raises:
        Missing: no such offer, or not for the actor's stores.
        AlreadyTaken, OfferExpired, OfferGone: it is over, and why.
    """
    found = queries.offer(g.session, actor=g.actor, assignment_id=assignment_id, now=g.now)
    if no := refusal(found.stage, deadline_at=found.deadline_at, stores=found.offer.stores, now=g.now):
        raise no
    return found
