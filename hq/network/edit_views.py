"""Changing a store, and adding one by hand."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from hq.network import editing, queries
from hq.network.days import write_week
from hq.network.errors import BadPoint, Stale
from hq.network.forms import NewStoreForm, StoreForm
from shared.dealers.hours import DEFAULT_HOURS
from shared.dealers.models import Dealer
from shared.dealers.series import book
from shared.identity.permissions import Permission
from shared.platform.clock import beijing_day
from shared.platform.errors import DomainError
from shared.web.access import requires
from shared.web.arguments import uuid_of
from shared.web.forms import choices
from shared.web.notes import done
from shared.web.words import say, tell

bp = Blueprint("store_edit", __name__, url_prefix="/stores", template_folder="templates")


@bp.get("/<uuid:store_id>/edit")
@requires(Permission.STORES_WRITE)
def edit(store_id: UUID) -> ResponseReturnValue:
    """The form of a store."""
    page = queries.store(g.session, store_id, now=g.now)
    return render_template("network/edit.html", form=StoreForm.of(page.store, book(g.session)), store=page.store)


@bp.post("/<uuid:store_id>/edit")
@requires(Permission.STORES_WRITE)
def save(store_id: UUID) -> ResponseReturnValue:
    """Change a store; when somebody else did meanwhile, show what they changed and keep what was typed."""
    form = StoreForm()
    try:
        answer = _save(form, store_id)
    except Stale as stale:
        return _stale_page(form, store_id, stale), stale.status
    return answer if answer is not None else (_form_page(form, store_id), 422)


def _save(form: StoreForm, store_id: UUID) -> ResponseReturnValue | None:
    if not form.validate():
        return None
    try:
        wanted = form.wanted(today=beijing_day(g.now), series=book(g.session))
        if _is_doubted(form):
            return None
        changes = editing.edit_store(
            g.session, store_id=store_id, seen=form.changed_at.data or "", wanted=wanted, actor=g.actor, now=g.now
        )
    except Stale:
        raise
    except DomainError as refusal:
        _refuse(form, refusal)
        return None
    done(_("Saved.") if changes else _("Nothing was different, so nothing was changed."))
    return redirect(url_for("network.show", store_id=store_id), 303)


@bp.get("/new")
@requires(Permission.STORES_WRITE)
def new() -> ResponseReturnValue:
    """The form of a new store."""
    dealer_id = uuid_of("dealer")
    form = NewStoreForm(formdata=None, dealer=str(dealer_id or ""), capacity="10", **write_week(DEFAULT_HOURS))
    return _new_page(form)


@bp.post("/new")
@requires(Permission.STORES_WRITE)
def add() -> ResponseReturnValue:
    """Add a store."""
    form = NewStoreForm()
    form.dealer.choices = _dealer_choices()
    store_id = _add(form) if form.validate() else None
    if store_id is None:
        return _new_page(form), 422
    done(_("The store is there. Now invite its people."))
    return redirect(url_for("network.show", store_id=store_id), 303)


def _add(form: NewStoreForm) -> UUID | None:
    try:
        wanted = form.wanted(today=beijing_day(g.now), series=book(g.session))
        if _is_doubted(form):
            return None
        return editing.add_store(
            g.session,
            dealer_id=UUID(form.dealer.data),
            code=form.code.data,
            wanted=wanted,
            actor=g.actor,
            now=g.now,
        )
    except DomainError as refusal:
        _refuse(form, refusal)
        return None


def _refuse(form: StoreForm, refusal: DomainError) -> None:
    form.refuse(refusal)
    if isinstance(refusal, BadPoint) and refusal.params.get("reason") == "swapped":
        form.swap()  # as it is meant: the next press saves it


def _is_doubted(form: StoreForm) -> bool:
    """Tell what speaks against the position, once: the next press saves it all the same."""
    found = form.doubt()
    if found is None or found.misfit is None:
        return False
    shown = f"{found.misfit} {form.lng.data} {form.lat.data}"
    if form.sure.data == shown:
        return False
    form.sure.data = shown
    params = {"km": round(found.km), "nearest": found.nearest.name}
    form.form_errors.append(say(f"point_misfit.{found.misfit}", params))
    return True


def _form_page(form: StoreForm, store_id: UUID) -> str:
    page = queries.store(g.session, store_id, now=g.now)
    return render_template("network/edit.html", form=form, store=page.store)


def _stale_page(form: StoreForm, store_id: UUID, stale: Stale) -> str:
    g.session.expire_all()
    page = queries.store(g.session, store_id, now=g.now)
    theirs = StoreForm.of(page.store, book(g.session))
    differing = [
        field.name
        for field in theirs
        if field.name not in ("changed_at", "sure") and (field.data or "") != (form[field.name].data or "")
    ]
    form.changed_at.data = theirs.changed_at.data  # who saves now has seen it
    return render_template(
        "network/edit.html", form=form, store=page.store, stale=stale.params, theirs=theirs, differing=differing
    )


def _new_page(form: NewStoreForm) -> str:
    form.dealer.choices = _dealer_choices()
    return render_template("network/new.html", form=form, asked=request.args.get("dealer"))


def _dealer_choices() -> list[object]:
    rows = g.session.execute(
        select(Dealer.dealer_id, Dealer.name).where(Dealer.status == "active").order_by(Dealer.name)
    )
    return [*choices(("", _("Choose a dealer"))), *choices(*((str(row.dealer_id), row.name) for row in rows))]


tell(
    "network_stale",
    _l("%(who)s changed this store while you were writing"),
    _l("Look at what differs, then save: what stands in the form counts."),
)
tell("network_code_taken", _l("This code is taken; choose another one"))
tell("network_place", _l("No province, city or district is called that. Write them with spaces between"))
tell("network_point.half", _l("Write both longitude and latitude, or neither"))
tell("network_point.number", _l("Write degrees as a number, such as 120.130396"))
tell(
    "network_point.swapped",
    _l("Longitude and latitude stood in each other's place; they are exchanged now. Look at them, then save"),
)
tell(
    "point_misfit.sea",
    _l("%(km)s km from the nearest district, %(nearest)s: in the sea or abroad? Save again if it is right"),
)
tell(
    "point_misfit.province",
    _l("This point is near %(nearest)s, in another province than you wrote. Look at both; save again if it is right"),
)
tell(
    "point_misfit.city",
    _l("This point is near %(nearest)s, in another city than you wrote. Look at both; save again if it is right"),
)
tell(
    "point_misfit.county",
    _l("This point is nearer to %(nearest)s than to the district you wrote. Look at both; save again if it is right"),
)
tell("network_point.outside", _l("This point is not in China; nothing was saved"))
tell("network_point.system", _l("Choose the map that the coordinates come from"))
tell("network_series", _l("There is no series “%(text)s”; there are: %(known)s"))
tell("network_series.none", _l("There is no series “%(text)s”, as none has been written down yet"))
tell("network_day", _l("“%(text)s” cannot be read"))
