"""One step of a trial of routing rules: the next hours, at most a day, by both sets of rules."""

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
from hq.replay.routed.simulation import Came, Ground, Side, route
from hq.replay.service import Step
from hq.routing import queries as routing
from hq.routing.network import ATLAS, Network
from hq.routing.rules import RoutingRules
from hq.routing.standing import known_records
from shared.dealers.series import book
from shared.dealers.territory_rows import TERRITORIES
from shared.platform.clock import beijing_day, day_start, week_of
from shared.platform.ids import NIL
from shared.population.people import people_by_county
from shared.regions import divisions

LEADS = 5_000
"""Leads of one step, as far as whole hours allow: a step is a transaction, and who wants to stop waits for it."""
_SIDES = ("before", "after")


@dataclass(slots=True)
class _Loads:
    """Leads of each store so far, by both sides, and what both remember of it."""

    rows: Mapping[UUID, ReplayLoad]
    network: Network
    day: date

    def side(self, name: str, rules: RoutingRules, tally: Mapping[str, Any]) -> Side:
        """A set of rules as it stood after the step before."""
        count = len(self.network.stores)
        side = Side(rules, [0.0] * count, [0] * count, [0] * count, {**outcome.empty(), **tally})
        for store_id, row in self.rows.items():
            if store := self.network.stores.get(store_id):
                side.turns[store.position] = getattr(row, f"turn_{name}")
                if row.day == self.day:
                    side.today[store.position] = getattr(row, f"day_{name}")
                if week_of(row.day) == week_of(self.day):
                    side.week[store.position] = getattr(row, f"week_{name}")
        return side

    def counts(self, name: str, step: Counter[UUID]) -> Counter[UUID]:
        """Leads by store, this step's with them."""
        return Counter({store_id: getattr(row, name) for store_id, row in self.rows.items()}) + step

    def moved(self, sides: Sequence[Side], steps: Sequence[Counter[UUID]]) -> Iterator[tuple[Any, ...]]:
        """The stores that were offered something, as rows to write."""
        before, after = (self.counts(name, step) for name, step in zip(_SIDES, steps, strict=True))
        for store_id in sorted(steps[0].keys() | steps[1].keys()):
            at = self.network.stores[store_id].position
            days, weeks = [side.today[at] for side in sides], [side.week[at] for side in sides]
            turns = [side.turns[at] for side in sides]
            yield (store_id, before[store_id], after[store_id], self.day, *days, *weeks, *turns)


def step(session: Session, replay: Row[Any]) -> Step:
    """Route the next hours twice (some fifteen statements)."""
    asked, carried = Asked.parse(replay.asked), replay.carried or {}
    start = replay.after_at or replay.since
    day = beijing_day(start)
    night = min(day_start(day + timedelta(days=1)), replay.until)
    end = _end(session, start, night, LEADS / asked.factor)
    network = ATLAS.network(session)
    series = book(session)
    demands = Demands(asked, spread_of(session, network, asked), carried.get("counted", {}), carried.get("number", 0))
    loads = _Loads(queries.loads(session, replay.replay_id), network, day)
    rules = [RoutingRules.parse(body) for body in (replay.against_body, replay.body)]
    sides = [loads.side(name, each, replay.tally.get(name, {})) for name, each in zip(_SIDES, rules, strict=True)]
    _fill(session, sides, carried.get("queues", ([], [])), demands)
    made = demands.made(reading.leads_between(session, start, end))
    everybody = [each.lead for side in sides for each in side.queue] + [each.lead for each in made]
    scopes = routing.scopes_of(session, {lead.scope_id for lead in everybody})
    records = known_records(session, network)
    ground = Ground(network, reading.weekly_of(session), scopes, series, TERRITORIES.territories(session), records)
    came = _came(session, ground, asked, demands.spread, start) if any(each.price_percent for each in rules) else None
    counts = []
    for side in sides:
        if asked.demand is Demand.PAST:
            side.was_with = reading.was_with(session, _leads(side.queue, made), side.rules.protect_days)
        counts.append(route(ground, side, start, made, came, evening=end == night))
    for name, side, count in zip(_SIDES, sides, counts, strict=True):
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
        loads=list(loads.moved(sides, counts)),
    )


def _end(session: Session, start: datetime, night: datetime, most: float) -> datetime:
    """The end of the hours of a step."""
    found, end = 0, night
    for hour, count in reading.hours(session, start, night):
        found += count
        if found > most and hour > start:
            end = hour
            break
    return end


def _leads(*made: Sequence[Made]) -> list[Any]:
    return [each.lead for several in made for each in several]


def spread_of(session: Session, network: Network, asked: Asked) -> Spread | None:
    """Where generated demand comes from, when not from where it came; None also where no store has a place, and where
    the table of population was taken away."""
    if asked.demand is Demand.PEOPLE:
        living = people_by_county(session)
        known = [(county, people) for code, people in sorted(living.items()) if (county := divisions.by_code(code))]
        return Spread(known) if known else None
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
