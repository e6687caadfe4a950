"""What a step of a trial reads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, any_, literal, select, text, tuple_
from sqlalchemy.orm import Session

from hq.replay.routed.simulation import Came
from hq.routing import queries
from hq.routing.facts import WaitingLead, WasWith
from hq.routing.policy import Kind
from hq.routing.prices.queries import WINDOW, Place
from shared.db.batch import Column
from shared.dealers.models import Store
from shared.dealers.series import SeriesBook
from shared.leads.models import Lead

# By county, as `hq.prices` counts; rounded, so that the order in which rows are read changes nothing.
_PLACES = """
    SELECT scope_id, wish ->> 'model' AS model, place ->> 'code' AS code,
           round(avg((place ->> 'lng')::numeric), 5)::float8 AS lng,
           round(avg((place ->> 'lat')::numeric), 5)::float8 AS lat,
           round(avg((place ->> 'uncertainty_km')::numeric), 3)::float8 AS off_km, count(*) AS people
    FROM leads {} AND place ? 'lng'
    GROUP BY 1, 2, 3 ORDER BY 3, 1, 2
    """
_CAME = text(_PLACES.format("WHERE opened_at >= :since AND opened_at < :until"))
_WAIT = text(_PLACES.format("JOIN unnest(CAST(:leads AS uuid[])) AS t (id) ON t.id = lead_id WHERE true"))
_HOURS = text(
    """
    SELECT extract(hour FROM opened_at AT TIME ZONE 'Asia/Shanghai')::int, count(*), min(opened_at)
    FROM leads WHERE opened_at >= :since AND opened_at < :until GROUP BY 1
    """
)
# The store that had last worked for the same person when the lead came; what it is with since, nobody knew then.
_WAS_WITH = text(
    """
    SELECT DISTINCT ON (l.lead_id) l.lead_id, a.dealer_id, a.store_id
    FROM unnest(CAST(:leads AS uuid[])) AS t (lead_id)
    JOIN leads l ON l.lead_id = t.lead_id
    JOIN leads before ON before.contact_id = l.contact_id AND before.opened_at < l.opened_at
    JOIN assignments a ON a.lead_id = before.lead_id AND a.offered_at < l.opened_at
    WHERE a.stage IN ('claimed', 'contacted', 'appointment', 'visited', 'won', 'lost')
      AND a.moved_at >= l.opened_at - make_interval(days => :days)
    ORDER BY l.lead_id, least(a.moved_at, l.opened_at) DESC, a.offered_at DESC, a.assignment_id
    """
)


def leads_after(session: Session, last: tuple[datetime, UUID], until: datetime, *, limit: int) -> list[WaitingLead]:
    """The next leads that were opened, as they would wait if nothing had happened to them since (one statement)."""
    rows = session.execute(
        queries.lead_rows()
        .where(tuple_(Lead.opened_at, Lead.lead_id) > last, Lead.opened_at < until)
        .order_by(Lead.opened_at, Lead.lead_id)
        .limit(limit)
    )
    return [_untouched(queries.as_lead(row)) for row in rows]


def leads_of(session: Session, lead_ids: Collection[UUID]) -> dict[UUID, WaitingLead]:
    """Leads by id, in the same way (one statement, none for nobody)."""
    if not lead_ids:
        return {}
    wanted = literal(sorted(lead_ids), ARRAY(Uuid))
    rows = session.execute(queries.lead_rows().where(Lead.lead_id == any_(wanted)))
    return {row.lead_id: _untouched(queries.as_lead(row)) for row in rows}


def _untouched(lead: WaitingLead) -> WaitingLead:
    """Each lead is somebody of its own here: whom the person was with is known by lead."""
    return lead._replace(contact_id=lead.lead_id, state="waiting", state_reason={}, hops=0, consented=True)


def came_before(session: Session, series: SeriesBook, *, until: datetime) -> Came:
    """What came in the four weeks before a moment, as prices are learnt from it (three statements)."""
    within = {"since": until - WINDOW, "until": until}
    places = _places(session, series, session.execute(_CAME, within).all(), waits=False)
    hours, first = [0] * 24, until
    for hour, count, earliest in session.execute(_HOURS, within):
        hours[hour] = count
        first = min(first, earliest)
    return Came(places, hours, max(1.0, (until - first) / timedelta(days=1)))


def waiting_places(session: Session, series: SeriesBook, sources: Sequence[UUID]) -> list[tuple[str, Place]]:
    """Where those who wait came from, as prices count them (two statements, none for nobody)."""
    if not sources:
        return []
    return _places(session, series, session.execute(_WAIT, {"leads": Column(sources)}).all(), waits=True)


def _places(session: Session, series: SeriesBook, rows: Sequence[Row[Any]], *, waits: bool) -> list[tuple[str, Place]]:
    dealers = queries.scopes_of(session, {row.scope_id for row in rows})
    code_of = cache(series.code_of)
    found = []
    for row in rows:
        kind = Kind(dealers.get(row.scope_id, frozenset()), code_of(row.model))
        came, waiting = (0, row.people) if waits else (row.people, 0)
        found.append((str(row.code), Place(row.lng, row.lat, row.off_km or 0.0, came, waiting, kind)))
    return found


def was_with(session: Session, leads: Sequence[WaitingLead], days: int | None) -> dict[UUID, WasWith]:
    """By lead, the store that worked for the person in the days before (one statement; none when rules send nobody
    back)."""
    if not days or not leads:
        return {}
    rows = session.execute(_WAS_WITH, {"leads": Column(lead.lead_id for lead in leads), "days": days})
    return {row.lead_id: WasWith(row.dealer_id, row.store_id) for row in rows}


def weekly_of(session: Session) -> dict[UUID, int]:
    """Leads a week by store, where there is a limit (one statement)."""
    limited = select(Store.store_id, Store.weekly_capacity).where(Store.weekly_capacity.is_not(None))
    return {store_id: limit for store_id, limit in session.execute(limited) if limit is not None}
