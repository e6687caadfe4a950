"""Headquarters' own people: the list, one person, inviting, roles, closing and opening accounts."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.admin import role_table
from hq.admin.forms import HqUserForm, LoginForm, NameForm, RoleForm
from hq.admin.letters import as_file, letters
from hq.admin.user_list import USERS
from hq.network import history
from shared.identity import accounts, invites, realms, sessions, web
from shared.identity.errors import BadLogin, LoginTaken
from shared.identity.logins import read_login
from shared.identity.models import HqUser
from shared.identity.permissions import DEALER_ROLES, HQ_ROLES, Permission, Role
from shared.web import tables
from shared.web.access import requires
from shared.web.notes import Undo, done
from shared.web.words import tell

bp = Blueprint("users", __name__, url_prefix="/users", template_folder="templates")
tables.serve(bp, USERS)

tell("role_above", _l("Nobody gives a role that may do more than their own"), _l("Nothing was changed."))


@bp.get("")
@requires(Permission.USERS_READ)
def index() -> ResponseReturnValue:
    """Everybody at headquarters."""
    return _list(HqUserForm(formdata=None))


@bp.post("")
@requires(Permission.USERS_WRITE)
def add() -> ResponseReturnValue:
    """Invite somebody."""
    form = HqUserForm()
    if not form.validate():
        return _list(form), 422
    try:
        user = _add(form)
    except (BadLogin, LoginTaken) as refusal:
        form.refuse(refusal)
        return _list(form), refusal.status
    return _letter(user)


def _add(form: HqUserForm) -> HqUser:
    return accounts.add_hq_user(
        g.session,
        login=read_login(form.login.data),
        name=form.name.data,
        role=Role(form.role.data),
        blind_key=web.blind_key(),
        actor=g.actor,
        now=g.now,
    )


@bp.get("/roles")
@requires(Permission.USERS_READ)
def roles() -> ResponseReturnValue:
    """Who may do what, readable."""
    return render_template(
        "admin/roles.html",
        hq=role_table.of(HQ_ROLES),
        dealer=role_table.of(DEALER_ROLES),
        HQ=HQ_ROLES,
        DEALER=DEALER_ROLES,
    )


@bp.get("/<uuid:user_id>")
@requires(Permission.USERS_READ)
def show(user_id: UUID) -> ResponseReturnValue:
    """One person."""
    return _page(accounts.hq_user(g.session, user_id))


@bp.post("/<uuid:user_id>/invite")
@requires(Permission.USERS_WRITE)
def invite(user_id: UUID) -> ResponseReturnValue:
    """A new link: for somebody who lost it, or has forgotten the password."""
    return _letter(accounts.hq_user(g.session, user_id))


@bp.post("/<uuid:user_id>/revoke")
@requires(Permission.USERS_WRITE)
def revoke(user_id: UUID) -> ResponseReturnValue:
    """Close the open link."""
    invites.revoke(g.session, accounts.hq_user(g.session, user_id), actor=g.actor, now=g.now)
    done(_("The link no longer works. A new one can be made at any time."))
    return _back(user_id)


@bp.post("/<uuid:user_id>/disable")
@requires(Permission.USERS_WRITE)
def disable(user_id: UUID) -> ResponseReturnValue:
    """Close an account; its sign-ins end now."""
    user = accounts.hq_user(g.session, user_id)
    accounts.disable(g.session, realms.HQ, account=user, actor=g.actor, now=g.now)
    done(_("%(name)s can no longer sign in.", name=user.name), undo=Undo(url_for(".enable", user_id=user_id)))
    return _back(user_id)


@bp.post("/<uuid:user_id>/enable")
@requires(Permission.USERS_WRITE)
def enable(user_id: UUID) -> ResponseReturnValue:
    """Open a closed account."""
    user = accounts.hq_user(g.session, user_id)
    accounts.enable(g.session, account=user, actor=g.actor, now=g.now)
    done(_("%(name)s can sign in again.", name=user.name))
    return _back(user_id)


@bp.post("/<uuid:user_id>/role")
@requires(Permission.USERS_WRITE)
def change_role(user_id: UUID) -> ResponseReturnValue:
    """Give another role."""
    user, form = accounts.hq_user(g.session, user_id), RoleForm()
    if not form.validate():
        return _page(user), 422
    before = user.role
    accounts.change_role(g.session, account=user, role=Role(form.role.data), actor=g.actor, now=g.now)
    back = Undo(url_for(".change_role", user_id=user_id), {"role": before})
    done(_("The role of %(name)s is changed.", name=user.name), undo=back if before != user.role else None)
    return _back(user_id)


@bp.post("/<uuid:user_id>/login")
@requires(Permission.USERS_WRITE)
def change_login(user_id: UUID) -> ResponseReturnValue:
    """Somebody has another number or address now."""
    user, form = accounts.hq_user(g.session, user_id), LoginForm()
    if not form.validate():
        return _page(user, login=form), 422
    try:
        login = read_login(form.login.data)
        accounts.change_login(
            g.session, realms.HQ, account=user, login=login, blind_key=web.blind_key(), actor=g.actor, now=g.now
        )
    except (BadLogin, LoginTaken) as refusal:
        form.refuse(refusal)
        return _page(user, login=form), refusal.status
    done(_("%(name)s signs in with %(login)s from now on.", name=user.name, login=user.login_masked))
    return _back(user_id)


@bp.post("/<uuid:user_id>/sessions/end", defaults={"session_id": None})
@bp.post("/<uuid:user_id>/sessions/<uuid:session_id>/end")
@requires(Permission.USERS_WRITE)
def end_session(user_id: UUID, session_id: UUID | None) -> ResponseReturnValue:
    """End one sign-in, or all."""
    accounts.hq_user(g.session, user_id)
    sessions.end_of_account(
        g.session, realms.HQ, user_id=user_id, dealer_id=None, session_id=session_id, actor=g.actor, now=g.now
    )
    done(_("Signed out there.") if session_id else _("Signed out everywhere."))
    return _back(user_id)


def _back(user_id: UUID) -> ResponseReturnValue:
    return redirect(url_for(".show", user_id=user_id), 303)


def _list(form: HqUserForm) -> str:
    return render_template("admin/users.html", form=form, table=tables.read(USERS))


def _page(user: HqUser, *, login: LoginForm | None = None) -> str:
    return render_template(
        "admin/user.html",
        user=user,
        role_form=RoleForm(formdata=None, role=user.role),
        login_form=login or LoginForm(formdata=None),
        name_form=NameForm(formdata=None, name=user.name),
        sessions=sessions.of_account(g.session, realms.HQ, user_id=user.user_id, dealer_id=None, now=g.now),
        end_one=lambda session_id: url_for(".end_session", user_id=user.user_id, session_id=session_id),
        history=history.of(g.session, f"user:{user.user_id}"),
    )


def _letter(user: HqUser) -> str:
    link = invites.issue(g.session, user, actor=g.actor, now=g.now)
    made = letters([(user, link)], current_app.config["KOI_BASE_URL"])
    return render_template("admin/letters.html", letters=made, file=as_file(made), back=url_for(".index"), left=[])
