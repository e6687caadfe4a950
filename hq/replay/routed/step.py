"""One step of a trial of routing rules: the next day, by both sets of rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from hq.replay import queries
from hq.replay.models import ReplayLoad
from hq.replay.routed import outcome, reading
from hq.replay.routed.demand import Asked, Demand, Demands, Made, Spread, spread_places
from hq.replay.routed.simulation import Came, Ground, Side, route_day
from hq.replay.service import Step
from hq.routing import queries as routing
from hq.routing.network import ATLAS, Network
from hq.routing.rules import RoutingRules
from hq.routing.standing import known_records
from shared.dealers.series import book
from shared.dealers.territory_rows import TERRITORIES
from shared.platform.clock import beijing_day, day_start
from shared.platform.ids import NIL
from shared.regions import divisions

_SIDES = ("before", "after")


@dataclass(slots=True)
class _Loads:
    """Leads of each store so far, by both sides, and what both remember of it."""

    rows: Mapping[UUID, ReplayLoad]
    network: Network
    monday: date

    def side(self, name: str, rules: RoutingRules, tally: Mapping[str, Any]) -> Side:
        """A set of rules as it stood after the day before."""
        turns, week = [0.0] * len(self.network.stores), [0] * len(self.network.stores)
        for store_id, row in self.rows.items():
            if store := self.network.stores.get(store_id):
                turns[store.position] = getattr(row, f"turn_{name}")
                if row.monday == self.monday:
                    week[store.position] = getattr(row, f"week_{name}")
        return Side(rules, turns, week, {**outcome.empty(), **tally})

    def counts(self, name: str, day: Counter[UUID]) -> Counter[UUID]:
        """Leads by store, this day's with them."""
        return Counter({store_id: getattr(row, name) for store_id, row in self.rows.items()}) + day

    def moved(self, sides: Sequence[Side], days: Sequence[Counter[UUID]]) -> Iterator[tuple[Any, ...]]:
        """The stores that were offered something this day, as rows to write."""
        before, after = (self.counts(name, day) for name, day in zip(_SIDES, days, strict=True))
        for store_id in sorted(days[0].keys() | days[1].keys()):
            at = self.network.stores[store_id].position
            weeks, turns = [side.week[at] for side in sides], [side.turns[at] for side in sides]
            yield (store_id, before[store_id], after[store_id], self.monday, *weeks, *turns)


def step(session: Session, replay: Row[Any]) -> Step:
    """Route the next Beijing day twice (some fifteen statements)."""
    start = replay.after_at or replay.since
    day = beijing_day(start)
    end = min(day_start(day + timedelta(days=1)), replay.until)
    network = ATLAS.network(session)
    series = book(session)
    carried, asked = replay.carried or {}, Asked.parse(replay.asked)
    demands = Demands(asked, spread_of(network, asked), carried.get("counted", {}), carried.get("number", 0))
    loads = _Loads(queries.loads(session, replay.replay_id), network, day - timedelta(days=day.weekday()))
    rules = [RoutingRules.parse(body) for body in (replay.against_body, replay.body)]
    sides = [loads.side(name, each, replay.tally.get(name, {})) for name, each in zip(_SIDES, rules, strict=True)]
    _fill(session, sides, carried.get("queues", ([], [])), demands)
    made = demands.made(reading.leads_between(session, start, end))
    everybody = [each.lead for side in sides for each in side.queue] + [each.lead for each in made]
    scopes = routing.scopes_of(session, {lead.scope_id for lead in everybody})
    records = known_records(session, network)
    ground = Ground(network, reading.weekly_of(session), scopes, series, TERRITORIES.territories(session), records)
    came = _came(session, ground, asked, demands.spread, start) if any(each.price_percent for each in rules) else None
    days = []
    for side in sides:
        if asked.demand is Demand.PAST:
            side.was_with = reading.was_with(session, _leads(side.queue, made), side.rules.protect_days)
        days.append(route_day(ground, side, day, made, came))
    for name, side, count in zip(_SIDES, sides, days, strict=True):
        whole = loads.counts(name, count)
        side.tally["gini"] = outcome.gini([whole[store.store_id] for store in network.stores.values() if store.active])
    return Step(
        tally={name: side.tally for name, side in zip(_SIDES, sides, strict=True)},
        done=len(made),
        last=(end, NIL),
        over=end >= replay.until,
        carried={
            "counted": demands.counted,
            "number": demands.number,
            "queues": [[(str(each.source), each.copy, each.number) for each in side.queue] for side in sides],
        },
        loads=list(loads.moved(sides, days)),
    )


def _leads(*made: Sequence[Made]) -> list[Any]:
    return [each.lead for several in made for each in several]


def spread_of(network: Network, asked: Asked) -> Spread | None:
    """Where generated demand comes from, when not from where it came; None also where no store has a place."""
    if asked.demand is not Demand.STORES:
        return None
    placed = ((store.lng, store.lat) for store in network.stores.values() if store.active)
    seats = Counter(divisions.nearest_county(lng, lat) for lng, lat in placed if lng is not None and lat is not None)
    return Spread(sorted(seats.items(), key=lambda item: item[0].code)) if seats else None


def _fill(session: Session, sides: Sequence[Side], queues: Sequence[Sequence[Any]], demands: Demands) -> None:
    """Give both sides the leads that wait."""
    known = reading.leads_of(session, {UUID(source) for queue in queues for source, _copy, _number in queue})
    for side, queue in zip(sides, queues, strict=True):
        kept = [(known.get(UUID(source)), copy, number) for source, copy, number in queue]
        side.queue = [demands.again(lead, copy, number) for lead, copy, number in kept if lead is not None]


def _came(session: Session, ground: Ground, asked: Asked, spread: Spread | None, start: datetime) -> Came:
    """The demand that prices are learnt from, generated like that of the period."""
    came = reading.came_before(session, ground.series, until=start)
    places = came.places if spread is None else spread_places(came.places, spread)
    return Came(places, came.hours, came.days / asked.factor)
