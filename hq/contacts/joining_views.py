"""Headquarters joins customers that are one person, and takes apart those that are not."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.contacts import joining
from hq.contacts.joining import Effects, Side
from hq.qualification import joinings, partings
from hq.qualification.matching.models import ContactMerge
from shared.contacts.crypto import BlindIndex
from shared.identity.permissions import Permission
from shared.platform.errors import Missing
from shared.web import notes
from shared.web.access import requires
from shared.web.arguments import uuid_of
from shared.web.notes import Undo
from shared.web.transaction import again_after_deadlock
from shared.web.words import tell

bp = Blueprint("joining", __name__, url_prefix="/contacts", template_folder="templates")

tell(
    "joined_since",
    _l("This customer was joined to another one since"),
    _l("Undo that joining first, on the page of the other customer. Nothing was changed."),
)


tell("already_joined", _l("One of them was joined to another customer meanwhile"), _l("Nothing was changed."))


@bp.get("/<uuid:contact_id>/join")
@requires(Permission.CONTACTS_JOIN)
def choose(contact_id: UUID) -> ResponseReturnValue:
    """Somebody to join the customer with: search, or, with `other`, what the joining will change."""
    other = uuid_of("other")
    effects = joining.effects(g.session, contact_id, other) if other else None
    return _page(contact_id, effects=effects)


@bp.post("/<uuid:contact_id>/join/find")
@requires(Permission.CONTACTS_JOIN)
def find(contact_id: UUID) -> ResponseReturnValue:
    """Customers that may be the same person; posted, so that no address holds a number."""
    words = request.form.get("words", "")
    index = BlindIndex(current_app.extensions["koi_keys"].blind)
    found = joining.candidates(g.session, contact_id, words, index=index)
    return _page(contact_id, words=words, found=found)


@bp.post("/<uuid:contact_id>/join")
@requires(Permission.CONTACTS_JOIN)
@again_after_deadlock
def join(contact_id: UUID) -> ResponseReturnValue:
    """They are the same person: one of the two goes on with everything of both."""
    merge = joinings.join(g.session, one=contact_id, other=_other(), note=_why(), actor=g.actor, now=g.now)
    notes.done(_("They are one customer now."), undo=Undo(url_for(".part", merge_id=merge.merge_id)))
    return _to(merge)


@bp.post("/joinings/<uuid:merge_id>/part")
@requires(Permission.CONTACTS_JOIN)
@again_after_deadlock
def part(merge_id: UUID) -> ResponseReturnValue:
    """They are not the same person: each has again what was its own, and they are kept apart."""
    merge = partings.undo(g.session, merge_id=merge_id, why=_why(), actor=g.actor, now=g.now)
    notes.done(
        _("They are two customers again and will not be joined by themselves."),
        undo=Undo(url_for(".join", contact_id=merge.survivor), {"other": str(merge.loser)}),
    )
    return _to(merge)


def _page(
    contact_id: UUID, *, words: str = "", found: Sequence[Side] | None = None, effects: Effects | None = None
) -> str:
    side = joining.side(g.session, contact_id)
    return render_template("contacts/join.html", side=side, words=words, found=found, effects=effects)


def _why() -> str:
    return request.form.get("why", "")


def _other() -> UUID:
    try:
        return UUID(request.form.get("other", ""))
    except ValueError:
        raise Missing(contact="") from None


def _to(merge: ContactMerge) -> ResponseReturnValue:
    return redirect(url_for("contacts.show", contact_id=merge.survivor), 303)
