"""What a step of a trial reads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from hq.replay.routed.simulation import Came
from hq.routing import queries
from hq.routing.facts import WaitingLead, WasWith
from hq.routing.policy import Kind
from hq.routing.prices.queries import WINDOW, Place
from shared.dealers.models import Store
from shared.dealers.series import SeriesBook
from shared.leads.models import Lead

_PLACES = text(
    """
    SELECT scope_id, wish ->> 'model' AS model, place ->> 'code' AS code,
           avg((place ->> 'lng')::float8) AS lng, avg((place ->> 'lat')::float8) AS lat,
           avg((place ->> 'uncertainty_km')::float8) AS off_km, count(*) AS came
    FROM leads WHERE opened_at >= :since AND opened_at < :until AND place ? 'lng'
    GROUP BY 1, 2, 3 ORDER BY 3, 1, 2
    """
)
_HOURS = text(
    """
    SELECT extract(hour FROM opened_at AT TIME ZONE 'Asia/Shanghai')::int, count(*), min(opened_at)
    FROM leads WHERE opened_at >= :since AND opened_at < :until GROUP BY 1
    """
)
_COUNTED = text(
    """
    SELECT date_trunc('hour', opened_at, 'Asia/Shanghai') AS hour, count(*)
    FROM leads WHERE opened_at >= :since AND opened_at < :until GROUP BY 1 ORDER BY 1
    """
)
# The store that had last worked for the same person when the lead came; what it is with since, nobody knew then.
_WAS_WITH = text(
    """
    SELECT DISTINCT ON (l.contact_id) l.contact_id, a.dealer_id, a.store_id
    FROM unnest(CAST(:leads AS uuid[])) AS t (lead_id)
    JOIN leads l ON l.lead_id = t.lead_id
    JOIN leads before ON before.contact_id = l.contact_id AND before.opened_at < l.opened_at
    JOIN assignments a ON a.lead_id = before.lead_id AND a.offered_at < l.opened_at
    WHERE a.stage IN ('claimed', 'contacted', 'appointment', 'visited', 'won', 'lost')
      AND coalesce(a.ended_at, l.opened_at) >= l.opened_at - make_interval(days => :days)
    ORDER BY l.contact_id, a.offered_at DESC, a.assignment_id
    """
)


def hours(session: Session, since: datetime, until: datetime) -> list[tuple[datetime, int]]:
    """Leads that were opened, by full hours of Beijing in which any were (one statement)."""
    return [(hour, count) for hour, count in session.execute(_COUNTED, {"since": since, "until": until})]


def leads_between(session: Session, since: datetime, until: datetime) -> list[WaitingLead]:
    """The leads that were opened, as they would wait if nothing had happened to them since (one statement)."""
    rows = session.execute(
        queries.lead_rows()
        .where(Lead.opened_at >= since, Lead.opened_at < until)
        .order_by(Lead.opened_at, Lead.lead_id)
    )
    return [_untouched(queries.as_lead(row)) for row in rows]


def leads_of(session: Session, lead_ids: Collection[UUID]) -> dict[UUID, WaitingLead]:
    """Leads by id, in the same way (one statement, none for nobody)."""
    if not lead_ids:
        return {}
    rows = session.execute(queries.lead_rows().where(Lead.lead_id.in_(sorted(lead_ids))))
    return {row.lead_id: _untouched(queries.as_lead(row)) for row in rows}


def _untouched(lead: WaitingLead) -> WaitingLead:
    return lead._replace(state="waiting", state_reason={}, hops=0, consented=True)


def came_before(session: Session, series: SeriesBook, *, until: datetime) -> Came:
    """What came in the four weeks before a moment, as prices are learnt from it (three statements)."""
    within = {"since": until - WINDOW, "until": until}
    rows = session.execute(_PLACES, within).all()
    dealers = queries.scopes_of(session, {row.scope_id for row in rows})
    code_of = cache(series.code_of)
    places = [
        (
            str(row.code),
            Place(
                row.lng,
                row.lat,
                row.off_km or 0.0,
                row.came,
                0,
                Kind(dealers.get(row.scope_id, frozenset()), code_of(row.model)),
            ),
        )
        for row in rows
    ]
    hours, first = [0] * 24, until
    for hour, count, earliest in session.execute(_HOURS, within):
        hours[hour] = count
        first = min(first, earliest)
    return Came(places, hours, max(1.0, (until - first) / timedelta(days=1)))


def was_with(session: Session, leads: Sequence[WaitingLead], days: int | None) -> dict[UUID, WasWith]:
    """By contact, the store that worked for the person in the days before the lead (one statement; none when rules
    send nobody back)."""
    if not days or not leads:
        return {}
    rows = session.execute(_WAS_WITH, {"leads": [lead.lead_id for lead in leads], "days": days})
    return {row.contact_id: WasWith(row.dealer_id, row.store_id) for row in rows}


def weekly_of(session: Session) -> dict[UUID, int]:
    """Leads a week by store, where there is a limit (one statement)."""
    limited = select(Store.store_id, Store.weekly_capacity).where(Store.weekly_capacity.is_not(None))
    return {store_id: limit for store_id, limit in session.execute(limited) if limit is not None}
