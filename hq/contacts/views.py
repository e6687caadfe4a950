"""Headquarters' pages about customers."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from hq.contacts import queries
from hq.contacts.contact_list import CONTACTS
from hq.contacts.queries import Fact
from hq.signups.queries import became_of
from shared.identity.permissions import Permission
from shared.regions import divisions
from shared.web import tables, words
from shared.web.access import requires
from shared.web.words import tell

bp = Blueprint("contacts", __name__, url_prefix="/contacts", template_folder="templates")
tables.serve(bp, CONTACTS)

for _name, _text in {
    "model": _l("Model"),
    "purchase_horizon": _l("Wants to buy"),
    "current_vehicle": _l("Rides now"),
    "budget": _l("Budget"),
    "county_code": _l("District"),
    "province": _l("Province"),
    "city": _l("City"),
    "county": _l("District"),
    "phone_city": _l("City of the number"),
    "draws": _l("Draws"),
    "booked_test_ride": _l("Test ride booked"),
    "visited_store": _l("Was in the store"),
}.items():
    tell(f"told.{_name}", _text)
for _name, _text in {
    "phone": _l("Phone"),
    "openid": _l("WeChat (openid)"),
    "unionid": _l("WeChat (unionid)"),
    "external": _l("WeCom"),
}.items():
    tell(f"identity.{_name}", _text)
for _name, _text in {
    "wechat": _l("Verified by WeChat"),
    "sms": _l("Verified by SMS"),
    "typed": _l("Typed, not verified"),
    "staff": _l("Entered by staff"),
    "imported": _l("From an import"),
}.items():
    tell(f"strength.{_name}", _text)
for _name, _text in {
    "openid": _l("the same WeChat account, with many numbers"),
    "device": _l("the same device"),
    "address": _l("the same address and browser"),
    "name": _l("the same name and district"),
}.items():
    tell(f"near.{_name}", _text)
tell("said.given", _l("Agreed"))
tell("said.withdrawn", _l("Withdrew"))
tell("consent.marketing", _l("marketing"))
tell("consent.share", _l("sharing with dealers"))
tell("consent.store", _l("sharing with one dealer"))


@bp.get("")
@requires(Permission.CONTACTS_READ)
def index() -> ResponseReturnValue:
    """The list; what it shows lives in the address."""
    return render_template("contacts/index.html", table=tables.read(CONTACTS))


@bp.get("/<uuid:contact_id>")
@requires(Permission.CONTACTS_READ)
def show(contact_id: UUID) -> ResponseReturnValue:
    """One customer, with where each fact came from."""
    return render_template("contacts/show.html", person=queries.one(g.session, contact_id), became_of=became_of)


@bp.app_template_filter("fact_words")
def fact_words(fact: Fact) -> str:
    """The value of a fact in words."""
    if fact.value is True:
        return str(_l("yes"))
    if fact.words == "division":
        found = divisions.division_of(str(fact.value))
        return found.name if found else str(fact.value)
    return words.say(f"{fact.words}.{fact.value}") if fact.words else str(fact.value)
