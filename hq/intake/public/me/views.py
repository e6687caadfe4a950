"""`/me`: a person's own page, opened by a code to the phone. No account; it ends by itself after 15 minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from flask import Blueprint, current_app, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.intake.public import checking, device
from hq.intake.public.me import queries, visit
from hq.intake.public.me.forms import OpenForm
from hq.intake.public.me.queries import Agreed
from hq.intake.public.me.visit import Visit
from shared.contacts.crypto import BlindIndex
from shared.contacts.phones import mask
from shared.db.links import Busy
from shared.identity.actor import Actor, ActorKind
from shared.leads import withdrawal
from shared.platform.errors import Missing
from shared.sms import words
from shared.sms.codes import Asker
from shared.sms.errors import CodeGone, CodeTooSoon, CodeWrong
from shared.web import transaction
from shared.web.access import public
from shared.web.locale import language
from shared.web.words import tell
from shared.work.doorbell import ring_after_commit

bp = Blueprint("me", __name__, url_prefix="/me", template_folder="../templates")

_PURPOSE: Final = "own_page"
_AGAIN_S = 60
tell("consent_gone", _l("This is not allowed any more"), _l("It was taken back already. Nothing else was changed."))


class ConsentGone(Missing):
    """The consent was taken back meanwhile."""

    code = "consent_gone"


@bp.before_request
def as_person() -> None:
    """These pages act as `koi_person`, whose rows are the reader's own."""
    g.engine = current_app.extensions["koi_person_engine"]


@bp.get("")
@public
def index() -> ResponseReturnValue:
    """The own page, or the form that opens it."""
    here = visit.current()
    if here is None:
        return device.remember(make_response(_door(OpenForm.empty())))
    page = queries.own_page(g.session, here.phone_bidx)
    return render_template("me/index.html", page=page, here=here, done=request.args.get("done"))


@bp.post("/code")
@public
def send_code() -> ResponseReturnValue:
    """Have a code sent, to a number that somebody signed up with; to any other everything looks the same."""
    form = OpenForm()
    problem = _ask(form)
    sent_to = mask(form.e164) if problem is None else None
    if request.accept_mimetypes.best == "application/json":
        field = form.phone if form.phone.errors else form.code
        told = (
            {"said": _said(sent_to), "wait": _AGAIN_S}
            if sent_to
            else {"problem": str(field.errors[0]), "field": field.name}
        )
        return jsonify(told), problem or 200
    return _door(form, sent_to=sent_to), problem or 200


@bp.post("")
@public
def enter() -> ResponseReturnValue:
    """Open the page with the code."""
    form = OpenForm()
    if not form.validate():
        return _door(form), 422
    try:
        checking.codes().check(form.e164, _PURPOSE, form.code.data or "", use=form.nonce.data)
    except (CodeWrong, CodeGone, Busy) as refusal:
        form.code.errors = [*form.code.errors, words.refusal(refusal)]
        return _door(form), refusal.status
    here = Visit(_bidx(form.e164), mask(form.e164))
    return visit.begin(make_response(redirect(url_for(".index"), 303)), here)


@bp.post("/leave")
@public
def leave() -> ResponseReturnValue:
    """Close the page for whoever has the phone next."""
    return visit.end(make_response(redirect(url_for(".index"), 303)))


@bp.get("/withdraw/<any(share, marketing):kind>/<uuid:key>")
@public
def ask_withdraw(kind: str, key: UUID) -> ResponseReturnValue:
    """Say exactly what happens, and ask once."""
    here = visit.current()
    if here is None:
        return redirect(url_for(".index"), 303)
    page = queries.own_page(g.session, here.phone_bidx)
    return render_template("me/withdraw.html", page=page, here=here, agreed=_find(page.agreed, kind, key))


@bp.post("/withdraw/<any(share, marketing):kind>/<uuid:key>")
@public
def withdraw(kind: str, key: UUID) -> ResponseReturnValue:
    """Take a consent back; stores have lost the number when this answers."""
    here = visit.current()
    if here is None:
        return redirect(url_for(".index"), 303)
    contact_id = queries.announce(g.session, here.phone_bidx)
    _find(queries.agreed(g.session, contact_id, here.phone_bidx), kind, key)
    actor = Actor(kind=ActorKind.PUBLIC, name=here.masked, address=request.remote_addr or "")
    if kind == "share":
        withdrawal.withdraw_number(g.session, phone_bidx=here.phone_bidx, scope_id=key, actor=actor, now=g.now)
        ring_after_commit(g.session, "hq.settle")
    elif contact_id is not None:
        withdrawal.withdraw_marketing(g.session, contact_id=contact_id, text_id=key, actor=actor, now=g.now)
    return redirect(url_for(".index", done=kind), 303)


def _ask(form: OpenForm) -> int | None:
    """None when a code is on its way, else the status of the refusal; the form says what it was."""
    if not form.phone.validate(form, [OpenForm.validate_phone]):
        return 422
    known = queries.is_known(g.session, _bidx(form.e164))
    transaction.end(keep=True)  # nothing is held while the code's own transaction runs
    asker = Asker(phone=form.e164, purpose=_PURPOSE, address=request.remote_addr, device=device.known())
    try:
        checking.codes().ask(asker, language=language(), deliver=known)
    except (CodeTooSoon, Busy) as refusal:
        form.code.errors = [*form.code.errors, words.refusal(refusal)]
        return refusal.status
    return None


def _told(form: OpenForm, sent_to: str | None) -> dict[str, object]:
    if sent_to is not None:
        return {"said": _said(sent_to), "wait": _AGAIN_S}
    field = form.phone if form.phone.errors else form.code
    return {"problem": str(field.errors[0]), "field": field.name}


def _find(agreed: Sequence[Agreed], kind: str, key: UUID) -> Agreed:
    found = next((each for each in agreed if (each.kind, each.key) == (kind, key)), None)
    if found is None:
        raise ConsentGone
    return found


def _bidx(e164: str) -> bytes:
    return BlindIndex(current_app.extensions["koi_keys"].blind).phone(e164)


def _said(sent_to: str) -> str:
    return str(_("Sent to %(phone)s, if somebody signed up with it", phone=sent_to))


def _door(form: OpenForm, *, sent_to: str | None = None) -> str:
    said = _said(sent_to) if sent_to else ""
    return render_template("me/open.html", form=form, said=said, wait_s=_AGAIN_S, sms=current_app.config["KOI_SMS"])
