"""Users of headquarters: list, invite, disable, enable, role."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hq.admin.forms import HqUserForm, RoleForm
from hq.admin.letters import letters
from shared.identity import accounts, invites, queries, realms, web
from shared.identity.errors import BadLogin, LoginTaken
from shared.identity.logins import read_login
from shared.identity.models import HqUser
from shared.identity.permissions import Permission, Role
from shared.web.access import requires

bp = Blueprint("users", __name__, url_prefix="/users", template_folder="templates")


@bp.get("")
@requires(Permission.USERS_READ)
def index() -> ResponseReturnValue:
    """Everybody at headquarters."""
    return _list(HqUserForm())


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


@bp.post("/<uuid:user_id>/invite")
@requires(Permission.USERS_WRITE)
def invite(user_id: UUID) -> ResponseReturnValue:
    """A new link: for somebody who lost it, or has forgotten the password."""
    return _letter(accounts.hq_user(g.session, user_id))


@bp.post("/<uuid:user_id>/disable")
@requires(Permission.USERS_WRITE)
def disable(user_id: UUID) -> ResponseReturnValue:
    """Close an account; its sign-ins end now."""
    user = accounts.hq_user(g.session, user_id)
    accounts.disable(g.session, realms.HQ, account=user, actor=g.actor, now=g.now)
    flash(_("%(name)s can no longer sign in.", name=user.name), "ok")
    return redirect(url_for(".index"), 303)


@bp.post("/<uuid:user_id>/enable")
@requires(Permission.USERS_WRITE)
def enable(user_id: UUID) -> ResponseReturnValue:
    """Open a closed account."""
    user = accounts.hq_user(g.session, user_id)
    accounts.enable(g.session, account=user, actor=g.actor, now=g.now)
    flash(_("%(name)s can sign in again.", name=user.name), "ok")
    return redirect(url_for(".index"), 303)


@bp.post("/<uuid:user_id>/role")
@requires(Permission.USERS_WRITE)
def change_role(user_id: UUID) -> ResponseReturnValue:
    """Give another role."""
    form = RoleForm()
    if not form.validate():
        return _list(HqUserForm(formdata=None)), 422
    user = accounts.hq_user(g.session, user_id)
    accounts.change_role(g.session, account=user, role=Role(form.role.data), actor=g.actor, now=g.now)
    flash(_("The role of %(name)s is changed.", name=user.name), "ok")
    return redirect(url_for(".index"), 303)


def _list(form: HqUserForm) -> str:
    users = queries.hq_users(g.session)
    return render_template("admin/users.html", form=form, users=users, role_form=RoleForm)


def _letter(user: HqUser) -> str:
    link = invites.issue(g.session, user, actor=g.actor, now=g.now)
    made = letters([(user, link)], current_app.config["KOI_BASE_URL"])
    return render_template("admin/letters.html", letters=made, back=url_for(".index"))
