"""Headquarters' pages about dealers."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.network import editing, history, queries
from hq.network.dealer_list import DEALERS
from hq.network.errors import CodeTaken, Stale
from hq.network.forms import DealerForm, NewDealerForm
from hq.network.store_list import STORES
from hq.network.territories.queries import of_dealer
from hq.network.views import LISTED
from shared.identity.permissions import Permission
from shared.web import tables
from shared.web.access import requires
from shared.web.notes import Undo, done
from shared.web.words import tell

bp = Blueprint("dealers", __name__, url_prefix="/dealers", template_folder="templates")
tables.serve(bp, DEALERS)

#: A dealer's stores, to look at: acts on many belong to the list of all.
_THEIRS = replace(STORES, acts=(), views=())


@bp.get("")
@requires(Permission.STORES_READ)
def index() -> ResponseReturnValue:
    """The list."""
    return render_template("network/dealers.html", table=tables.read(DEALERS))


@bp.get("/new")
@requires(Permission.STORES_WRITE)
def new() -> ResponseReturnValue:
    """The form of a new dealer."""
    return render_template("network/dealer_new.html", form=NewDealerForm(formdata=None))


@bp.post("/new")
@requires(Permission.STORES_WRITE)
def add() -> ResponseReturnValue:
    """Add a dealer."""
    form = NewDealerForm()
    if not form.validate():
        return render_template("network/dealer_new.html", form=form), 422
    try:
        dealer_id = editing.add_dealer(g.session, code=form.code.data, name=form.name.data, actor=g.actor, now=g.now)
    except CodeTaken as refusal:
        form.refuse(refusal)
        return render_template("network/dealer_new.html", form=form), refusal.status
    done(_("The dealer is there. Now add its stores."))
    return redirect(url_for(".show", dealer_id=dealer_id), 303)


@bp.get("/<uuid:dealer_id>")
@requires(Permission.STORES_READ)
def show(dealer_id: UUID) -> ResponseReturnValue:
    """One dealer."""
    return _page(dealer_id, None)


@bp.post("/<uuid:dealer_id>/name")
@requires(Permission.STORES_WRITE)
def rename(dealer_id: UUID) -> ResponseReturnValue:
    """Give a dealer another name."""
    form = DealerForm()
    if not form.validate():
        return _page(dealer_id, form), 422
    try:
        editing.rename_dealer(
            g.session, dealer_id=dealer_id, seen=form.seen.data or "", name=form.name.data, actor=g.actor, now=g.now
        )
    except Stale as refusal:
        form.refuse(refusal)
        return _page(dealer_id, form), refusal.status
    done(_("Saved."))
    return redirect(url_for(".show", dealer_id=dealer_id), 303)


@bp.post("/<uuid:dealer_id>/close")
@requires(Permission.STORES_WRITE)
def close(dealer_id: UUID) -> ResponseReturnValue:
    """Close a dealer whose stores are closed."""
    editing.close_dealer(g.session, dealer_id=dealer_id, actor=g.actor, now=g.now)
    done(_("The dealer is closed; its people are signed out."), undo=Undo(url_for(".reopen", dealer_id=dealer_id)))
    return redirect(url_for(".show", dealer_id=dealer_id), 303)


@bp.post("/<uuid:dealer_id>/reopen")
@requires(Permission.STORES_WRITE)
def reopen(dealer_id: UUID) -> ResponseReturnValue:
    """Open a closed dealer."""
    editing.reopen_dealer(g.session, dealer_id=dealer_id, actor=g.actor, now=g.now)
    done(_("The dealer is open."))
    return redirect(url_for(".show", dealer_id=dealer_id), 303)


def _page(dealer_id: UUID, form: DealerForm | None) -> str:
    page = queries.dealer(g.session, dealer_id)
    name = page.dealer.name
    shown = form or DealerForm(formdata=None, name=name, seen=name)
    shown.seen.data = name
    return render_template(
        "network/dealer.html",
        page=page,
        dealer=page.dealer,
        form=shown,
        listed=LISTED,
        territories=of_dealer(g.session, dealer_id),
        table=tables.read(_THEIRS, fixed={"dealer": str(dealer_id)}),
        history=history.of(g.session, f"dealer:{dealer_id}"),
    )


tell(
    "network_stores_open",
    _l("Close its stores first"),
    _l("A dealer is closed when all its stores are. Nothing was changed."),
)
