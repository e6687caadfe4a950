"""Headquarters' pages about stores: the list, one store, pausing, closing."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from hq.leads import freshness
from hq.network import history, prices, queries, service, times, undoing
from hq.network.days import write_week
from hq.network.forms import CloseForm, PauseForm, division_words
from hq.network.store_list import EVERY_SERIES, STORES
from hq.network.territories.queries import of_dealer
from shared.dealers.hours import WeeklyHours
from shared.dealers.series import book
from shared.identity.permissions import Permission
from shared.platform.clock import beijing_day
from shared.platform.errors import Invalid
from shared.web import tables
from shared.web.access import requires
from shared.web.holidays import holidays_words
from shared.web.notes import Undo, done
from shared.web.words import listing, tell

bp = Blueprint("network", __name__, url_prefix="/stores", template_folder="templates")
tables.serve(bp, STORES)

_MOST_QUERY = 300  # of the list's address: it travels in a cookie
_NAMED = 8
#: Per stage of an assignment the state of the lead by which the list of leads finds it.
LISTED = {"offered": "offered", "won": "won", "lost": "lost"} | dict.fromkeys(
    ("claimed", "contacted", "appointment", "visited"), "held"
)


@bp.get("")
@requires(Permission.STORES_READ)
def index() -> ResponseReturnValue:
    """The list; what it shows lives in the address."""
    return render_template("network/index.html", table=tables.read(STORES))


@bp.get("/<uuid:store_id>")
@requires(Permission.STORES_READ)
def show(store_id: UUID) -> ResponseReturnValue:
    """One store."""
    page = queries.store(g.session, store_id, now=g.now)
    store = page.store
    hours = WeeklyHours.from_json(store.hours)
    return render_template(
        "network/show.html",
        page=page,
        store=store,
        listed=LISTED,
        place=division_words(store),
        series=book(g.session).write(store.series),
        week=write_week(hours),
        holidays=holidays_words(hours),
        times=times.of_store(g.session, store_id=store_id, province_code=store.province_code, now=g.now),
        near=queries.near(g.session, store),
        price=prices.of_store(g.session, store_id, now=g.now),
        territories=of_dealer(g.session, store.dealer_id, store_id),
        history=history.of(g.session, f"store:{store_id}"),
        rests=store.paused_until is not None and store.paused_until > beijing_day(g.now),
    )


@bp.get("/<uuid:store_id>/pause")
@requires(Permission.STORES_WRITE)
def pause_page(store_id: UUID) -> ResponseReturnValue:
    """What pausing does, and the questions before it."""
    return _pause_page(PauseForm(formdata=None), store_id)


@bp.post("/<uuid:store_id>/pause")
@requires(Permission.STORES_WRITE)
def pause(store_id: UUID) -> ResponseReturnValue:
    """Let new leads pass over a store."""
    form = PauseForm()
    if not form.validate():
        return _pause_page(form, store_id), 422
    try:
        service.pause(
            g.session,
            store_ids=[store_id],
            reason=form.reason.data,
            until=form.until(),
            reroute=form.offers.data == "reroute",
            actor=g.actor,
            now=g.now,
        )
    except Invalid as refusal:
        form.day.errors = [
            _("This has passed already") if refusal.params.get("field") == "until" else _("Choose a day")
        ]
        return _pause_page(form, store_id), 422
    done(_("The store is paused. It keeps what it holds."), undo=Undo(url_for(".resume", store_id=store_id)))
    return redirect(url_for(".show", store_id=store_id), 303)


@bp.post("/<uuid:store_id>/resume")
@requires(Permission.STORES_WRITE)
def resume(store_id: UUID) -> ResponseReturnValue:
    """Open a paused store again."""
    service.resume(g.session, store_ids=[store_id], actor=g.actor, now=g.now)
    done(_("The store is open."))
    return redirect(url_for(".show", store_id=store_id), 303)


@bp.get("/<uuid:store_id>/close")
@requires(Permission.STORES_WRITE)
def close_page(store_id: UUID) -> ResponseReturnValue:
    """What closing for good does, before it is done."""
    return _close_page(CloseForm(formdata=None), store_id)


@bp.post("/<uuid:store_id>/close")
@requires(Permission.STORES_WRITE)
def close(store_id: UUID) -> ResponseReturnValue:
    """Close a store for good."""
    form = CloseForm()
    if not form.validate():
        return _close_page(form, store_id), 422
    taken = service.close(g.session, store_id=store_id, reason=form.reason.data, actor=g.actor, now=g.now)
    done(ngettext("Closed. %(num)s lead is on your desk.", "Closed. %(num)s leads are on your desk.", taken))
    return redirect(url_for(".show", store_id=store_id), 303)


@bp.post("/<uuid:store_id>/reopen")
@requires(Permission.STORES_WRITE)
def reopen(store_id: UUID) -> ResponseReturnValue:
    """Open a closed store."""
    service.reopen(g.session, store_id=store_id, actor=g.actor, now=g.now)
    done(_("The store is open. Leads that were taken from it do not come back by themselves."))
    return redirect(url_for(".show", store_id=store_id), 303)


@bp.post("/pause")
@requires(Permission.STORES_WRITE)
def pause_many() -> ResponseReturnValue:
    """Pause the stores that were ticked."""
    picked = tables.picked(STORES)
    reason = _("Paused with others")
    count = service.pause(g.session, store_ids=picked.ids, reason=reason, actor=g.actor, now=g.now)
    return _done(count, ngettext("Paused %(num)s store.", "Paused %(num)s stores.", count), picked.back)


@bp.post("/resume")
@requires(Permission.STORES_WRITE)
def resume_many() -> ResponseReturnValue:
    """Open the stores that were ticked."""
    picked = tables.picked(STORES)
    count = service.resume(g.session, store_ids=picked.ids, actor=g.actor, now=g.now)
    return _done(count, ngettext("Opened %(num)s store.", "Opened %(num)s stores.", count), picked.back)


@bp.post("/capacity")
@requires(Permission.STORES_WRITE)
def capacity_many() -> ResponseReturnValue:
    """Give the stores that were ticked another number of leads a day."""
    return _limit_many("capacity_number", weekly=False)


@bp.post("/weekly")
@requires(Permission.STORES_WRITE)
def weekly_many() -> ResponseReturnValue:
    """Give the stores that were ticked another number of leads a week."""
    return _limit_many("weekly_number", weekly=True)


@bp.post("/weight")
@requires(Permission.STORES_WRITE)
def weight_many() -> ResponseReturnValue:
    """Give the stores that were ticked another weight."""
    picked = tables.picked(STORES)
    weight = whole(request.form.get("weight_number", ""), "weight")
    count = service.set_weight(g.session, store_ids=picked.ids, weight=weight, actor=g.actor, now=g.now)
    return _changed(count, picked.back)


@bp.post("/series")
@requires(Permission.STORES_WRITE)
def series_many() -> ResponseReturnValue:
    """Say which series the stores that were ticked may sell: one, or all."""
    picked = tables.picked(STORES)
    code = request.form.get("series_code", "")
    series = None if code == EVERY_SERIES else [code]
    count = service.set_series(g.session, store_ids=picked.ids, series=series, actor=g.actor, now=g.now)
    return _changed(count, picked.back)


def _limit_many(name: str, *, weekly: bool) -> ResponseReturnValue:
    picked = tables.picked(STORES)
    number = request.form.get(name, "")
    capacity = None if number == "none" else whole(number, "capacity")
    count = service.set_capacity(
        g.session, store_ids=picked.ids, capacity=capacity, weekly=weekly, actor=g.actor, now=g.now
    )
    return _changed(count, picked.back)


def _changed(count: int, back: str) -> ResponseReturnValue:
    return _done(count, ngettext("Changed %(num)s store.", "Changed %(num)s stores.", count), back)


def _done(count: int, told: str, back: str) -> ResponseReturnValue:
    """Back to the list, with a way to take the change back where there was one."""
    query = back.partition("?")[2]
    fields = {"at": g.now.isoformat(), "query": query if len(query) <= _MOST_QUERY else ""}
    done(told, undo=Undo(url_for(".undo_many"), fields) if count else None)
    return redirect(back, 303)


@bp.post("/undo")
@requires(Permission.STORES_WRITE)
def undo_many() -> ResponseReturnValue:
    """Give the stores that were just changed together what each had before."""
    at = freshness.read(request.form.get("at"))
    if at is None:
        raise Invalid(field="at")
    undone = undoing.undo(g.session, at=at, actor=g.actor, now=g.now)
    if undone.done:
        done(ngettext("%(num)s store is as before.", "%(num)s stores are as before.", undone.done))
    if undone.left:
        flash(_left_words(undone.left), "warn")
    if not undone.done and not undone.left:
        flash(_("It was taken back before. Nothing was changed."), "warn")
    query = request.form.get("query", "")[:_MOST_QUERY]
    return redirect(f"{url_for('.index')}?{query}" if query else url_for(".index"), 303)


def _left_words(left: Sequence[undoing.Left]) -> str:
    """Which stores keep what they have now, and who changed them."""
    named = [_("%(store)s (%(who)s)", store=each.name, who=each.who) if each.who else each.name for each in left]
    if more := named[_NAMED:]:
        named[_NAMED:] = [ngettext("%(num)s more", "%(num)s more", len(more))]
    told = ngettext(
        "%(num)s store was changed since and keeps what it has now: %(stores)s.",
        "%(num)s stores were changed since and keep what they have now: %(stores)s.",
        len(left),
        stores=listing(named),
    )
    return str(told)


def whole(text: str, field: str) -> int:
    """A whole number of at most six digits.

    Raises:
        Invalid: it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise Invalid(field=field)
    return int(text)


def _pause_page(form: PauseForm, store_id: UUID) -> str:
    page = queries.store(g.session, store_id, now=g.now)
    return render_template(
        "network/pause.html", form=form, store=page.store, effects=queries.effects(g.session, [store_id])
    )


def _close_page(form: CloseForm, store_id: UUID) -> str:
    page = queries.store(g.session, store_id, now=g.now)
    return render_template(
        "network/close.html", form=form, store=page.store, effects=queries.effects(g.session, [store_id])
    )


tell("store.active", _l("Taking leads"))
tell("store.paused", _l("Paused"))
tell("store.closed", _l("Closed"))
tell("dealer_state.active", _l("In business"))
tell("dealer_state.closed", _l("Closed"))
tell("no_limit", _l("no limit"))
tell("every_series", _l("all series"))
tell("point.as_given", _l("as given"))
tell("point.county", _l("the seat of the district"))
tell("point.city", _l("the seat of the city"))
tell("system.BD-09", _l("Baidu map (BD-09)"))
tell("system.GCJ-02", _l("Amap, WeChat (GCJ-02)"))
tell("system.WGS-84", _l("GPS (WGS-84)"))
for _key, _name in {
    "mon": _l("Mon"),
    "tue": _l("Tue"),
    "wed": _l("Wed"),
    "thu": _l("Thu"),
    "fri": _l("Fri"),
    "sat": _l("Sat"),
    "sun": _l("Sun"),
}.items():
    tell(f"day.{_key}", _name)
for _key, _name in {
    "claim": _l("From offer to claim"),
    "contact": _l("From claim to first contact"),
    "in_time": _l("Claimed in time"),
    "contact_in_time": _l("First contact in time, of those claimed"),
    "won": _l("Won of those claimed"),
    "returned": _l("Sent back as not real, of those claimed"),
}.items():
    tell(f"measure.{_key}", _name)
tell("why.store_paused", _l("The store was paused"))
tell("why.store_closed", _l("The store was closed"))
