"""The dealers' staff as headquarters sees them: list, add, invite singly and in bulk, disable, enable."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from hq.admin.forms import StaffForm
from hq.admin.letters import letters
from shared.identity import accounts, invites, queries, realms, web
from shared.identity.errors import BadLogin, LoginTaken
from shared.identity.logins import read_login
from shared.identity.models import Staff
from shared.identity.permissions import Permission, Role
from shared.platform.errors import Missing
from shared.web import paging
from shared.web.access import requires
from shared.web.forms import choices

bp = Blueprint("staff", __name__, url_prefix="/staff", template_folder="templates")
_MOST_LETTERS = 500


@bp.get("")
@requires(Permission.STAFF_READ)
def index() -> ResponseReturnValue:
    """The dealers' staff, all or one dealer's."""
    dealer_id, store_id = _dealer_wanted(), request.args.get("store", type=UUID)
    status = request.args.get("status", "")
    return render_template(
        "admin/staff.html",
        page=queries.staff_page(
            g.session, dealer_id=dealer_id, store_id=store_id, status=status, after=paging.wanted()
        ),
        dealers=queries.dealers(g.session),
        dealer_id=dealer_id,
        store_id=store_id,
        status=status,
    )


def _dealer_wanted() -> UUID | None:
    return request.args.get("dealer", type=UUID)


@bp.get("/<uuid:dealer_id>/new")
@requires(Permission.STAFF_WRITE)
def new(dealer_id: UUID) -> ResponseReturnValue:
    """The form to add somebody to a dealer."""
    return _form_page(StaffForm(), dealer_id)


@bp.post("/<uuid:dealer_id>/new")
@requires(Permission.STAFF_WRITE)
def add(dealer_id: UUID) -> ResponseReturnValue:
    """Add somebody to a dealer, and make the invite link."""
    form = StaffForm()
    form.stores.choices = _store_choices(_dealer(dealer_id))
    if not form.validate():
        return _form_page(form, dealer_id), 422
    try:
        person = _add(form, dealer_id)
    except (BadLogin, LoginTaken) as refusal:
        form.refuse(refusal)
        return _form_page(form, dealer_id), refusal.status
    return _letters([person])


def _add(form: StaffForm, dealer_id: UUID) -> Staff:
    return accounts.add_staff(
        g.session,
        dealer_id=dealer_id,
        store_ids=[UUID(store_id) for store_id in form.stores.data],
        login=read_login(form.login.data),
        name=form.name.data,
        role=Role(form.role.data),
        blind_key=web.blind_key(),
        actor=g.actor,
        now=g.now,
    )


@bp.post("/invite")
@requires(Permission.STAFF_WRITE)
def invite() -> ResponseReturnValue:
    """New links for the people ticked, as letters to send or to print."""
    people = _ticked() if "every" not in request.form else _all_waiting()
    if not people:
        flash(_("Tick the people who need a link first."), "warn")
        return redirect(url_for(".index"), 303)
    return _letters([person for person in people if person.status != "disabled"])


@bp.post("/<uuid:dealer_id>/<uuid:user_id>/disable")
@requires(Permission.STAFF_WRITE)
def disable(dealer_id: UUID, user_id: UUID) -> ResponseReturnValue:
    """Close an account; its sign-ins end now."""
    person = accounts.staff(g.session, dealer_id, user_id)
    accounts.disable(g.session, realms.DEALER, account=person, actor=g.actor, now=g.now)
    flash(_("%(name)s can no longer sign in.", name=person.name), "ok")
    return redirect(url_for(".index", dealer=dealer_id), 303)


@bp.post("/<uuid:dealer_id>/<uuid:user_id>/enable")
@requires(Permission.STAFF_WRITE)
def enable(dealer_id: UUID, user_id: UUID) -> ResponseReturnValue:
    """Open a closed account."""
    person = accounts.staff(g.session, dealer_id, user_id)
    accounts.enable(g.session, account=person, actor=g.actor, now=g.now)
    flash(_("%(name)s can sign in again.", name=person.name), "ok")
    return redirect(url_for(".index", dealer=dealer_id), 303)


def _ticked() -> list[Staff]:
    return [accounts.staff(g.session, *_person(value)) for value in request.form.getlist("person")[:_MOST_LETTERS]]


def _all_waiting() -> list[Staff]:
    dealer_id = request.form.get("every", type=UUID)
    return list(queries.waiting_for_invite(g.session, dealer_id=dealer_id, limit=_MOST_LETTERS))


def _person(value: str) -> tuple[UUID, UUID]:
    dealer_id, _colon, user_id = value.partition(":")
    try:
        return UUID(dealer_id), UUID(user_id)
    except ValueError:
        raise Missing from None


def _dealer(dealer_id: UUID) -> queries.DealerChoice:
    found = [dealer for dealer in queries.dealers(g.session) if dealer.dealer_id == dealer_id]
    if not found:
        raise Missing
    return found[0]


def _store_choices(dealer: queries.DealerChoice) -> list[SelectChoice]:
    return choices(*((str(store_id), name) for store_id, name in dealer.stores))


def _form_page(form: StaffForm, dealer_id: UUID) -> str:
    dealer = _dealer(dealer_id)
    form.stores.choices = _store_choices(dealer)
    return render_template("admin/staff_new.html", form=form, dealer=dealer)


def _letters(people: list[Staff]) -> str:
    issued = [(person, invites.issue(g.session, person, actor=g.actor, now=g.now)) for person in people]
    made = letters(issued, current_app.config["KOI_BASE_URL"])
    return render_template("admin/letters.html", letters=made, back=url_for(".index"))
