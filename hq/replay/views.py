"""Headquarters' pages that try rules on a past period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.qualification.screening.kinds import ALL
from hq.replay import queries, service, words
from hq.replay.errors import BadFactor, BadPeriod, EmptyPeriod, NoPlaces, NoPopulation, TooFew, TooLarge, Unreadable
from hq.replay.models import REPLAY_WAYS
from hq.replay.people import ruling
from hq.replay.people.tally import BECAME, FIGURES, STEP
from hq.replay.routed.demand import LEAST, MOST, Asked, Demand
from hq.replay.routed.outcome import MOST_WAITING
from hq.replay.routed.page import page_of
from hq.rules.queries import Kind, Version, kind_of
from shared.identity.permissions import Permission
from shared.platform.clock import beijing_day
from shared.platform.errors import DomainError, Missing
from shared.web import words as sentences
from shared.web.access import requires
from shared.web.notes import done

bp = Blueprint(
    "replays",
    __name__,
    url_prefix="/rules/<any(screening, scorecard, thresholds, routing):kind>/<int(max=99999):version>/replay",
    template_folder="templates",
)
for _filter in (
    words.way_words,
    words.fate_reason,
    words.became_words,
    words.demand_words,
    words.tried_words,
    words.moved_words,
):
    bp.add_app_template_filter(_filter)

_REFUSED = (BadFactor, BadPeriod, EmptyPeriod, NoPlaces, NoPopulation, TooFew, TooLarge, Unreadable)
_USUAL = timedelta(days=27)
_MOST_ROWS = 12  # of a table of channels, campaigns, provinces or stores
_WAYS = (
    ("touchpoint", _l("Channel")),
    ("campaign", _l("Campaign")),
    ("province", _l("Province")),
    ("store", _l("Store")),
)


@bp.get("")
@requires(Permission.RULES_READ)
def index(kind: str, version: int) -> ResponseReturnValue:
    """The question for the period, and what was tried before."""
    return _question(kind, version)


@bp.post("")
@requires(Permission.RULES_WRITE)
def start(kind: str, version: int) -> ResponseReturnValue:
    """Try the version on a period."""
    first, last, form = _day("since"), _day("until"), request.form
    try:
        if first is None or last is None:
            raise BadPeriod(field="until", most=service.MOST_DAYS)
        asked = Asked.of(form.get("demand", ""), form.get("factor", ""))
        made = service.start(
            g.session, kind=kind, version=version, first=first, last=last, asked=asked, actor=g.actor, now=g.now
        )
    except _REFUSED as refusal:
        return _question(kind, version, refusal), refusal.status
    return redirect(url_for(".show", kind=kind, version=version, replay_id=made), 303)


@bp.post("/<uuid:replay_id>/stop")
@requires(Permission.RULES_WRITE)
def stop(kind: str, version: int, replay_id: UUID) -> ResponseReturnValue:
    """End a comparison where it is."""
    if service.stop(g.session, kind=kind, version=version, replay_id=replay_id, actor=g.actor, now=g.now):
        done(_("Stopped. What was compared so far is shown."))
    else:
        done(_("It stops with the step that is under way."))
    return redirect(url_for(".show", kind=kind, version=version, replay_id=replay_id), 303)


@bp.get("/<uuid:replay_id>")
@requires(Permission.RULES_READ)
def show(kind: str, version: int, replay_id: UUID) -> ResponseReturnValue:
    """How far a replay is, and what it says."""
    replay = queries.find(g.session, kind, version, replay_id)
    if kind == "routing":
        skip = _after("stores")
        page = page_of(g.session, replay, skip=skip) if replay.state != "running" else None
        found = _kind(kind, version)[0]
        return render_template(
            "replay/routed.html",
            replay=replay,
            kind=found,
            page=page,
            skip=skip,
            most=queries.MOVES,
            most_waiting=MOST_WAITING,
            stopping=queries.stopping(g.session, replay),
        )
    after = {way: _after(way) for way in REPLAY_WAYS}
    moves = {way: queries.moves(g.session, replay_id, way=way, after=after[way]) for way in REPLAY_WAYS}
    told = replay.tally
    return render_template(
        "replay/show.html",
        replay=replay,
        stopping=queries.stopping(g.session, replay),
        figures=FIGURES,
        kind=_kind(kind, version)[0],
        bars=_bars(told["points"]) if kind == "scorecard" else [],
        became=[(name, told["became"][name]) for name in BECAME if name in told["became"]],
        ways=[(way, label, rows) for way, label in _WAYS if len(rows := _most(told.get(way, {}))) > 1],
        lines=ruling.lines(told, ALL),
        yardsticks=ruling.yardsticks(told),
        again=told.get("again", {}).get("people"),
        moves=moves,
        shown=[way for way, people in moves.items() if people or after[way]],
        most=queries.MOVES,
        after=after,
    )


def _question(kind: str, version: int, refusal: DomainError | None = None) -> str:
    found, chosen = _kind(kind, version)
    today = beijing_day(g.now)
    return render_template(
        "replay/index.html",
        kind=found,
        chosen=chosen,
        before=queries.of_version(g.session, kind, version),
        since=request.form.get("since") or (today - _USUAL).isoformat(),
        until=request.form.get("until") or today.isoformat(),
        today=today.isoformat(),
        demand=request.form.get("demand") or Demand.PAST.value,
        factor=request.form.get("factor") or "1",
        demands=[each.value for each in Demand],
        factors=(LEAST, MOST),
        refused=_field(refusal),
        error=sentences.sentence(refusal.code, refusal.params) if refusal else "",
    )


def _field(refusal: DomainError | None) -> str:
    """The field that a refusal stands at."""
    field = str(refusal.params.get("field", "")) if refusal else ""
    return field if field in ("demand", "factor") or refusal is None else "until"


def _kind(name: str, version: int) -> tuple[Kind, Version]:
    """The rules of a kind, and the version that is tried.

    Raises:
        Missing: there is none of that number.
    """
    kind = kind_of(g.session, name)
    chosen = kind.find(version)
    if chosen.status == "discarded":
        raise Missing(version=version)
    return kind, chosen


def _bars(points: Mapping[str, Sequence[int]]) -> list[tuple[int, Sequence[int]]]:
    """The distribution without gaps: lower bound, people before and after."""
    lows = [int(low) for low in points]
    return [(low, points.get(str(low), (0, 0))) for low in range(min(lows), max(lows) + STEP, STEP)] if lows else []


def _most(counts: Mapping[str, Sequence[int]]) -> list[tuple[str, Sequence[int]]]:
    """The words with most people."""
    return sorted(counts.items(), key=lambda item: (-item[1][0], item[0]))[:_MOST_ROWS]


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None


def _after(name: str) -> int:
    """After which person a list goes on."""
    told: Any = request.args.get(name, "")
    return min(int(told), 2**31 - 1) if told.isascii() and told.isdigit() and len(told) < 11 else 0
