"""Headquarters' desk: leads that need a person, and what a person can do with any open lead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from hq.leads import freshness, lead_page, queries
from hq.leads.desk_list import DESK
from hq.leads.lead_list import LEADS
from hq.leads.pool_list import POOL
from hq.leads.reasons import CLOSE_REASONS, RECALL_REASONS
from hq.routing import many, service, undoing
from hq.routing.errors import PoolCannot, UndoTooLate
from hq.routing.pool import by_hand as pool
from shared.identity.permissions import Permission
from shared.leads import withdrawal
from shared.platform.errors import Invalid
from shared.web import notes, tables
from shared.web.access import requires
from shared.web.counted import Counted
from shared.web.notes import Undo
from shared.web.tables import Picked
from shared.web.transaction import again_after_deadlock
from shared.web.words import say, tell
from shared.work.doorbell import ring_after_commit

Act = Callable[[UUID], ResponseReturnValue]

bp = Blueprint("desk", __name__, url_prefix="/desk", template_folder="templates")

tell("why.desk_returned", _l("Given back to the rules"))
tell("why.unknown", _l("There is no such store"))
tell("why.none_chosen", _l("No store was chosen"))
tell("lead_not_free", _l("The lead is not free"), _l("A store has it or was offered it. Recall it first."))
tell(
    "undo_too_late",
    _l("That can no longer be undone"),
    _l("A store has gone on with it, somebody else has acted, or ten minutes have passed. See how it stands now."),
)
# Leads that an undo leaves as they are, by the code of why.
_STAND: Mapping[str, Counted] = {
    "undo_too_late": Counted(
        "%(count)s stays as it is: a store has gone on with it, or somebody else has acted.",
        "%(count)s stay as they are: a store has gone on with them, or somebody else has acted.",
    ),
    "store_cannot": Counted(
        "%(count)s stays as it is: its store cannot take it now.",
        "%(count)s stay as they are: their stores cannot take them now.",
    ),
    "lead_not_free": Counted(
        "%(count)s stays as it is: another store has it, or the consent was withdrawn.",
        "%(count)s stay as they are: another store has them, or the consent was withdrawn.",
    ),
}
tell("pool_cannot", _l("It cannot lie in the open pool"), _l("No store could claim it there. Nothing was changed."))
tell("store_cannot", _l("%(store)s cannot take it now"), _l("Choose another store. Nothing was changed."))


@bp.get("")
@requires(Permission.LEADS_ASSIGN)
def index() -> ResponseReturnValue:
    """Leads on the desk."""
    return render_template("leads/desk.html", table=tables.read(DESK), **queries.queues(g.session))


tables.serve(bp, DESK)


@bp.get("/pool")
@requires(Permission.LEADS_ASSIGN)
def pooled() -> ResponseReturnValue:
    """Leads in the open pool."""
    return render_template("leads/pool.html", table=tables.read(POOL), **queries.queues(g.session))


tables.serve(bp, POOL, at="/pool")


@bp.post("/many/pool")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
def pool_many() -> ResponseReturnValue:
    """Put leads that wait or are on the desk into the open pool."""
    picked = tables.picked(LEADS, DESK)
    found = pool.put(g.session, picked.ids, actor=g.actor, now=g.now)
    for code, count in sorted(found.refused.items()):
        if code != "not_free":
            flash(
                ngettext(
                    "%(count)s stays as it is: %(why)s.",
                    "%(count)s stay as they are: %(why)s.",
                    count,
                    count=count,
                    why=say(f"why.{code}"),
                ),
                "warn",
            )
    told = ngettext("Put %(num)s lead into the open pool.", "Put %(num)s leads into the open pool.", found.done)
    stays = sum(found.refused.values()) - found.refused.get("not_free", 0)
    return _told(picked, found.done, "pool", told, explained=stays)


@bp.post("/many/recall")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
def recall_many() -> ResponseReturnValue:
    """Take leads back from every store; they come to the desk."""
    picked = tables.picked(LEADS, DESK, POOL)
    done = many.recall(g.session, picked.ids, reason=_reason(RECALL_REASONS, "recall_reason"), actor=g.actor, now=g.now)
    told = ngettext(
        "Recalled %(num)s lead. The store was told; the lead is on the desk.",
        "Recalled %(num)s leads. The stores were told; the leads are on the desk.",
        done,
    )
    return _told(picked, done, "recall", told)


@bp.post("/many/close")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
def close_many() -> ResponseReturnValue:
    """End leads without a sale."""
    picked = tables.picked(LEADS, DESK, POOL)
    reason = _reason(CLOSE_REASONS, "close_reason")
    done = many.recall(g.session, picked.ids, reason=reason, close=True, actor=g.actor, now=g.now)
    return _told(picked, done, "close", ngettext("Closed %(num)s lead.", "Closed %(num)s leads.", done))


@bp.post("/many/return")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
def return_many() -> ResponseReturnValue:
    """Let the rules choose stores again for leads on the desk."""
    picked = tables.picked(LEADS, DESK, POOL)
    done = many.send_to_routing(g.session, picked.ids, actor=g.actor, now=g.now)
    told = ngettext(
        "The rules choose a store for %(num)s lead now.", "The rules choose stores for %(num)s leads now.", done
    )
    return _told(picked, done, "return", told)


@bp.post("/many/undo")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
def undo_many() -> ResponseReturnValue:
    """Take back what was just done with many leads, as far as stores have not gone on with them."""
    act, at = _undone()
    keys = current_app.extensions["koi_keys"]
    undone = many.undo(g.session, act=act, at=at, keys=keys, actor=g.actor, now=g.now)
    ring_after_commit(g.session, "hq.route")
    if undone.done:
        notes.done(ngettext("%(num)s lead is as before.", "%(num)s leads are as before.", undone.done))
    for code, count in sorted(undone.refused.items()):
        flash(_STAND.get(code, _STAND["undo_too_late"]).said(count) % {"count": count}, "warn")
    if not (undone.done or undone.refused):
        raise UndoTooLate(act=act)
    homes = {LEADS.name: "leads.index", POOL.name: ".pooled"}
    return redirect(url_for(homes.get(request.form.get("from", ""), ".index")), 303)


def _told(picked: Picked, done: int, act: str, words: str, *, explained: int = 0) -> ResponseReturnValue:
    if done:
        way_back = {"act": act, "at": g.now.isoformat(), "from": request.form.get("table", "")}
        notes.done(words, undo=Undo(url_for(".undo_many"), way_back))
    if left := len(picked.ids) - done - explained:
        flash(
            ngettext(
                "%(count)s was left as it is: it is closed, or not where this can be done.",
                "%(count)s were left as they are: they are closed, or not where this can be done.",
                left,
                count=left,
            ),
            "warn",
        )
    return redirect(picked.back, 303)


def on_what_was_seen(act: Act) -> Act:
    """Act only if nothing has happened to the lead since its page was loaded; else show the page anew, and say what."""

    @wraps(act)
    def checked(lead_id: UUID) -> ResponseReturnValue:
        seen = freshness.read(request.form.get("seen"))
        if seen is not None and freshness.locked(g.session, lead_id) > seen:
            return lead_page.render(lead_id, since=seen, chosen=_stores()), 409
        return act(lead_id)

    return checked


@bp.post("/<uuid:lead_id>/offer")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
@on_what_was_seen
def offer(lead_id: UUID) -> ResponseReturnValue:
    """Offer a lead to the stores ticked; whoever claims first has it."""
    chosen = _stores()
    if not chosen:
        flash(_("No store was ticked. Nothing was changed."), "warn")
        return _back(lead_id)
    keys = current_app.extensions["koi_keys"]
    service.offer(g.session, lead_id=lead_id, store_ids=chosen, keys=keys, actor=g.actor, now=g.now)
    told = ngettext("Offered to %(num)s store.", "Offered to %(num)s stores.", len(chosen))
    return _done(lead_id, "offer", told)


@bp.post("/<uuid:lead_id>/recall")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
@on_what_was_seen
def recall(lead_id: UUID) -> ResponseReturnValue:
    """Take a lead back from every store; it comes to the desk."""
    reason = _reason(RECALL_REASONS)
    service.recall(g.session, lead_id=lead_id, reason=reason, actor=g.actor, now=g.now)
    return _done(lead_id, "recall", _("Recalled. The stores were told; the lead is on the desk."))


@bp.post("/<uuid:lead_id>/close")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
@on_what_was_seen
def close(lead_id: UUID) -> ResponseReturnValue:
    """End a lead without a sale."""
    reason = _reason(CLOSE_REASONS)
    service.recall(g.session, lead_id=lead_id, reason=reason, close=True, actor=g.actor, now=g.now)
    return _done(lead_id, "close", _("The lead is closed."))


@bp.post("/<uuid:lead_id>/reopen")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
@on_what_was_seen
def reopen(lead_id: UUID) -> ResponseReturnValue:
    """Put a lead that was lost or closed by hand on the desk."""
    service.reopen(g.session, lead_id=lead_id, actor=g.actor, now=g.now)
    return _done(lead_id, "reopen", _("The lead is open again and on the desk."))


@bp.post("/<uuid:lead_id>/withdraw")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
def withdraw(lead_id: UUID) -> ResponseReturnValue:
    """The customer takes the consent back: every store loses the number at once."""
    contact_id = queries.one(g.session, lead_id).lead.contact_id
    withdrawal.withdraw(g.session, contact_id=contact_id, actor=g.actor, now=g.now)
    flash(_("The consent is withdrawn. No store has the number any more."), "ok")
    return _back(lead_id)


@bp.post("/<uuid:lead_id>/keep")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
@on_what_was_seen
def keep(lead_id: UUID) -> ResponseReturnValue:
    """Leave a suspected or escalated lead with the store that has it."""
    service.keep(g.session, lead_id=lead_id, actor=g.actor, now=g.now)
    return _done(lead_id, "keep", _("The lead stays with the store."))


@bp.post("/<uuid:lead_id>/return")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
@on_what_was_seen
def send_back(lead_id: UUID) -> ResponseReturnValue:
    """Let the rules choose a store again."""
    service.send_to_routing(g.session, lead_id=lead_id, actor=g.actor, now=g.now)
    ring_after_commit(g.session, "hq.route")
    return _done(lead_id, "return", _("The rules choose a store now."))


@bp.post("/<uuid:lead_id>/pool")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
@on_what_was_seen
def put_in_pool(lead_id: UUID) -> ResponseReturnValue:
    """Put a lead into the open pool."""
    try:
        pool.put_one(g.session, lead_id=lead_id, actor=g.actor, now=g.now)
    except PoolCannot as refusal:
        why = say(f"why.{refusal.params['why']}")
        flash(_("It stays where it is, as it cannot lie in the open pool: %(why)s.", why=why), "warn")
        return _back(lead_id)
    return _done(lead_id, "pool", _("It lies in the open pool: stores near the customer may claim it."))


@bp.post("/<uuid:lead_id>/undo")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
def undo(lead_id: UUID) -> ResponseReturnValue:
    """Take back what was just done."""
    act, at = _undone()
    keys = current_app.extensions["koi_keys"]
    undoing.undo(g.session, lead_id=lead_id, act=act, at=at, keys=keys, actor=g.actor, now=g.now)
    ring_after_commit(g.session, "hq.route")
    notes.done(_("Undone."))
    return _back(lead_id)


@bp.post("/<uuid:lead_id>/note")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
def note(lead_id: UUID) -> ResponseReturnValue:
    """Write something down for headquarters."""
    service.note(g.session, lead_id=lead_id, words=request.form.get("note", ""), actor=g.actor, now=g.now)
    notes.done(_("The note is in the story."))
    return _back(lead_id)


def _done(lead_id: UUID, act: str, text: str) -> ResponseReturnValue:
    """Back to the lead, with a way to undo what was done."""
    way_back = Undo(url_for(".undo", lead_id=lead_id), {"act": act, "at": g.now.isoformat()})
    notes.done(text, undo=way_back)
    return _back(lead_id)


def _undone() -> tuple[str, datetime]:
    """Which act of which moment is to be undone."""
    act, at = request.form.get("act", ""), freshness.read(request.form.get("at"))
    if act not in undoing.ACTS or at is None:
        raise Invalid(field="act")
    return act, at


def _back(lead_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("leads.show", lead_id=lead_id, list=request.form.get("list") or None), 303)


def _stores() -> list[UUID]:
    return [_uuid(value) for value in request.form.getlist("store")]


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
