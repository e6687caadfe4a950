"""One person of a dealer: role, stores, account, link, sign-ins."""

from __future__ import annotations

from uuid import UUID

from flask import g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from hq.admin.forms import LoginForm, MoveForm, NameForm, StaffRoleForm
from hq.admin.staff_views import bp, dealer_choice, store_choices
from hq.network import history
from shared.identity import accounts, invites, realms, sessions, web
from shared.identity.errors import BadLogin, LoginTaken
from shared.identity.logins import read_login
from shared.identity.models import Staff, StaffStore
from shared.identity.permissions import Permission, Role
from shared.leads.models import Assignment
from shared.web.access import requires
from shared.web.notes import done


@bp.get("/<uuid:dealer_id>/<uuid:user_id>")
@requires(Permission.STAFF_READ)
def show(dealer_id: UUID, user_id: UUID) -> ResponseReturnValue:
    """One person."""
    return _page(accounts.staff(g.session, dealer_id, user_id))


@bp.post("/<uuid:dealer_id>/<uuid:user_id>/role")
@requires(Permission.STAFF_WRITE)
def change_role(dealer_id: UUID, user_id: UUID) -> ResponseReturnValue:
    """Give another role; it counts from the next request on."""
    person, form = accounts.staff(g.session, dealer_id, user_id), StaffRoleForm()
    if not form.validate():
        return _page(person), 422
    accounts.change_role(g.session, account=person, role=Role(form.role.data), actor=g.actor, now=g.now)
    done(_("The role of %(name)s is changed.", name=person.name))
    return _back(person)


@bp.post("/<uuid:dealer_id>/<uuid:user_id>/stores")
@requires(Permission.STAFF_WRITE)
def move(dealer_id: UUID, user_id: UUID) -> ResponseReturnValue:
    """Let somebody work at other stores."""
    person, form = accounts.staff(g.session, dealer_id, user_id), MoveForm()
    form.stores.choices = store_choices(dealer_choice(dealer_id))
    if not form.validate():
        return _page(person), 422
    wanted = [UUID(store_id) for store_id in form.stores.data or ()]
    left = accounts.move(g.session, person=person, store_ids=wanted, actor=g.actor, now=g.now)
    told = ngettext(
        "Saved. %(num)s lead stays with the store that they left, for everybody there.",
        "Saved. %(num)s leads stay with the store that they left, for everybody there.",
        left,
    )
    done(told if left else _("Saved."))
    return _back(person)


@bp.post("/<uuid:dealer_id>/<uuid:user_id>/login")
@requires(Permission.STAFF_WRITE)
def change_login(dealer_id: UUID, user_id: UUID) -> ResponseReturnValue:
    """Somebody has another number now."""
    person, form = accounts.staff(g.session, dealer_id, user_id), LoginForm()
    if not form.validate():
        return _page(person, login=form), 422
    try:
        accounts.change_login(
            g.session,
            realms.DEALER,
            account=person,
            login=read_login(form.login.data),
            blind_key=web.blind_key(),
            actor=g.actor,
            now=g.now,
        )
    except (BadLogin, LoginTaken) as refusal:
        form.refuse(refusal)
        return _page(person, login=form), refusal.status
    done(_("%(name)s signs in with %(login)s from now on.", name=person.name, login=person.login_masked))
    return _back(person)


@bp.post("/<uuid:dealer_id>/<uuid:user_id>/name")
@requires(Permission.STAFF_WRITE)
def rename(dealer_id: UUID, user_id: UUID) -> ResponseReturnValue:
    """Write the name differently."""
    person, form = accounts.staff(g.session, dealer_id, user_id), NameForm()
    if not form.validate():
        return _page(person, name=form), 422
    accounts.rename(g.session, account=person, name=form.name.data, actor=g.actor, now=g.now)
    done(_("Saved."))
    return _back(person)


@bp.post("/<uuid:dealer_id>/<uuid:user_id>/revoke")
@requires(Permission.STAFF_WRITE)
def revoke(dealer_id: UUID, user_id: UUID) -> ResponseReturnValue:
    """Close the open link."""
    person = accounts.staff(g.session, dealer_id, user_id)
    invites.revoke(g.session, person, actor=g.actor, now=g.now)
    done(_("The link no longer works. A new one can be made at any time."))
    return _back(person)


@bp.post("/<uuid:dealer_id>/<uuid:user_id>/sessions/end", defaults={"session_id": None})
@bp.post("/<uuid:dealer_id>/<uuid:user_id>/sessions/<uuid:session_id>/end")
@requires(Permission.STAFF_WRITE)
def end_session(dealer_id: UUID, user_id: UUID, session_id: UUID | None) -> ResponseReturnValue:
    """End one sign-in, or all."""
    person = accounts.staff(g.session, dealer_id, user_id)
    sessions.end_of_account(
        g.session,
        realms.DEALER,
        user_id=user_id,
        dealer_id=dealer_id,
        session_id=session_id,
        actor=g.actor,
        now=g.now,
    )
    done(_("Signed out there.") if session_id else _("Signed out everywhere."))
    return _back(person)


def _back(person: Staff) -> ResponseReturnValue:
    return redirect(url_for("staff.show", dealer_id=person.dealer_id, user_id=person.user_id), 303)


def _page(person: Staff, *, login: LoginForm | None = None, name: NameForm | None = None) -> str:
    key = (person.dealer_id, person.user_id)
    of_person = (StaffStore.dealer_id == key[0], StaffStore.user_id == key[1])
    at = g.session.scalars(select(StaffStore.store_id).where(*of_person))
    stores = MoveForm(formdata=None, stores=[str(store_id) for store_id in at])
    dealer = dealer_choice(person.dealer_id)
    stores.stores.choices = store_choices(dealer)
    return render_template(
        "admin/person.html",
        person=person,
        dealer=dealer,
        role_form=StaffRoleForm(formdata=None, role=person.role),
        stores_form=stores,
        login_form=login or LoginForm(formdata=None),
        name_form=name or NameForm(formdata=None, name=person.name),
        held=g.session.scalar(
            select(func.count())
            .select_from(Assignment)
            .where(Assignment.dealer_id == key[0], Assignment.assignee == key[1], Assignment.ended_at.is_(None))
        ),
        sessions=sessions.of_account(
            g.session, realms.DEALER, user_id=person.user_id, dealer_id=person.dealer_id, now=g.now
        ),
        end_one=lambda session_id: url_for(
            "staff.end_session", dealer_id=key[0], user_id=key[1], session_id=session_id
        ),
        history=history.of(g.session, f"user:{person.user_id}"),
    )
