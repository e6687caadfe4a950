"""A past period routed again by other rules: pure.

Day by day, hour by hour, with the stores as they are now and their room of each day. Every offer is taken to be kept:
what a store would have declined nobody knows. Prices are learnt each morning from the four weeks before, as in life.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

import numpy as np

from hq.routing.costs import Costs, Standing
from hq.routing.facts import LeadsFacts, WaitingLead
from hq.routing.field import Floats
from hq.routing.network import Network
from hq.routing.plan import Setting, plan
from hq.routing.policy import Kind, Room
from hq.routing.prices.queries import WINDOW, Lately, Place, joined
from hq.routing.prices.reckoning import reckoned
from hq.routing.rules import RoutingRules
from shared.dealers.series import SeriesBook
from shared.dealers.territories import Territories
from shared.leads.lifecycle import LeadState
from shared.platform.clock import BEIJING, beijing_day


@dataclass(frozen=True, slots=True)
class Ground:
    """What both rule sets are tried on.

    Attributes:
        leads: of the period, by the moment they were opened.
        before: of the four weeks before it.
        record: of each store, from 0 to 1; .5 is usual.
    """

    leads: Sequence[WaitingLead]
    before: Sequence[WaitingLead]
    network: Network
    scopes: Mapping[UUID, frozenset[UUID]]
    series: SeriesBook
    territories: Territories
    record: Floats


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the leads.

    Attributes:
        same_day, later: leads offered on their day, and on a later one.
        waiting, desk, pooled: leads without a store until the end, leads for a person to decide, and those that
            came into the open pool; what stores would claim there nobody knows.
        mean_km, far_km: of those offered whose place is known: the mean, and what nine of ten stay below. Of several
            stores the best counts.
        gini: of the leads by store, all active ones.
        full: days on which a store was full.
        expected: sales, by the leads' probabilities and the stores' records.
        by_store: leads by store.
        by_county: leads and their kilometres by county, of those offered whose place is known.
    """

    same_day: int
    later: int
    waiting: int
    desk: int
    pooled: int
    mean_km: float | None
    far_km: float | None
    gini: float | None
    full: int
    expected: float
    by_store: Mapping[UUID, int]
    by_county: Mapping[str, tuple[int, float]] = field(default_factory=dict)


def tried(ground: Ground, rules: RoutingRules) -> Outcome:
    """Route the period's leads by these rules."""
    room = Room.of(_limits(ground.network))
    offered: Counter[UUID] = Counter()
    kms: list[float] = []
    of_county: dict[str, tuple[int, float]] = {}
    placed = late = desk = pooled = full = 0
    expected = 0.0
    queue: list[WaitingLead] = []
    for day, leads in groupby(ground.leads, key=lambda lead: beijing_day(lead.opened_at)):
        room.left = Room.of(_limits(ground.network)).left
        start = datetime.combine(day, datetime.min.time(), BEIJING)
        price = _prices(ground, rules, room, start)
        first = len(queue)
        for now, batch in _hours(start, leads, queue):
            planned, _aside = plan(batch, _setting(ground, rules, room, price, now))
            offered.update(each.store.store_id for each in planned.placements)
            firsts = {each.lead.lead_id: each for each in reversed(planned.placements)}  # of several stores the best
            placed += len(firsts)
            for each in firsts.values():
                store = each.store
                late += beijing_day(each.lead.opened_at) < day
                expected += each.lead.probability * (0.5 + float(ground.record[store.position]))
                if each.km is not None:
                    kms.append(each.km)
                    count, km = of_county.get(str(each.lead.place.get("code")), (0, 0.0))
                    of_county[str(each.lead.place.get("code"))] = count + 1, km + each.km
            moved = {each.lead_id: each.state for each in planned.moved}
            desk += sum(state is LeadState.DESK for state in moved.values())
            pooled += len(planned.pooled)
            queue += [lead for lead in batch if moved.get(lead.lead_id) is LeadState.WAITING]
        queue = queue[first:]
        full += sum(
            left == 0 for left, store in zip(room.left, ground.network.stores.values(), strict=True) if store.active
        )
    loads = [offered[store_id] for store_id, store in ground.network.stores.items() if store.active]
    return Outcome(
        same_day=placed - late,
        later=late,
        waiting=len(queue),
        desk=desk,
        pooled=pooled,
        mean_km=float(np.mean(kms)) if kms else None,
        far_km=float(np.quantile(kms, 0.9)) if kms else None,
        gini=_gini(loads),
        full=full,
        expected=expected,
        by_store=dict(offered),
        by_county=of_county,
    )


def _limits(network: Network) -> list[int | None]:
    return [network.capacity.get(store_id, 0) for store_id in network.stores]


def _hours(
    start: datetime, leads: Iterator[WaitingLead], queue: Sequence[WaitingLead]
) -> Iterator[tuple[datetime, list[WaitingLead]]]:
    """The day's leads by the hour; those that waited come first, as the best and oldest do."""
    by_hour: dict[int, list[WaitingLead]] = defaultdict(list)
    if queue:
        by_hour[0] += queue
    for lead in leads:
        by_hour[lead.opened_at.astimezone(BEIJING).hour].append(lead)
    for hour in sorted(by_hour):
        batch = sorted(by_hour[hour], key=lambda lead: (lead.grade, lead.opened_at, lead.lead_id))
        yield start + timedelta(hours=hour, minutes=59), batch


def _setting(ground: Ground, rules: RoutingRules, room: Room, price: Floats, now: datetime) -> Setting:
    network = ground.network
    wait = network.field.wait_hours(now) if rules.km_per_hour else np.zeros(len(price))
    used = np.zeros(len(price))
    if rules.km_when_full:
        most = np.array([limit or 0 for limit in _limits(network)], dtype=float)
        used = np.where(most > 0, np.clip(1 - np.array(room.left, dtype=float) / np.maximum(most, 1), 0, 1), 0.0)
    costs = Costs(Standing(price, wait, ground.record, used), rules)
    facts = LeadsFacts(scopes=ground.scopes)
    return Setting(facts, network, room, rules, costs, {}, now, ground.series, ground.territories)


def _prices(ground: Ground, rules: RoutingRules, room: Room, start: datetime) -> Floats:
    price = np.zeros(len(ground.network.stores))
    if not rules.price_percent:
        return price
    lately = _lately(ground, start)
    if not lately.places:
        return price
    for store_id, value in reckoned(lately, ground.network, room, rules, now=start).prices.items():
        price[ground.network.stores[UUID(store_id)].position] = value
    return price


def _lately(ground: Ground, now: datetime) -> Lately:
    """The four weeks before a moment, as `prices.queries.lately` reads them."""
    known = [lead for lead in (*ground.before, *ground.leads) if now - WINDOW <= lead.opened_at < now]
    hours = [0] * 24
    places: list[tuple[str, Place]] = []
    for lead in known:
        hours[lead.opened_at.astimezone(BEIJING).hour] += 1
        at, dealers = lead.place, ground.scopes.get(lead.scope_id, frozenset())
        if at.get("lng") is not None:
            kind = Kind(dealers, ground.series.code_of(lead.wish.get("model")))
            places.append(
                (str(at.get("code")), Place(at["lng"], at["lat"], at.get("uncertainty_km") or 0.0, 1, 0, kind))
            )
    first = min((lead.opened_at for lead in known), default=now)
    return Lately(joined(places), hours, max(1.0, (now - first) / timedelta(days=1)))


def _gini(loads: Sequence[int]) -> float | None:
    total, count = sum(loads), len(loads)
    if not total:
        return None
    ranked = sorted(loads)
    return float(2 * sum(place * load for place, load in enumerate(ranked, 1)) / (count * total) - (count + 1) / count)


def days_of(first: date, last: date) -> tuple[datetime, datetime]:
    """The moments at which the first day begins and the last one ends, in Beijing."""
    midnight = datetime.min.time()
    return (
        datetime.combine(first, midnight, BEIJING),
        datetime.combine(last + timedelta(days=1), midnight, BEIJING),
    )
