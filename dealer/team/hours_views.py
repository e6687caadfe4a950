"""When a store is open, and when it takes no new leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from dealer.team import queries, service
from dealer.team.blueprint import bp
from dealer.team.forms import HoursForm, PauseForm
from shared.dealers.hours import DAY_KEYS, Span
from shared.identity.permissions import Permission
from shared.platform.clock import beijing_day
from shared.platform.errors import Invalid
from shared.web.access import requires
from shared.web.formats import day as day_words
from shared.web.holidays import holiday_choices
from shared.web.locale import language
from shared.web.notes import Undo, done


@bp.route("/store/<uuid:store_id>/pause", methods=["GET", "POST"])
@requires(Permission.TEAM_WRITE)
def pause(store_id: UUID) -> ResponseReturnValue:
    """Take no new leads until a day."""
    place = _place(store_id)
    form = PauseForm.at(g.now)
    if request.method == "POST" and form.validate():
        try:
            until = form.ends()
            service.pause(g.session, store_id=store_id, until=until, actor=g.actor, now=g.now)
        except Invalid as error:
            form.refuse(error)
        else:
            when = day_words(until, g.now, language())
            done(_("No new leads until %(day)s", day=when), undo=Undo(url_for(".resume", store_id=store_id)))
            return _back(store_id)
    return render_template("store/pause.html", place=place, form=form), 422 if request.method == "POST" else 200


@bp.post("/store/<uuid:store_id>/resume")
@requires(Permission.TEAM_WRITE)
def resume(store_id: UUID) -> ResponseReturnValue:
    """Take new leads again."""
    before = service.resume(g.session, store_id=store_id, actor=g.actor, now=g.now)
    fields = {"until": before.isoformat()} if before else {}
    done(_("Taking new leads"), undo=Undo(url_for(".pause", store_id=store_id), fields) if before else None)
    return _back(store_id)


@bp.route("/store/<uuid:store_id>/hours", methods=["GET", "POST"])
@requires(Permission.TEAM_WRITE)
def hours(store_id: UUID) -> ResponseReturnValue:
    """Set the opening hours and the days on which the store is shut."""
    place = _place(store_id)
    form = HoursForm()
    if request.method == "POST" and form.validate():
        try:
            service.set_hours(
                g.session,
                store_id=store_id,
                hours=form.hours(),
                closed_days=form.closed_days(),
                actor=g.actor,
                now=g.now,
            )
        except Invalid as error:
            form.refuse(error)
        else:
            done(_("Opening hours saved"))
            return _back(store_id)
    status = 422 if request.method == "POST" else 200
    shown = {"week": _week(place), "days": _days(place), "holidays": _holidays(place), "choices": holiday_choices()}
    return render_template("store/hours.html", place=place, form=form, **shown), status


def _place(store_id: UUID) -> queries.Place:
    return queries.place(g.session, actor=g.actor, store_id=store_id, day=beijing_day(g.now))


def _week(place: queries.Place) -> list[tuple[str, list[tuple[str, str]]]]:
    """Per day its openings as the fields hold them: what was typed, else what is stored, and one free line."""
    return [(key, _shown(key, spans)) for key, spans in zip(DAY_KEYS, place.hours.week, strict=True)]


def _holidays(place: queries.Place) -> dict[str, Any]:
    """What happens on public holidays and make-up workdays: what was typed, else what is stored."""
    rule = place.hours.holidays
    on, make_up = rule.on.value, rule.make_up
    if request.method == "POST":
        on, make_up = request.form.get("holidays", on), request.form.get("make_up", "yes") == "yes"
    return {"on": on, "make_up": make_up, "spans": _shown("holiday", rule.spans)}


def _shown(key: str, spans: Sequence[Span]) -> list[tuple[str, str]]:
    shown = [(_clock(opens), _clock(closes)) for opens, closes in spans]
    if request.method == "POST":
        typed = [tuple(request.form.get(f"{key}-{n}-{edge}", "") for edge in ("opens", "closes")) for n in range(4)]
        shown = [(opens, closes) for opens, closes in typed if opens or closes]
    return shown or [("", "")]


def _days(place: queries.Place) -> list[str]:
    if request.method == "POST":
        return request.form.getlist("closed")
    return [day.isoformat() for day in place.closed_days]


def _clock(minute: int) -> str:
    return "23:59" if minute == 24 * 60 else f"{minute // 60:02}:{minute % 60:02}"


def _back(store_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("store.index", store=store_id), 303)
