"""What a trial is asked on, and what it answers. It writes nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hq.routing import queries
from hq.routing.facts import WaitingLead
from hq.routing.network import ATLAS, Network
from hq.routing.rules import RoutingRules
from hq.routing.trial.demand import LEAST, MOST, Demand, generated
from hq.routing.trial.picture import Farther, Picture, draw, farther
from hq.rules.queries import kind_of
from shared.dealers.models import Store
from shared.dealers.series import book
from shared.dealers.territory_rows import TERRITORIES
from shared.leads.models import Lead
from shared.platform.clock import beijing_day
from shared.platform.errors import Conflict, Invalid
from shared.regions import divisions
from shared.regions.divisions import Division

if TYPE_CHECKING:
    from hq.routing.trial.simulation import Outcome

MOST_DAYS = 31
MOST_LEADS = 20_000
MOST_STORE_DAYS = 100_000
MOST_PRICED = 1_500_000
"""Days times stores times counties where prices are learnt each morning: some twenty seconds for each version."""
SHOWN = 12
RISES = 200


class BadPeriod(Invalid):
    """No period, one that has not been yet, or too long a one; `params["most"]` days."""

    code = "trial_bad_period"


class TooLarge(Conflict):
    """More than can be tried while somebody waits; `params`: leads, most."""

    code = "trial_too_large"
    status = 422


class NothingToTry(Conflict):
    """No lead was opened in the period."""

    code = "trial_empty"
    status = 422


@dataclass(frozen=True, slots=True)
class Change:
    """A store that would get more leads or fewer."""

    store_id: UUID
    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Trial:
    """Both rule sets on the same leads; `changes` of stores, the largest first."""

    leads: int
    before: Outcome
    after: Outcome
    changes: Sequence[Change]
    changed: int
    farther: Sequence[Farther] = ()
    picture: Picture | None = None


def compare(
    session: Session,
    *,
    version: int,
    first: date | None,
    last: date | None,
    demand: Demand = Demand.PAST,
    factor: float = 1.0,
    now: datetime,
) -> tuple[Trial, int]:
    """Try a version of the routing rules beside the one in force; also the latter's number.

    Args:
        demand: the leads of the period, or what is generated from them.
        factor: so many times as many, of what is generated.

    Raises:
        Missing: there is no such version.
        BadPeriod, TooLarge, NothingToTry: the period cannot be tried.
    """
    if first is None or last is None or last < first or last > beijing_day(now) or (last - first).days >= MOST_DAYS:
        raise BadPeriod(field="since", most=MOST_DAYS)
    # numpy and the solver are loaded where something is tried, not with every web server
    from hq.routing.prices.queries import WINDOW
    from hq.routing.standing import known_records
    from hq.routing.trial.simulation import Ground, days_of, tried

    kind = kind_of(session, "routing")
    draft = RoutingRules.parse(kind.find(version).body)
    active, number = queries.rules_in_force(session)
    since, until = days_of(first, last)
    network = ATLAS.network(session)
    count = session.execute(
        select(func.count()).select_from(Lead).where(Lead.opened_at >= since, Lead.opened_at < until)
    ).scalar_one()
    factor = 1.0 if demand is Demand.PAST else min(max(factor, LEAST), MOST)
    days, count = (last - first).days + 1, math.ceil(count * factor)
    if count > MOST_LEADS or days * len(network.stores) > MOST_STORE_DAYS:
        raise TooLarge(leads=count, most=MOST_LEADS, stores=len(network.stores), days=days)
    if active.price_percent or draft.price_percent:
        counties = session.scalar(
            select(func.count(Lead.place["code"].astext.distinct())).where(
                Lead.opened_at >= since - WINDOW, Lead.opened_at < until
            )
        )
        if days * len(network.stores) * (counties or 0) > MOST_PRICED:
            raise TooLarge(leads=count, most=MOST_LEADS, stores=len(network.stores), days=days)
    if not count:
        raise NothingToTry(field="since")
    leads = _leads(session, since, until)
    if demand is not Demand.PAST:
        seats = _of_stores(network) if demand is Demand.STORES else ()
        leads = generated(leads, factor, seats)
    scopes = queries.scopes_of(session, {lead.scope_id for lead in leads})
    before = _leads(session, since - WINDOW, since)
    if demand is not Demand.PAST:
        before = generated(before, factor, _of_stores(network) if demand is Demand.STORES else ())
    ground = Ground(
        leads,
        before,
        network,
        scopes,
        book(session),
        TERRITORIES.territories(session),
        known_records(session, network),
    )
    was, would = tried(ground, active), tried(ground, draft)
    changes = _changes(session, was.by_store, would.by_store)
    rises = farther(was.by_county, would.by_county)
    drawn = draw(network, was.by_store, would.by_store, rises[:RISES])
    return Trial(len(leads), was, would, changes[:SHOWN], len(changes), rises[:SHOWN], drawn), number


def _of_stores(network: Network) -> list[Division]:
    """The counties where the active stores stand, by code; each as often as it has stores."""
    placed = ((store.lng, store.lat) for store in network.stores.values() if store.active and store.lng is not None)
    found = (divisions.nearest_county(lng or 0.0, lat or 0.0) for lng, lat in placed)
    return sorted(found, key=lambda county: county.code)


def _leads(session: Session, since: datetime, until: datetime) -> list[WaitingLead]:
    """The leads that were opened, as they would wait if nothing had happened to them since."""
    rows = session.execute(
        queries.lead_rows()
        .where(Lead.opened_at >= since, Lead.opened_at < until)
        .order_by(Lead.opened_at, Lead.lead_id)
        .limit(MOST_LEADS)
    )
    leads = (queries.as_lead(row) for row in rows)
    return [lead._replace(state="waiting", state_reason={}, hops=0, consented=True) for lead in leads]


def _changes(session: Session, before: Mapping[UUID, int], after: Mapping[UUID, int]) -> list[Change]:
    moved = {key: (before.get(key, 0), after.get(key, 0)) for key in before.keys() | after.keys()}
    moved = {key: both for key, both in moved.items() if both[0] != both[1]}
    rows = session.execute(select(Store.store_id, Store.name).where(Store.store_id.in_(list(moved)))).all()
    names = {row.store_id: row.name for row in rows}
    changes = [Change(key, names[key], *both) for key, both in moved.items() if key in names]
    return sorted(changes, key=lambda each: (-abs(each.after - each.before), each.name))


def usual_period(now: datetime) -> tuple[date, date]:
    """The two weeks before today."""
    today = beijing_day(now)
    return today - timedelta(days=14), today - timedelta(days=1)
