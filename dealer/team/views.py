"""The store: what it took today, how it does beside its region, who works on what, and the way to one's account."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from dealer.team import queries
from dealer.team.blueprint import bp
from dealer.team.figures import shown
from shared.identity.permissions import Permission
from shared.leads import queries as leads
from shared.leads.sellers import queries as desks
from shared.platform.clock import beijing_day
from shared.regions import divisions
from shared.web.access import may, requires

_LATELY = timedelta(days=30)


@bp.get("/store")
@requires(Permission.DASHBOARD_READ)
def index() -> ResponseReturnValue:
    """One of one's stores today."""
    places = queries.places(g.session, actor=g.actor, day=beijing_day(g.now))
    place = next((each for each in places if str(each.store_id) == request.args.get("store")), None)
    place = place or next(iter(places), None)
    if place is None:
        return render_template("store/none.html")
    figures = shown(queries.figures(g.session, actor=g.actor, store_id=place.store_id))
    reckoned = {each.province_code for each in figures if each.median is not None}
    return render_template(
        "store/index.html",
        places=places,
        place=place,
        today=queries.opening_today(place, g.now),
        figures=figures,
        region=_region(reckoned),
        **_team(place.store_id),
        at=desks.desk(g.session, actor=g.actor, store_id=place.store_id, now=g.now),
    )


def _team(store_id: UUID) -> dict[str, object]:
    """Who works there on what, for those who lead the team."""
    if not may(Permission.TEAM_READ):
        return {"people": (), "loads": {}, "records": {}}
    return {
        "people": queries.people(g.session, actor=g.actor, store_id=store_id),
        "loads": leads.loads(g.session, actor=g.actor, store_id=store_id, now=g.now),
        "records": desks.records(g.session, actor=g.actor, store_id=store_id, since=g.now - _LATELY),
    }


def _region(codes: set[str | None]) -> str | None:
    """The province whose medians are shown; empty for the whole country, None where there are none."""
    if not codes:
        return None
    known = divisions.names_of({code for code in codes if code})
    return next(iter(known.values()), "")
