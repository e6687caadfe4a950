"""Headquarters' desk: leads that need a person, and what a person can do with any open lead."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.leads import queries
from hq.leads.desk_list import DESK
from hq.leads.lead_list import LEADS
from hq.leads.reasons import CLOSE_REASONS, RECALL_REASONS
from hq.qualification import withdrawal
from hq.routing import many, service
from shared.identity.permissions import Permission
from shared.platform.errors import Invalid
from shared.web import notes, tables
from shared.web.access import requires
from shared.web.tables import Picked
from shared.web.words import tell
from shared.work.doorbell import ring_after_commit

bp = Blueprint("desk", __name__, url_prefix="/desk", template_folder="templates")

tell("why.desk_returned", _l("Given back to the rules"))
tell("why.unknown", _l("There is no such store"))
tell("why.none_chosen", _l("No store was chosen"))
tell("lead_not_free", _l("The lead is not free"), _l("A store has it or was offered it. Recall it first."))
tell("store_cannot", _l("%(store)s cannot take it now"), _l("Choose another store. Nothing was changed."))


@bp.get("")
@requires(Permission.LEADS_ASSIGN)
def index() -> ResponseReturnValue:
    """Leads on the desk."""
    return render_template("leads/desk.html", table=tables.read(DESK))


tables.serve(bp, DESK)


@bp.post("/many/recall")
@requires(Permission.LEADS_ASSIGN)
def recall_many() -> ResponseReturnValue:
    """Take leads back from every store; they come to the desk."""
    picked = tables.picked(LEADS, DESK)
    done = many.recall(g.session, picked.ids, reason=_reason(RECALL_REASONS, "recall_reason"), actor=g.actor, now=g.now)
    return _told(
        picked, done, _("Recalled %(count)s leads. The stores were told; the leads are on the desk.", count=done)
    )


@bp.post("/many/close")
@requires(Permission.LEADS_ASSIGN)
def close_many() -> ResponseReturnValue:
    """End leads without a sale."""
    picked = tables.picked(LEADS, DESK)
    reason = _reason(CLOSE_REASONS, "close_reason")
    done = many.recall(g.session, picked.ids, reason=reason, close=True, actor=g.actor, now=g.now)
    return _told(picked, done, _("Closed %(count)s leads.", count=done))


@bp.post("/many/return")
@requires(Permission.LEADS_ASSIGN)
def return_many() -> ResponseReturnValue:
    """Let the rules choose stores again for leads on the desk."""
    picked = tables.picked(LEADS, DESK)
    done = many.send_to_routing(g.session, picked.ids, actor=g.actor, now=g.now)
    return _told(picked, done, _("The rules choose stores for %(count)s leads now.", count=done))


def _told(picked: Picked, done: int, words: str) -> ResponseReturnValue:
    if done:
        notes.done(words)
    if left := len(picked.ids) - done:
        flash(_("%(count)s were left as they are: they are closed, or not where this can be done.", count=left), "warn")
    return redirect(picked.back, 303)


@bp.post("/<uuid:lead_id>/offer")
@requires(Permission.LEADS_ASSIGN)
def offer(lead_id: UUID) -> ResponseReturnValue:
    """Offer a lead to the stores ticked; whoever claims first has it."""
    chosen = [_uuid(value) for value in request.form.getlist("store")]
    if not chosen:
        flash(_("No store was ticked. Nothing was changed."), "warn")
        return _back(lead_id)
    keys = current_app.extensions["koi_keys"]
    service.offer(g.session, lead_id=lead_id, store_ids=chosen, keys=keys, actor=g.actor, now=g.now)
    flash(_("Offered to %(count)s stores.", count=len(chosen)), "ok")
    return _back(lead_id)


@bp.post("/<uuid:lead_id>/recall")
@requires(Permission.LEADS_ASSIGN)
def recall(lead_id: UUID) -> ResponseReturnValue:
    """Take a lead back from every store; it comes to the desk."""
    reason = _reason(RECALL_REASONS)
    service.recall(g.session, lead_id=lead_id, reason=reason, actor=g.actor, now=g.now)
    flash(_("Recalled. The stores were told; the lead is on the desk."), "ok")
    return _back(lead_id)


@bp.post("/<uuid:lead_id>/close")
@requires(Permission.LEADS_ASSIGN)
def close(lead_id: UUID) -> ResponseReturnValue:
    """End a lead without a sale."""
    reason = _reason(CLOSE_REASONS)
    service.recall(g.session, lead_id=lead_id, reason=reason, close=True, actor=g.actor, now=g.now)
    flash(_("The lead is closed."), "ok")
    return _back(lead_id)


@bp.post("/<uuid:lead_id>/withdraw")
@requires(Permission.LEADS_ASSIGN)
def withdraw(lead_id: UUID) -> ResponseReturnValue:
    """The customer takes the consent back: every store loses the number at once."""
    contact_id = queries.one(g.session, lead_id).lead.contact_id
    withdrawal.withdraw(g.session, contact_id=contact_id, actor=g.actor, now=g.now)
    flash(_("The consent is withdrawn. No store has the number any more."), "ok")
    return _back(lead_id)


@bp.post("/<uuid:lead_id>/keep")
@requires(Permission.LEADS_ASSIGN)
def keep(lead_id: UUID) -> ResponseReturnValue:
    """Leave a suspected lead with the store that works on it."""
    service.keep(g.session, lead_id=lead_id, actor=g.actor, now=g.now)
    flash(_("The lead stays with the store."), "ok")
    return _back(lead_id)


@bp.post("/<uuid:lead_id>/return")
@requires(Permission.LEADS_ASSIGN)
def send_back(lead_id: UUID) -> ResponseReturnValue:
    """Let the rules choose a store again."""
    service.send_to_routing(g.session, lead_id=lead_id, actor=g.actor, now=g.now)
    ring_after_commit(g.session, "hq.route")
    flash(_("The rules choose a store now."), "ok")
    return _back(lead_id)


def _back(lead_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("leads.show", lead_id=lead_id), 303)


def _reason(known: Mapping[str, object], field: str = "reason") -> str:
    reason = request.form.get(field, "")
    if reason not in known:
        raise Invalid(field="reason")
    return reason


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise Invalid(field="store") from None
