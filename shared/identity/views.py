"""Signing in and out, invite links, and one's own account; the same pages in both portals."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shared.identity import accounts, invites, sessions, sign_in, web
from shared.identity.errors import InviteUnusable, WrongCredentials
from shared.identity.forms import ChangePasswordForm, LanguageForm, NewPasswordForm, SignInForm
from shared.identity.logins import read_login
from shared.identity.permissions import Permission
from shared.identity.realms import Account
from shared.platform.errors import DomainError, Invalid
from shared.web import limits, metrics, transaction
from shared.web.access import public, requires
from shared.web.words import tell

bp = Blueprint("account", __name__)
_PER_ACCOUNT = "10 per 15 minutes"
_PER_ADDRESS = "60 per 15 minutes"


def _account_key() -> str:
    """The login that is tried, as its blind index: no phone reaches Redis."""
    face = current_app.config["KOI_FACE"]
    try:
        return f"{face}:{read_login(request.form.get('login', '')).index(web.blind_key()).hex()}"
    except DomainError:
        return f"{face}:unreadable"


def _own_key() -> str:
    return str(g.actor.user_id)


@bp.get("/sign-in")
@public
def sign_in_page() -> ResponseReturnValue:
    """The page to sign in on; whoever is signed in goes on at once."""
    target = web.inside(request.args.get("next"))
    if g.get("actor") is not None:
        return redirect(target, 303)
    return _sign_in_form(SignInForm(next=target), ended=web.had_ticket())


@bp.post("/sign-in")
@public
@limits.limiter.limit(_PER_ADDRESS, key_func=limits.address)
@limits.limiter.limit(_PER_ACCOUNT, key_func=_account_key)
def enter() -> ResponseReturnValue:
    """Sign in."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_form(form), 422
    try:
        _authenticate(form)
    except (WrongCredentials, Invalid):
        metrics.sign_in_tried(current_app.config["KOI_FACE"], "refused")
        form.refuse(WrongCredentials())
        return _sign_in_form(form), 401
    metrics.sign_in_tried(current_app.config["KOI_FACE"], "done")
    return redirect(web.inside(form.next.data), 303)


def _authenticate(form: SignInForm) -> None:
    bidx = read_login(form.login.data).index(web.blind_key())
    actor = sign_in.authenticate(
        g.session, web.realm(), login_bidx=bidx, password=form.password.data, address=web.address()
    )
    web.enter(actor)


def _sign_in_form(form: SignInForm, *, ended: bool = False) -> str:
    return render_template(_page("sign_in"), form=form, ended=ended)


@bp.post("/sign-out")
@public
def leave() -> ResponseReturnValue:
    """Sign out; without a sign-in there is nothing to do."""
    if g.get("actor") is not None:
        sessions.end(g.session, web.realm(), session_id=g.signed_in.session_id, actor=g.actor, now=g.now)
    web.leave()
    return redirect(url_for(".sign_in_page"), 303)


@bp.get("/invite/<token>")
@public
def invite(token: str) -> ResponseReturnValue:
    """The page to set a first password on."""
    account = _invited(token)
    return render_template(_page("invite"), form=NewPasswordForm(), name=account.name, token=token)


@bp.post("/invite/<token>")
@public
@limits.limiter.limit(_PER_ADDRESS, key_func=limits.address)
def accept(token: str) -> ResponseReturnValue:
    """Set the first password and enter."""
    account = _invited(token)
    form = NewPasswordForm()
    if not form.validate():
        return render_template(_page("invite"), form=form, name=account.name, token=token), 422
    try:
        actor = invites.accept(
            g.session,
            web.realm(),
            invites.Invite.decode(token),
            password=form.password.data,
            blind_key=web.blind_key(),
            address=web.address(),
            now=g.now,
        )
    except Invalid as refusal:
        form.refuse(refusal)
        return render_template(_page("invite"), form=form, name=account.name, token=token), 422
    web.enter(actor)
    return redirect(web.inside(None), 303)


def _invited(token: str) -> Account:
    link = invites.Invite.decode(token)
    if link.dealer_id is not None:
        transaction.begin(link.dealer_id)
    return invites.find(g.session, web.realm(), link, now=g.now)


@bp.get("/account")
@requires(Permission.ACCOUNT_USE)
def show() -> ResponseReturnValue:
    """One's own account: sign-ins, password, language."""
    return _account_page(ChangePasswordForm())


@bp.post("/account/password")
@requires(Permission.ACCOUNT_USE)
@limits.limiter.limit(_PER_ACCOUNT, key_func=_own_key)
def change_password() -> ResponseReturnValue:
    """Change the password."""
    form = ChangePasswordForm()
    if not form.validate():
        return _account_page(form), 422
    try:
        sign_in.change_password(
            g.session,
            web.realm(),
            old=form.old.data,
            new=form.password.data,
            blind_key=web.blind_key(),
            session_id=g.signed_in.session_id,
            actor=g.actor,
            now=g.now,
        )
    except Invalid as refusal:
        form.refuse(refusal)
        return _account_page(form), 422
    flash(_("The password is changed. All other sign-ins have ended."), "ok")
    return redirect(url_for(".show"), 303)


@bp.post("/account/language")
@requires(Permission.ACCOUNT_USE)
def change_language() -> ResponseReturnValue:
    """Choose the language of one's pages."""
    form = LanguageForm()
    if not form.validate():
        return _account_page(ChangePasswordForm()), 422
    accounts.set_locale(g.session, web.realm(), locale=form.locale.data, actor=g.actor)
    return redirect(url_for(".show", lang=form.locale.data), 303)


@bp.post("/account/sessions/<uuid:session_id>/end")
@requires(Permission.ACCOUNT_USE)
def end_session(session_id: UUID) -> ResponseReturnValue:
    """End one sign-in."""
    sessions.end(g.session, web.realm(), session_id=session_id, actor=g.actor, now=g.now)
    flash(_("That sign-in has ended."), "ok")
    return redirect(url_for(".show"), 303)


@bp.post("/account/sessions/end-others")
@requires(Permission.ACCOUNT_USE)
def end_others() -> ResponseReturnValue:
    """End every sign-in but this one."""
    sessions.end_all(
        g.session,
        web.realm(),
        user_id=g.actor.user_id,
        dealer_id=g.actor.dealer_id,
        now=g.now,
        keep=g.signed_in.session_id,
    )
    flash(_("All other sign-ins have ended."), "ok")
    return redirect(url_for(".show"), 303)


@bp.post("/account/sessions/end-all")
@requires(Permission.ACCOUNT_USE)
def leave_everywhere() -> ResponseReturnValue:
    """End every sign-in, this one too."""
    sessions.end_all(g.session, web.realm(), user_id=g.actor.user_id, dealer_id=g.actor.dealer_id, now=g.now)
    web.leave()
    return redirect(url_for(".sign_in_page"), 303)


def _account_page(form: ChangePasswordForm) -> str:
    return render_template(
        _page("account"),
        form=form,
        language_form=LanguageForm(formdata=None, locale=g.signed_in.locale),
        sessions=sessions.own(g.session, web.realm(), actor=g.actor, now=g.now),
        this_session=g.signed_in.session_id,
        login_masked=g.signed_in.login_masked,
    )


def _page(name: str) -> str:
    return f"identity/{current_app.config['KOI_FACE']}/{name}.html"


tell(
    WrongCredentials.code,
    _l("The account or the password is not right"),
    _l(
        "Check both and try again. Whoever forgot the password sets a new one by code or gets a link from headquarters."
    ),
)
tell(
    InviteUnusable.code,
    _l("This link no longer works"),
    _l("It was used already, replaced by a newer one, or is older than 7 days. Ask for a new one."),
)
tell("login_unusable", _l("Use a mobile number, an e-mail address, or a name of at least 3 letters and digits"))
tell("password_weak.short", _l("At least %(shortest)s characters"))
tell("password_weak.long", _l("At most %(longest)s characters"))
tell("password_weak.common", _l("Many people use this one; choose something harder to guess"))
tell("password_weak.login", _l("The password must not be your name or your login"))
tell("password_wrong", _l("The present password is not right"))
tell("login_taken", _l("Somebody has this login already"), _l("Look for them in the list. Nothing was changed."))
tell(
    "last_administrator",
    _l("This is the last administrator"),
    _l("Make somebody else an administrator first. Nothing was changed."),
)
tell(
    "not_yourself",
    _l("People cannot do this to themselves"),
    _l("Another administrator can do it. Nothing was changed."),
)
tell("role.administrator", _l("Administrator"))
tell("role.operator", _l("Operator"))
tell("role.content_editor", _l("Content editor"))
tell("role.analyst", _l("Analyst"))
tell("role.dealer_owner", _l("Dealer owner"))
tell("role.store_manager", _l("Store manager"))
tell("role.salesperson", _l("Salesperson"))
tell("account.invited", _l("Invited"))
tell("account.active", _l("Active"))
tell("account.disabled", _l("Disabled"))
