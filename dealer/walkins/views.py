"""Entering somebody who came in or called, and seeing what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from dealer.keys import vault
from dealer.walkins.forms import WalkInForm
from shared.campaigns.standing import words_for
from shared.campaigns.wording import Wording
from shared.contacts.crypto import BlindIndex
from shared.dealers.models import Dealer, Store
from shared.identity.permissions import Permission
from shared.platform.errors import Invalid
from shared.platform.ids import new_id
from shared.walkins import queries, service
from shared.walkins.errors import EnteredAlready, WordsChanged
from shared.web.access import requires
from shared.web.forms import choices
from shared.web.locale import language
from shared.web.notes import done
from shared.web.words import tell

bp = Blueprint("walkins", __name__, url_prefix="/walk-ins")


@bp.get("")
@requires(Permission.WALK_INS_WRITE)
def index() -> ResponseReturnValue:
    """Whom one's stores entered lately."""
    return render_template("walkins/index.html", entered=queries.latest(g.session, actor=g.actor))


@bp.get("/new")
@requires(Permission.WALK_INS_WRITE)
def new() -> ResponseReturnValue:
    """The form."""
    form = WalkInForm(formdata=None, walk_in_id=str(new_id(g.now)))
    return _form_page(form, _own_stores())


@bp.post("/new")
@requires(Permission.WALK_INS_WRITE)
def enter() -> ResponseReturnValue:
    """Write somebody down; what is not right stands beside its field, and nothing typed is lost."""
    form, stores = WalkInForm(), _own_stores()
    if not form.validate():
        return _form_page(form, stores), 422
    try:
        walk_in_id = _enter(form, stores)
    except EnteredAlready as refusal:
        flash(_("This number was entered today already. Nothing was added."), "warn")
        there = UUID(str(refusal.params["walk_in_id"]))
        mine = queries.may_open(g.session, there, actor=g.actor)
        return redirect(url_for(".show", walk_in_id=there) if mine else url_for(".index"), 303)
    except (Invalid, WordsChanged) as refusal:
        form.refuse(refusal)
        return _form_page(form, stores), refusal.status
    return redirect(url_for(".show", walk_in_id=walk_in_id), 303)


@bp.get("/<uuid:walk_in_id>")
@requires(Permission.WALK_INS_WRITE)
def show(walk_in_id: UUID) -> ResponseReturnValue:
    """What became of it; the page asks by itself while it is being checked, and goes to the lead then."""
    entered = queries.one(g.session, walk_in_id, actor=g.actor)
    if entered.state == "held" and not entered.is_open:
        entered = replace(entered, code="colleague")
    if entered.state != "held" or not entered.is_open:
        return render_template("walkins/show.html", one=entered)
    lead = url_for("leads.show", assignment_id=entered.assignment_id)
    if "HX-Request" in request.headers:
        done(_("In your leads now."))
        return Response(headers={"HX-Redirect": lead})
    return redirect(lead, 303)


def _enter(form: WalkInForm, stores: Sequence[Store]) -> UUID:
    keys = current_app.extensions["koi_keys"]
    return service.enter(
        g.session,
        entry=form.entry(stores),
        vault=vault(),
        index=BlindIndex(keys.blind),
        actor=g.actor,
        now=g.now,
    )


def _own_stores() -> Sequence[Store]:
    chosen = select(Store).where(Store.dealer_id == g.actor.dealer_id, Store.status != "closed").order_by(Store.code)
    if g.actor.store_ids is not None:
        chosen = chosen.where(Store.store_id.in_(sorted(g.actor.store_ids)))
    return g.session.scalars(chosen).all()  # type: ignore[no-any-return]  # the session is Flask's `g`


def _words() -> Wording:
    return words_for(g.session.scalars(select(Dealer.name).where(Dealer.dealer_id == g.actor.dealer_id)).one())


def _form_page(form: WalkInForm, stores: Sequence[Store]) -> str:
    words = _words()
    form.words.data = words.zh
    form.store.choices = choices(*((str(one.store_id), one.name) for one in stores))
    if len(stores) == 1 or not form.store.data:
        form.store.data = str(stores[0].store_id) if stores else ""
    return render_template(
        "walkins/new.html", form=form, stores=stores, text=words.en if language() == "en" else words.zh
    )


tell("walk_in_phone.phone_missing", _l("Write the customer's mobile number"))
tell("walk_in_phone.phone_length", _l("A mobile number has 11 digits. Look at it again"))
tell("walk_in_phone.phone_rounded", _l("A mobile number has 11 digits. Look at it again"))
tell("walk_in_phone.phone_prefix", _l("Mobile numbers begin with 13 to 19. Look at it again"))
tell("walk_in_phone.phone_landline", _l("This is a landline number. Ask for a mobile number"))
tell(
    "walk_in_consent",
    _l("Read the text to the customer and tick it once they agree; without that nothing may be written down"),
)
tell("walk_in_words", _l("The text has changed. Read it to the customer once more"))
tell(
    "walk_in.known",
    _l("Headquarters knows this customer"),
    _l(
        "Somebody is looking after them, so they do not come to your leads. Serve them as usual. If you should take"
        " over, call headquarters: it sees that they came to you."
    ),
)
tell(
    "walk_in.colleague",
    _l("A colleague looks after this customer"),
    _l("The store has them in its leads. Ask your manager if you should take over."),
)
tell(
    "walk_in.no_consent",
    _l("The customer has taken the consent back"),
    _l("The number is deleted. They may sign up themselves with your store's code."),
)
tell(
    "walk_in.rejected",
    _l("The number cannot be used"),
    _l("Ask the customer for another one and enter it again."),
)
tell(
    "walk_in.no_lead",
    _l("Headquarters has closed this customer's lead"),
    _l("Call headquarters if you want to know why."),
)
