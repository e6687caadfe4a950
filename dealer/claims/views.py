"""Claiming an offer and sending it back, and the pages that say why that did not work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import flask
from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from dealer.claims.forms import DeclineForm
from dealer.inbox.views import is_held, room_today, standing
from dealer.keys import vault
from shared.dealers.capacity import QuotaReached
from shared.identity.permissions import Permission
from shared.leads import queries, service
from shared.leads.errors import AlreadyTaken, OfferExpired, OfferGone
from shared.leads.sellers import queries as desks
from shared.leads.sellers import service as sellers
from shared.leads.sellers.errors import NotYourTurn
from shared.leads.sellers.models import Way
from shared.leads.words import DeclineReason
from shared.platform.errors import DomainError, Invalid
from shared.web import errors, transaction
from shared.web.access import requires
from shared.web.formats import moment
from shared.web.locale import language
from shared.web.notes import done

bp = Blueprint("claims", __name__)
#: In the signed cookie: the lead whose number the next page shows, since the claim has written down the look at it.
JUST_CLAIMED = "just_claimed"


@bp.post("/offers/<uuid:assignment_id>/claim")
@requires(Permission.ASSIGNMENTS_CLAIM)
def claim(assignment_id: UUID) -> ResponseReturnValue:
    """Take the lead and look at its number, which the next page shows once; a second click shows it as well.

    Who claims for somebody else does not see the number: whoever calls looks at it.
    """
    claimed = sellers.claim(g.session, assignment_id=assignment_id, actor=g.actor, now=g.now)
    g.session.flush()  # the card can be read only with the hold
    if claimed.given_to is not None:
        done(_("Claimed for %(name)s, whose turn it is", name=claimed.given_to.name))
        return redirect(url_for("leads.show", assignment_id=assignment_id), 303)
    if claimed.fresh and claimed.way is not Way.CLAIM and claimed.assignment.assignee is None:
        return redirect(url_for("store.give_one", assignment_id=assignment_id), 303)
    service.reveal(g.session, assignment_id=assignment_id, actor=g.actor, vault=vault(), now=g.now)
    flask.session[JUST_CLAIMED] = str(assignment_id)
    return redirect(url_for("leads.show", assignment_id=assignment_id), 303)


@bp.route("/offers/<uuid:assignment_id>/decline", methods=["GET", "POST"])
@requires(Permission.ASSIGNMENTS_DECLINE)
def decline(assignment_id: UUID) -> ResponseReturnValue:
    """Send the offer back, with a reason; what was claimed since the page was opened stays claimed."""
    if is_held(assignment_id):
        return redirect(url_for("leads.show", assignment_id=assignment_id), 303)
    form = DeclineForm.of(DeclineReason)
    if request.method == "POST" and form.validate():
        try:
            reason, note = form.reason.data or "", form.note.data or ""
            service.decline(g.session, assignment_id=assignment_id, actor=g.actor, reason=reason, note=note, now=g.now)
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("Sent back. It goes on to another store."), "ok")
            return redirect(url_for("inbox.index"), 303)
    return render_template(
        "claims/decline.html", one=standing(assignment_id), form=form
    ), 422 if form.is_submitted() else 200


_OWN_WORDS = (
    "already_taken.colleague",
    "quota_reached.week",
    "not_your_turn.person",
    "not_your_turn.manager",
    "not_your_turn.later",
)


def _refused(error: DomainError) -> Response:
    """Say what happened, that it costs nothing, and what is next; the claim has been rolled back."""
    if errors.wants_problem_json():
        return errors.answer(errors.Problem(error.code, error.status, error.params))
    transaction.begin(g.actor.dealer_id)
    code = f"{error.code}.{error.params.get('by') or error.params.get('period')}"
    page = render_template(
        "claims/refused.html",
        code=code if code in _OWN_WORDS else error.code,
        params=_said(error.params),
        offers=(offers := queries.offers(g.session, actor=g.actor, now=g.now)),
        firsts=desks.firsts(g.session, offers, actor=g.actor, now=g.now),
        room=room_today(),
    )
    return make_response(page, error.status)


def _said(params: Mapping[str, object]) -> dict[str, object]:
    """What the words need, with a moment as people read it."""
    free_at = params.get("free_at")
    when = moment(datetime.fromisoformat(free_at), g.now, language()) if isinstance(free_at, str) else None
    return {**params, "when": when}


for _kind in (AlreadyTaken, NotYourTurn, OfferExpired, OfferGone, QuotaReached):
    bp.app_errorhandler(_kind)(_refused)
