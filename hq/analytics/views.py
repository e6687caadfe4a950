"""The overview: what became of the sign-ups, and what needs attention. Its numbers refresh by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

import hq.analytics.words  # noqa: F401 - teaches the figures' names
from hq.analytics import figures, keeping, provinces, queries
from shared.identity.permissions import Permission
from shared.leads.metrics import BECAME
from shared.web.access import may, requires
from shared.web.arguments import uuid_of

bp = Blueprint("overview", __name__, url_prefix="/overview", template_folder="templates")

_OLD = timedelta(minutes=2)


@bp.get("")
@requires(Permission.OVERVIEW_READ)
def index() -> ResponseReturnValue:
    """The campaign that the address names, `all` of them, or the running one with the newest sign-ups."""
    return render_template("analytics/overview.html", **_overview())


@bp.get("/numbers")
@requires(Permission.OVERVIEW_READ)
def numbers() -> ResponseReturnValue:
    """The part of the page that refreshes."""
    return render_template("analytics/numbers.html", **_overview())


def _overview() -> dict[str, Any]:
    lines = keeping.campaigns(g.session)
    wanted = uuid_of("campaign")
    line = next((each for each in lines if each.campaign_id == wanted), None)
    if line is None and request.args.get("campaign") != "all":
        line = keeping.by_default(lines, g.now)
    kept = keeping.current(g.session, line.campaign_id if line else keeping.ALL, lines, now=g.now)
    now, before = kept.figures["now"], kept.figures["before"]
    later = timedelta(seconds=kept.figures.get("later_s", 0))
    unit, bars = figures.bars(now["hours"], before and before["hours"], later=later, now=kept.as_of)
    return {
        "campaigns": lines,
        "line": line,
        "campaign": line.campaign_id if line else None,
        "as_of": kept.as_of,
        "old": g.now - kept.as_of > _OLD,
        "now_": now,
        "before_name": kept.figures.get("before_name"),
        "steps": figures.steps(now, before),
        "fakes": figures.fakes(now, before),
        "silence": figures.silence(now, before),
        "became": {name: now["became"][name] for name in BECAME},
        "unit": unit,
        "bars": bars,
        "touchpoints": _touchpoints(now["touchpoints"]),
        "grid": provinces.grid(now["provinces"]),
        "best": kept.figures["best"],
        "worst": kept.figures["worst"],
        "leads": _way("leads.index", Permission.LEADS_READ, line.campaign_id if line else None),
        "people": _way("contacts.index", Permission.CONTACTS_READ, line.campaign_id if line else None),
        "signups": _way("signups.index", Permission.SIGNUPS_READ, line.campaign_id if line else None),
        "todos": [todo for todo in queries.attention(g.session, now=g.now) if may(todo.permission)],
        "pool": queries.pool(g.session, now=g.now),
    }


def _touchpoints(counted: dict[str, list[int]]) -> list[dict[str, Any]]:
    """Lines of the table, most sign-ups first."""
    rows = [
        {"name": name, "signups": signups, "fakes": fakes, "leads": leads, "won": won}
        for name, (signups, fakes, leads, won) in counted.items()
    ]
    return sorted(rows, key=lambda row: (-row["signups"], row["name"]))


def _way(endpoint: str, permission: Permission, campaign_id: UUID | None) -> Callable[..., str]:
    """Makes addresses of the list that shows what a number counts; empty where the reader may not go."""
    return lambda **wanted: url_for(endpoint, campaign=campaign_id, **wanted) if may(permission) else ""
