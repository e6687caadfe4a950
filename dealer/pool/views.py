"""The open pool near a store: the list, one lead of it, and claiming."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from dealer.phrases import iso_moment
from dealer.pool.stores import Place, chosen, places
from shared.dealers import capacity
from shared.identity.permissions import Permission
from shared.leads.errors import LeftPool, OnItsWay, PoolRefused
from shared.leads.models import GRADES
from shared.leads.pool import queries, service
from shared.leads.pool.queries import Order
from shared.leads.sellers import service as sellers
from shared.platform.clock import beijing_day
from shared.platform.errors import Missing
from shared.web import errors, transaction
from shared.web.access import requires
from shared.web.notes import done

bp = Blueprint("pool", __name__, url_prefix="/pool")
_MANY_STORES = 12  # whose pools are counted for one line
_MARK = re.compile("[0-9a-f]{8}")


@bp.get("")
@requires(Permission.ASSIGNMENTS_READ)
def index() -> ResponseReturnValue:
    """What lies near one of the actor's stores."""
    stores = places(g.session, g.actor)
    place = chosen(stores, request.args.get("store"))
    if place is None:
        raise Missing(what="store")
    order, grade = _order(), _grade()
    shown = queries.shown(g.session, store_id=place.store_id, actor=g.actor, now=g.now, order=order, grade=grade)
    page = {"stores": stores, "place": place, "order": order, "orders": Order, "grade": grade, "shown": shown}
    return render_template("pool/index.html", **page, left=_left(place), room=_room(place))


@bp.get("/news")
@requires(Permission.ASSIGNMENTS_READ)
def news() -> ResponseReturnValue:
    """What has changed since a list was shown, without moving anything in it; 204 while there is nothing to say."""
    place, grade = _place(request.args.get("store")), _grade()
    shown = [each for each in request.args.get("shown", "").split(".") if _MARK.fullmatch(each)][: queries.MOST]
    begun, since = _moment("begun"), _moment("since")
    found = queries.news(
        g.session,
        store_id=place.store_id,
        actor=g.actor,
        shown=shown,
        begun=begun,
        since=since,
        now=g.now,
        grade=grade,
    )
    told = request.args.get("told", type=int) == found.fresh
    if told and not found.gone and not found.opened and "HX-Request" in request.headers:
        return "", 204
    left = [each for each in shown if each not in found.gone]
    page = {"place": place, "order": _order(), "grade": grade, "news": found, "shown": left, "begun": begun}
    return render_template("pool/news.html", **page, left=_left(place), room=_room(place))


@bp.post("/<uuid:lead_id>/look")
@requires(Permission.ASSIGNMENTS_READ)
def look(lead_id: UUID) -> ResponseReturnValue:
    """Open a lead of the pool: it counts for the day, and is written down."""
    place = _place(request.form.get("store"))
    service.look(g.session, lead_id=lead_id, store_id=place.store_id, actor=g.actor, now=g.now)
    return redirect(url_for(".show", lead_id=lead_id, store=place.store_id), 303)


@bp.get("/<uuid:lead_id>")
@requires(Permission.ASSIGNMENTS_READ)
def show(lead_id: UUID) -> ResponseReturnValue:
    """A lead that somebody at the store has looked at."""
    place = _place(request.args.get("store"))
    one = queries.entry(g.session, lead_id=lead_id, store_id=place.store_id, actor=g.actor, now=g.now)
    return render_template("pool/show.html", one=one, place=place, left=_left(place), room=_room(place))


@bp.post("/<uuid:lead_id>/claim")
@requires(Permission.ASSIGNMENTS_CLAIM)
def claim(lead_id: UUID) -> ResponseReturnValue:
    """Claim a lead for the store; its page shows the number as soon as it is there."""
    place = _place(request.form.get("store"))
    got = service.claim(g.session, lead_id=lead_id, store_id=place.store_id, actor=g.actor, now=g.now)
    claimed = sellers.hand_on(g.session, claimed=got, actor=g.actor, now=g.now)
    if claimed.given_to is not None:
        done(_("Claimed for %(name)s, whose turn it is", name=claimed.given_to.name))
    return redirect(url_for("leads.show", assignment_id=got.assignment_id), 303)


def open_near() -> int:
    """How many leads of the pool the actor's stores could claim now: the line on the first page."""
    mine = g.actor.store_ids
    if mine is None:
        mine = {each.store_id for each in places(g.session, g.actor)}
    return queries.count_open(g.session, store_ids=sorted(mine)[:_MANY_STORES], now=g.now)


def _place(asked: str | None) -> Place:
    place = chosen(places(g.session, g.actor), asked)
    if place is None:
        raise Missing(what="store")
    return place


def _order() -> Order:
    asked = request.args.get("sort", "")
    return Order(asked) if asked in set(Order) else Order.NEAR


def _grade() -> str | None:
    asked = request.args.get("grade")
    return asked if asked in GRADES else None


def _moment(name: str) -> datetime:
    """A moment that a page was shown or looked at, in seconds; now for what is none."""
    now = int(g.now.timestamp())
    return datetime.fromtimestamp(min(max(request.args.get(name, now, type=int), 0), now), g.now.tzinfo)


def _left(place: Place) -> queries.Left:
    return queries.left(g.session, store_id=place.store_id, now=g.now)


def _room(place: Place) -> int | None:
    """How many leads at all the store may still claim today; None without a limit."""
    here = {"dealer_id": g.actor.dealer_id, "store_ids": (place.store_id,)}
    return capacity.left_today(g.session, **here, day=beijing_day(g.now))


def _refused(error: PoolRefused) -> Response:
    """Say why, and when it will be possible; nothing was changed."""
    if errors.wants_problem_json():
        return errors.answer(errors.Problem(error.code, error.status, error.params))
    transaction.begin(g.actor.dealer_id)
    retry_at = error.params.get("retry_at")
    when = iso_moment(str(retry_at)) if retry_at else ""
    soon = bool(retry_at) and datetime.fromisoformat(str(retry_at)) > g.now
    page = render_template(
        "pool/refused.html",
        code=f"pool_refused.{error.params['why']}",
        params={"when": when},
        when=when if soon else "",
    )
    return make_response(page, error.status)


def _gone(error: LeftPool) -> Response:
    """Say that it is not there any more, instead of that there is no such page."""
    if errors.wants_problem_json():
        return errors.answer(errors.Problem(error.code, error.status, error.params))
    transaction.begin(g.actor.dealer_id)
    return make_response(render_template("pool/refused.html", code=error.code, params={}, when=""), error.status)


def _on_its_way(error: OnItsWay) -> Response:
    """The number is being sealed: the lead's own page says so and renews itself."""
    if errors.wants_problem_json() or request.view_args is None or "assignment_id" not in request.view_args:
        return errors.answer(errors.Problem(error.code, error.status, error.params))
    return make_response(redirect(url_for("leads.show", assignment_id=request.view_args["assignment_id"]), 303))


bp.app_errorhandler(PoolRefused)(_refused)
bp.app_errorhandler(LeftPool)(_gone)
bp.app_errorhandler(OnItsWay)(_on_its_way)
