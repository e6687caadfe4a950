"""Entering somebody by hand at headquarters, and waiting the seconds until they are a lead."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.leads import by_hand
from hq.leads.by_hand import ReadFirst
from hq.leads.by_hand_forms import ByHandForm
from shared.identity.permissions import Permission
from shared.platform.errors import DomainError, Missing
from shared.signups.models import Signup
from shared.web.access import requires
from shared.web.notes import done
from shared.web.words import tell

bp = Blueprint("by_hand", __name__, url_prefix="/leads/by-hand", template_folder="templates")


@bp.get("")
@requires(Permission.LEADS_ENTER)
def page() -> ResponseReturnValue:
    """The form."""
    return _page(ByHandForm.empty(g.now))


@bp.post("")
@requires(Permission.LEADS_ENTER)
def enter() -> ResponseReturnValue:
    """Enter somebody. Words that were not shown yet are shown first; nothing typed is lost."""
    form = ByHandForm()
    form.offer(by_hand.open_campaigns(g.session, now=g.now))
    if not form.validate():
        return _page(form), 422
    try:
        keys = current_app.extensions["koi_keys"]
        signup_id = by_hand.enter(g.session, wanted=form.wanted(), keys=keys, actor=g.actor, now=g.now)
    except ReadFirst as refusal:
        form.words.data = by_hand.words_of(g.session, form.wanted(), now=g.now)
        return _page(form, read=True), refusal.status
    except (DomainError, ValueError) as refusal:
        form.refuse(refusal if isinstance(refusal, DomainError) else Missing(field="campaign"))
        return _page(form), 422
    return redirect(url_for(".wait", signup_id=signup_id), 303)


@bp.get("/<uuid:signup_id>")
@requires(Permission.LEADS_ENTER)
def wait(signup_id: UUID) -> ResponseReturnValue:
    """Until it is decided; then the lead, or the sign-up with the reason why it is none."""
    signup = g.session.get(Signup, signup_id)
    if signup is None or signup.source != "hand":
        raise Missing(signup=str(signup_id))
    if signup.state == "received" and signup.aside_at is None:
        return render_template("leads/by_hand_wait.html", signup=signup)
    there = url_for("signups.show", signup_id=signup_id)
    if signup.outcome in ("in_lead", "duplicate") and signup.lead_id is not None:
        there = url_for("leads.show", lead_id=signup.lead_id)
        done(_("Entered. The rules give it to a store within seconds."))
    if "HX-Request" in request.headers:
        return Response(headers={"HX-Redirect": there})
    return redirect(there, 303)


def _page(form: ByHandForm, *, read: bool = False) -> str:
    form.offer(by_hand.open_campaigns(g.session, now=g.now))
    return render_template("leads/by_hand.html", form=form, read=read)


tell("by_hand_phone.phone_missing", _l("Write the customer's mobile number"))
tell("by_hand_phone.phone_length", _l("A mobile number has 11 digits. Look at it again"))
tell("by_hand_phone.phone_rounded", _l("A mobile number has 11 digits. Look at it again"))
tell("by_hand_phone.phone_prefix", _l("Mobile numbers begin with 13 to 19. Look at it again"))
tell("by_hand_phone.phone_landline", _l("This is a landline number. Ask for a mobile number"))
tell("by_hand_store.unknown", _l("No open store is called that"))
tell("by_hand_store.several", _l("Several stores are called that: %(stores)s. Write the code"))
tell("by_hand_store.needed", _l("Name the store that the consent is about"))
tell(
    "by_hand_store.not_named",
    _l("The campaign's text does not name this store's dealer: choose “only the store named above”"),
)
