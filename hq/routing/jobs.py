"""The drains `hq.route` (leads become offers), `hq.settle` (what stores and time did), `hq.room` (changed capacity)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.routing import placing, queries, service
from hq.routing import room as rooms
from hq.routing.alarms import Alarm, ring
from hq.routing.network import ATLAS
from hq.routing.placing import LeadMoved
from hq.routing.plan import Setting, plan
from hq.routing.pool import service as pool
from hq.routing.settling import Clockwork, SettlingLead, may_be_late, settle_lead
from hq.routing.waking import wake
from shared.dealers.hours import DEFAULT_HOURS
from shared.dealers.models import Store
from shared.dealers.series import NO_SERIES, book
from shared.dealers.territory_rows import TERRITORIES
from shared.leads.ending import Live, lock_live
from shared.leads.lifecycle import LeadState, Stage
from shared.leads.models import Assignment, Lead
from shared.leads.sellers.hearers import hearers
from shared.notifications.notices import Notice
from shared.work.aside import NOTHING, Aside, sift
from shared.work.doorbell import ring_after_commit
from shared.work.drains import Batch, drain
from shared.work.place import settings_of


@drain("hq.route", due=queries.waiting, key=Lead.lead_id, since=Lead.due_at, batch=1000, single_flight=True)
def route(session: Session, batch: Batch, now: datetime) -> Aside:
    """Offer each lead to a store, let it wait for room, or put it on headquarters' desk.

    Single-flight, so that two routers never see the same room.
    """
    # numpy and scipy are loaded where a batch is routed, not with every web server that lists this work
    from hq.routing.standing import costs_of

    leads = [queries.as_lead(row) for row in batch]
    rules, version = queries.rules_in_force(session)
    protected_since = now - timedelta(days=rules.protect_days) if rules.protect_days else None
    facts, network = queries.facts_of(session, leads, protected_since=protected_since), ATLAS.network(session)
    room = queries.room_of(session, network, rules, now=now)
    costs, priced = costs_of(session, network, room, rules, now=now)
    series = book(session) if network.any_series else NO_SERIES
    told = {"rules": version} | ({"prices": str(priced)} if priced else {})
    territories = TERRITORIES.territories(session)
    planned, aside = plan(leads, Setting(facts, network, room, rules, costs, told, now, series, territories))
    keys, desk = settings_of(session).keys, _to_desk(planned.moved, now)
    placing.place(session, planned.placements, facts, keys, now=now, events=planned.events, notices=desk)
    queries.keep_turns(session, room, (each.store for each in planned.placements))
    placing.move_leads(session, planned.moved, now=now)
    pool.enter(session, planned.pooled, facts, rules, now=now)
    return aside


def _to_desk(moved: Iterable[LeadMoved], now: datetime) -> Iterator[Notice]:
    """Headquarters is told of leads that no store could take, each time that one comes to the desk."""
    for each in moved:
        if each.state is LeadState.DESK:
            yield Notice("desk", lead_id=each.lead_id, to="hq", occasion=f":{now.isoformat()}")


@drain("hq.settle", due=queries.unsettled, key=Lead.lead_id, batch=1000)
def settle(session: Session, batch: Batch, now: datetime) -> Aside:
    """Follow stores' moves, end offers past their deadline and holds that were not worked.

    The leads are locked by taking them, their assignments here; what stores did meanwhile is read under the locks.
    """
    leads = [SettlingLead(*row) for row in batch]
    ids = [lead.lead_id for lead in leads]
    session.execute(_STRAYS, {"leads": ids})
    lives: dict[UUID, list[Live]] = defaultdict(list)
    locked = lock_live(session, ids)
    for live in locked:
        lives[live.lead_id].append(live)
    clockwork = _clockwork(session, locked, now)
    settled, aside = sift(
        ((lead.lead_id, lead) for lead in leads), lambda lead: settle_lead(lead, lives[lead.lead_id], clockwork)
    )
    service.write_settlements(session, settled.values(), now=now)
    ring_after_commit(session, "hq.route")
    return aside


def _clockwork(session: Session, lives: Sequence[Live], now: datetime) -> Clockwork:
    rules, _ = queries.rules_in_force(session)
    network = ATLAS.network(session)
    planned, befriended = queries.planned(session, lives)
    return Clockwork(
        rules,
        now,
        lambda store_id: network.hours.get(store_id, DEFAULT_HOURS),
        planned,
        queries.first_reports(session, [live for live in lives if may_be_late(live)]),
        befriended,
    )


@drain("hq.alarms", due=queries.alarms, key=Assignment.assignment_id, since=Assignment.alarm_at, batch=2000)
def ring_alarms(session: Session, batch: Batch, now: datetime) -> Aside:
    """Remind stores of deadlines, write down those that passed, and tell dealers' owners."""
    due = [Alarm(*row) for row in batch]
    told = hearers(session, (each.offer for each in due if each.stage == Stage.OFFERED), now=now)
    service.write_alarms(session, due, ring(due, now, told), now=now)
    return NOTHING


@drain("hq.room", due=rooms.misaligned, key=Store.store_id, batch=500)
def follow_capacity(session: Session, batch: Batch, now: datetime) -> Aside:
    """Bring opened days in line with a changed number of leads a day, and wake the leads that wait near."""
    rooms.align(session, [row.store_id for row in batch], now=now)
    rules, _ = queries.rules_in_force(session)
    wake(session, [(row.lng, row.lat) for row in batch if row.lng is not None], km=rules.max_km, now=now)
    return NOTHING


# A move of an assignment that had ended before means nothing; it must not be found again and again.
_STRAYS = text(
    """
    UPDATE assignments SET settled_at = moved_at
    WHERE lead_id = ANY(:leads) AND ended_at IS NOT NULL AND settled_at IS DISTINCT FROM moved_at
    """
)
