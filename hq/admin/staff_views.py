"""The dealers' staff as headquarters sees them: the list, one person, links, adding, closing and opening accounts."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms.fields import SelectChoice

from hq.admin.forms import StaffForm
from hq.admin.letters import as_file, letters
from hq.admin.staff_list import STAFF
from shared.dealers.models import Dealer, Store
from shared.identity import accounts, invites, queries, realms, web
from shared.identity.errors import BadLogin, LoginTaken
from shared.identity.logins import read_login
from shared.identity.models import Staff
from shared.identity.permissions import Permission, Role
from shared.platform.errors import Missing
from shared.web import tables
from shared.web.access import requires
from shared.web.arguments import uuid_of
from shared.web.forms import choices
from shared.web.notes import Undo, done
from shared.web.words import tell

bp = Blueprint("staff", __name__, url_prefix="/staff", template_folder="templates")
tables.serve(bp, STAFF)
_MOST_LETTERS = 500

tell("all_stores", _l("All stores"))


@bp.get("")
@requires(Permission.STAFF_READ)
def index() -> ResponseReturnValue:
    """The dealers' staff; what the list shows lives in the address."""
    return render_template("admin/staff.html", table=tables.read(STAFF), dealer_id=uuid_of("dealer"))


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
    form.stores.choices = store_choices(dealer_choice(dealer_id))
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
    """New links for the people named, as letters to send or to print."""
    people = _named() if "every" not in request.form else _all_waiting()
    if not people:
        flash(_("Tick the people who need a link first."), "warn")
        return redirect(url_for(".index"), 303)
    return _letters([person for person in people if person.status != "disabled"])


@bp.post("/links")
@requires(Permission.STAFF_WRITE)
def links() -> ResponseReturnValue:
    """New links for the people ticked in the list."""
    picked = tables.picked(STAFF)
    people = g.session.scalars(select(Staff).where(Staff.user_id.in_(picked.ids)).order_by(Staff.name, Staff.user_id))
    return _letters([person for person in people if person.status != "disabled"])


@bp.post("/<uuid:dealer_id>/<uuid:user_id>/disable")
@requires(Permission.STAFF_WRITE)
def disable(dealer_id: UUID, user_id: UUID) -> ResponseReturnValue:
    """Close an account; its sign-ins end now."""
    person = accounts.staff(g.session, dealer_id, user_id)
    accounts.disable(g.session, realms.DEALER, account=person, actor=g.actor, now=g.now)
    back = url_for(".enable", dealer_id=dealer_id, user_id=user_id)
    done(_("%(name)s can no longer sign in.", name=person.name), undo=Undo(back))
    return redirect(url_for(".show", dealer_id=dealer_id, user_id=user_id), 303)


@bp.post("/<uuid:dealer_id>/<uuid:user_id>/enable")
@requires(Permission.STAFF_WRITE)
def enable(dealer_id: UUID, user_id: UUID) -> ResponseReturnValue:
    """Open a closed account."""
    person = accounts.staff(g.session, dealer_id, user_id)
    accounts.enable(g.session, account=person, actor=g.actor, now=g.now)
    done(_("%(name)s can sign in again.", name=person.name))
    return redirect(url_for(".show", dealer_id=dealer_id, user_id=user_id), 303)


def _named() -> list[Staff]:
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


def dealer_choice(dealer_id: UUID) -> queries.DealerChoice:
    """A dealer with its stores.

    Raises:
        Missing: no such dealer.
    """
    found = g.session.get(Dealer, dealer_id)
    if found is None:
        raise Missing(dealer=str(dealer_id))
    of_dealer = select(Store.store_id, Store.name).where(Store.dealer_id == dealer_id, Store.status != "closed")
    stores = tuple((row.store_id, row.name) for row in g.session.execute(of_dealer.order_by(Store.name)))
    return queries.DealerChoice(dealer_id, found.name, stores)


def store_choices(dealer: queries.DealerChoice) -> list[SelectChoice]:
    """A dealer's stores to choose."""
    return choices(*((str(store_id), name) for store_id, name in dealer.stores))


def _form_page(form: StaffForm, dealer_id: UUID) -> str:
    dealer = dealer_choice(dealer_id)
    form.stores.choices = store_choices(dealer)
    return render_template("admin/staff_new.html", form=form, dealer=dealer)


def _letters(people: list[Staff]) -> str:
    issued = [(person, invites.issue(g.session, person, actor=g.actor, now=g.now)) for person in people]
    made = letters(issued, current_app.config["KOI_BASE_URL"])
    return render_template("admin/letters.html", letters=made, file=as_file(made), back=url_for(".index"), left=[])
