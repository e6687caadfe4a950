"""The first page, its pulse, and one offer."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dealer.inbox import queries as inbox
from dealer.inbox.agenda import agenda
from dealer.keeping import keep
from dealer.keys import vault
from dealer.pool.views import open_near
from shared.dealers import capacity
from shared.identity.permissions import Permission
from shared.leads import queries
from shared.leads.assignments import refusal
from shared.leads.queries import Offered
from shared.leads.sellers import queries as desks
from shared.platform.clock import beijing_day
from shared.platform.errors import Missing
from shared.web.access import requires

bp = Blueprint("inbox", __name__)


@bp.get("/inbox")
@requires(Permission.ASSIGNMENTS_READ)
def index() -> ResponseReturnValue:
    """What is to be done now: offers, calls, visits."""
    held = queries.leads(g.session, actor=g.actor, vault=vault())
    offers = queries.offers(g.session, actor=g.actor, now=g.now)
    firsts = desks.firsts(g.session, offers, actor=g.actor, now=g.now)
    page = render_template(
        "inbox/index.html",
        offers=sorted(offers, key=lambda one: one.assignment_id in firsts and not firsts[one.assignment_id].mine),
        firsts=firsts,
        agenda=agenda(held, g.now),
        room=room_today(),
        pooled=open_near(),
        place=inbox.place_name(g.session, g.actor),
        pulse=inbox.pulse(g.session, actor=g.actor, now=g.now),
    )
    return keep(page)


@bp.get("/pulse")
@requires(Permission.ASSIGNMENTS_READ)
def pulse() -> ResponseReturnValue:
    """What open pages ask every few seconds: what waits, and whether anything has changed; 304 when nothing has."""
    found = inbox.pulse(g.session, actor=g.actor, now=g.now)
    answer = jsonify(offers=found.offers, unread=found.unread, mark=found.mark)
    answer.set_etag(f"{found.offers}.{found.unread}.{found.mark}")
    return answer.make_conditional(request)


@bp.get("/offers/<uuid:assignment_id>")
@requires(Permission.ASSIGNMENTS_READ)
def show(assignment_id: UUID) -> ResponseReturnValue:
    """One offer, to decide on; a lead that was claimed opens as such, also by the back button."""
    if is_held(assignment_id):
        return redirect(url_for("leads.show", assignment_id=assignment_id), 303)
    one = standing(assignment_id)
    firsts = desks.firsts(g.session, [one], actor=g.actor, now=g.now)
    return render_template("inbox/offer.html", one=one, first=firsts.get(assignment_id), room=room_today())


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
