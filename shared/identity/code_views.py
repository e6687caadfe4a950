"""Pages for people who type in a code: a store's sign-in, a forgotten password, another number.

Each is one form with two buttons: the first sends the code, the second uses it. So it works without scripts, and what
was typed is never lost. Whether a number is known is never shown: a code is asked for either way.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TypeVar

import flask
from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shared.identity import by_code, web
from shared.identity.actor import ActorKind
from shared.identity.errors import BadLogin, WrongCredentials
from shared.identity.forms import ForgottenForm, NewPhoneForm, PhoneCodeForm
from shared.identity.logins import Login, read_login
from shared.identity.permissions import Permission
from shared.platform.errors import DomainError, Missing
from shared.sms import words
from shared.sms.codes import Asker, Codes, Purpose
from shared.sms.errors import CodeGone, CodeTooSoon, CodeWrong, NoMessages
from shared.web import limits, metrics, notes
from shared.web.access import public, requires
from shared.web.locale import language
from shared.web.words import tell

bp = Blueprint("codes", __name__)
_PER_ADDRESS = "60 per 15 minutes"
_PER_PERSON = "10 per 15 minutes"  # as where the password is changed: the present one must not be found by trying
_DEVICE = "device"  # in the signed cookie: codes are counted per browser too
Form = TypeVar("Form", bound=PhoneCodeForm)


def _own_key() -> str:
    return str(g.actor.user_id)


@bp.get("/sign-in/code")
@public
def by_phone() -> ResponseReturnValue:
    """The page to sign in to a store with a code."""
    _stores_only()
    target = web.inside(request.args.get("next"))
    if g.get("actor") is not None:
        return redirect(target, 303)
    return _page("code", _fresh(PhoneCodeForm, next=target))


@bp.post("/sign-in/code")
@public
@limits.limiter.limit(_PER_ADDRESS, key_func=limits.address)
def enter_by_phone() -> ResponseReturnValue:
    """Send a code, or sign in with it."""
    _stores_only()
    form = PhoneCodeForm()
    login = _login(form)
    if login is None or not form.validate():
        return _page("code", form), 422
    if _sends():
        return _sent("code", form, login, "staff_sign_in", known=_known(login))

    def enter() -> ResponseReturnValue:
        actor = by_code.enter(
            g.session, web.realm(), login_bidx=login.index(web.blind_key()), address=web.address(), now=g.now
        )
        web.enter(actor)
        metrics.sign_in_tried(current_app.config["KOI_FACE"], "done")
        return redirect(web.inside(form.next.data), 303)

    return _used("code", form, login, "staff_sign_in", enter)


@bp.get("/forgotten")
@public
def forgotten() -> ResponseReturnValue:
    """The page for people who do not know their password."""
    return _page("forgotten", _fresh(ForgottenForm))


@bp.post("/forgotten")
@public
@limits.limiter.limit(_PER_ADDRESS, key_func=limits.address)
def set_anew() -> ResponseReturnValue:
    """Send a code, or set the password with it and enter."""
    form = ForgottenForm()
    login = _login(form)
    if _sends() and login is not None:
        return _sent("forgotten", form, login, "reset", known=_known(login))
    if login is None or not form.validate():
        return _page("forgotten", form), 422

    def set_password() -> ResponseReturnValue:
        actor = by_code.reset(
            g.session,
            web.realm(),
            login_bidx=login.index(web.blind_key()),
            password=form.password.data or "",
            blind_key=web.blind_key(),
            address=web.address(),
            now=g.now,
        )
        web.enter(actor)
        notes.done(_("The new password holds. All earlier sign-ins have ended."))
        return redirect(web.inside(None), 303)

    return _used("forgotten", form, login, "reset", set_password)


@bp.get("/account/phone")
@requires(Permission.ACCOUNT_USE)
def phone() -> ResponseReturnValue:
    """The page to change the number that one signs in with."""
    return _page("phone", _fresh(NewPhoneForm))


@bp.post("/account/phone")
@requires(Permission.ACCOUNT_USE)
@limits.limiter.limit(_PER_ADDRESS, key_func=limits.address)
@limits.limiter.limit(_PER_PERSON, key_func=_own_key)
def change_phone() -> ResponseReturnValue:
    """Send a code to the new number, or take it over with the code and the present password."""
    form = NewPhoneForm()
    login = _login(form)
    if login is None or not form.validate():
        return _page("phone", form), 422
    if _sends():
        return _sent("phone", form, login, "new_phone", known=True)

    def change() -> ResponseReturnValue:
        by_code.change_login(
            g.session,
            web.realm(),
            login=login,
            password=form.old.data or "",
            blind_key=web.blind_key(),
            session_id=g.signed_in.session_id,
            actor=g.actor,
            now=g.now,
        )
        notes.done(_("From now on you sign in with %(phone)s. All other sign-ins have ended.", phone=login.masked))
        return redirect(url_for("account.show"), 303)

    return _used("phone", form, login, "new_phone", change)


def _stores_only() -> None:
    """Headquarters signs in with a password: its accounts see every customer."""
    if web.realm().kind is not ActorKind.DEALER:
        raise Missing


def _sends() -> bool:
    return request.form.get("do") == "send"


def _fresh(kind: type[Form], **values: str) -> Form:
    return kind(formdata=None, use=secrets.token_urlsafe(12), **values)


def _known(login: Login) -> bool:
    return by_code.is_known(g.session, web.realm(), login.index(web.blind_key()))


def _login(form: PhoneCodeForm) -> Login | None:
    """The number as a login; None when it is no mobile number, which the field then says."""
    try:
        login = read_login(form.phone.data or "")
    except BadLogin:
        login = None
    if login is None or not login.value.startswith("+"):
        form.phone.errors = [*form.phone.errors, _("Write a mobile number of 11 digits")]
        return None
    return login


def _sent(name: str, form: PhoneCodeForm, login: Login, purpose: Purpose, *, known: bool) -> ResponseReturnValue:
    try:
        if not current_app.config["KOI_SMS"]:
            raise NoMessages
        asker = Asker(phone=login.value, purpose=purpose, address=request.remote_addr, device=_device())
        _codes().ask(asker, language=language(), deliver=known)
    except (CodeTooSoon, NoMessages) as refusal:
        form.code.errors = [words.refusal(refusal)]
        return _page(name, form), refusal.status
    return _page(name, form, sent_to=login.masked)


def _used(
    name: str, form: PhoneCodeForm, login: Login, purpose: Purpose, act: Callable[[], ResponseReturnValue]
) -> ResponseReturnValue:
    """Use the code up and act; a refusal is told on the page, with what was typed."""
    try:
        _codes().check(login.value, purpose, form.code.data or "", use=form.use.data or "")
        return act()
    except (CodeWrong, CodeGone) as refusal:
        form.code.errors = [words.refusal(refusal)]
    except WrongCredentials:
        form.phone.errors = [_("No account that may sign in has this number. Ask your manager or headquarters.")]
    except DomainError as refusal:
        form.refuse(refusal)
    return _page(name, form, sent_to=login.masked), 422


def _device() -> str:
    if _DEVICE not in flask.session:
        flask.session[_DEVICE] = secrets.token_urlsafe(12)
    return str(flask.session[_DEVICE])


def _codes() -> Codes:
    made: Codes = current_app.extensions["koi_codes"]
    return made


def _page(name: str, form: PhoneCodeForm, *, sent_to: str | None = None) -> str:
    face = current_app.config["KOI_FACE"]
    sms = bool(current_app.config["KOI_SMS"])
    return render_template(f"identity/{face}/{name}.html", form=form, sent_to=sent_to, sms=sms)


tell("user.by.code", _l("with a code by text message"))
