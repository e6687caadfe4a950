"""Picking somebody of the demo brand from a list. Only where Koi runs on its own servers, never in production."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared.identity import personas, web
from shared.platform.errors import Missing
from shared.web.access import public

bp = Blueprint("personas", __name__)


@bp.get("/try")
@public
def index() -> ResponseReturnValue:
    """Whom a visitor may be."""
    _demo_only()
    found = personas.all_of(g.session, web.realm())
    if not found:
        return redirect(url_for("account.sign_in_page"), 303)
    houses = [(dealer, list(people)) for dealer, people in groupby(found, key=lambda one: one.dealer)]
    return render_template(f"identity/{current_app.config['KOI_FACE']}/personas.html", houses=houses)


@bp.post("/try")
@public
def become() -> ResponseReturnValue:
    """Be one of them."""
    _demo_only()
    person = _uuid("user")
    actor = personas.become(g.session, web.realm(), user_id=person, dealer_id=_dealer(), address=web.address())
    web.enter(actor)
    return redirect(web.inside(None), 303)


def _demo_only() -> None:
    if not current_app.config["KOI_EMBEDDED"]:
        raise Missing


def _dealer() -> UUID | None:
    return _uuid("dealer") if request.form.get("dealer") else None


def _uuid(name: str) -> UUID:
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        raise Missing from None
