"""Headquarters' page that tries routing rules on the leads of a past period."""

from __future__ import annotations

import math
from datetime import date

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from hq.routing.trial import service
from hq.routing.trial.demand import LEAST, MOST, Demand
from hq.routing.trial.service import BadPeriod, NothingToTry, TooLarge
from hq.rules.queries import kind_of
from shared.identity.permissions import Permission
from shared.platform.errors import DomainError
from shared.web import words
from shared.web.access import requires
from shared.web.words import tell

bp = Blueprint(
    "routing_trial", __name__, url_prefix="/rules/routing/<int(max=99999):version>/trial", template_folder="templates"
)

tell("trial_bad_period", _l("Choose a first and a last day, at most %(most)s days and none to come"))
tell("trial_empty", _l("No lead was opened in these days: choose others"))
tell(
    "trial_too_large",
    _l("%(leads)s leads at %(stores)s stores in %(days)s days are more than can be tried at once: choose fewer days"),
)


@bp.get("")
@requires(Permission.RULES_READ)
def index(version: int) -> ResponseReturnValue:
    """The question for the period; with one in the address, what would have come of its leads."""
    kind = kind_of(g.session, "routing")
    chosen = kind.find(version)
    first, last = _day("since"), _day("until")
    asked = "since" in request.args
    demand, factor = _demand()
    trial, against, refusal = None, None, None
    if asked:
        try:
            trial, against = service.compare(
                g.session, version=version, first=first, last=last, demand=demand, factor=factor, now=g.now
            )
        except (BadPeriod, TooLarge, NothingToTry) as error:
            refusal = error
    if not asked:
        first, last = service.usual_period(g.now)
    page = render_template(
        "routing_trial/index.html",
        kind=kind,
        chosen=chosen,
        first=first,
        last=last,
        demand=demand.value,
        factor=factor,
        trial=trial,
        against=against,
        error=_said(refusal) if refusal else "",
    )
    return page, refusal.status if refusal else 200


def _demand() -> tuple[Demand, float]:
    asked = request.args.get("demand", "")
    demand = Demand(asked) if asked in set(Demand) else Demand.PAST
    try:
        factor = float(request.args.get("factor", "1"))
    except ValueError:
        factor = 1.0
    return demand, min(max(factor, LEAST), MOST) if math.isfinite(factor) else 1.0


def _said(refusal: DomainError) -> str:
    return words.say(refusal.code, refusal.params)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
