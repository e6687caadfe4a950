"""One step of a trial of routing rules: the next leads of a day, by both sets of rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from hq.replay import queries
from hq.replay.models import ReplayLoad
from hq.replay.routed import outcome, reading
from hq.replay.routed.demand import Asked, Demand, Demands, Made, spread_places
from hq.replay.routed.simulation import Came, Ground, Kept, Side, end_day, route
from hq.replay.service import Step
from hq.routing import queries as routing
from hq.routing.network import ATLAS, Network
from hq.routing.prices.queries import Place
from hq.routing.rules import RoutingRules
from hq.routing.standing import known_records
from shared.dealers.series import SeriesBook, book
from shared.dealers.territory_rows import TERRITORIES
from shared.platform.clock import beijing_day, day_start, week_of
from shared.platform.ids import NIL

LEADS = 2_000
"""Leads of one step: a step is a transaction, and who wants to stop waits for its end."""
_PATIENCE = text("SET LOCAL idle_in_transaction_session_timeout = '30min'")  # of 60 s, which many stores may take
_NONE: tuple[list[Any], list[Any]] = ([], [])
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
    """Route the next leads twice: in the morning those that wait, then those of the day (some fifteen statements)."""
    session.execute(_PATIENCE)
    asked, carried = Asked.parse(replay.asked), replay.carried or {}
    last = (replay.after_at or replay.since, replay.after_id or NIL)
    day = beijing_day(last[0])
    night = min(day_start(day + timedelta(days=1)), replay.until)
    network, series = ATLAS.network(session), book(session)
    demands = Demands(asked, carried.get("counted", {}), carried.get("number", 0))
    loads = _Loads(queries.loads(session, replay.replay_id), network, day)
    rules = [RoutingRules.parse(body) for body in (replay.against_body, replay.body)]
    sides = [loads.side(name, each, replay.tally.get(name, {})) for name, each in zip(_SIDES, rules, strict=True)]
    for side, due, waits in zip(sides, carried.get("due", _NONE), carried.get("waits", _NONE), strict=True):
        side.due, side.waits = [Kept(*each) for each in due], [Kept(*each) for each in waits]
    learns = any(each.price_percent for each in rules)
    waiting = [_waiting(session, series, side, demands) if learns else [] for side in sides]
    evening, made = False, 0
    if any(side.due for side in sides):
        batches = _due(session, sides, demands)
        start = day_start(day)
    else:
        limit = max(1, int(LEADS / asked.factor))
        found = reading.leads_after(session, last, night, limit=limit)
        evening, start = len(found) < limit, last[0]
        last = (night, NIL) if evening else (found[-1].opened_at, found[-1].lead_id)
        batches = [demands.made(found)] * 2
        made = len(batches[0])
    ground = _ground(session, network, series, batches)
    came = _came(session, ground, demands, start) if learns else None
    counts = []
    for side, batch, everybody in zip(sides, batches, waiting, strict=True):
        if asked.demand is Demand.PAST:
            side.was_with = reading.was_with(session, [each.lead for each in batch], side.rules.protect_days)
        counts.append(route(ground, side, start, batch, came, waiting=everybody))
        if evening:
            end_day(ground, side)
    for name, side, count in zip(_SIDES, sides, counts, strict=True):
        whole = loads.counts(name, count)
        side.tally["gini"] = outcome.gini([whole[store.store_id] for store in network.stores.values() if store.active])
    return Step(
        tally={name: side.tally for name, side in zip(_SIDES, sides, strict=True)},
        done=made,
        last=last,
        over=evening and night >= replay.until,
        carried={
            "counted": demands.counted,
            "number": demands.number,
            "due": [side.due for side in sides],
            "waits": [side.waits for side in sides],
        },
        loads=list(loads.moved(sides, counts)),
    )


def _due(session: Session, sides: Sequence[Side], demands: Demands) -> list[list[Made]]:
    """The next leads of each side that are due again; one that is gone meanwhile no longer waits."""
    portions = [side.due[:LEADS] for side in sides]
    known = reading.leads_of(session, {UUID(each.source) for portion in portions for each in portion})
    batches = []
    for side, portion in zip(sides, portions, strict=True):
        side.due = side.due[LEADS:]
        leads = [(known.get(UUID(each.source)), each) for each in portion]
        batches.append([demands.again(lead, each.copy, each.number) for lead, each in leads if lead is not None])
    return batches


def _ground(session: Session, network: Network, series: SeriesBook, batches: Sequence[Sequence[Made]]) -> Ground:
    scopes = routing.scopes_of(session, {each.lead.scope_id for batch in batches for each in batch})
    records = known_records(session, network)
    return Ground(network, reading.weekly_of(session), scopes, series, TERRITORIES.territories(session), records)


def _waiting(session: Session, series: SeriesBook, side: Side, demands: Demands) -> list[tuple[str, Place]]:
    """Everybody who is due again this morning, as prices count them."""
    places = reading.waiting_places(session, series, [UUID(each.source) for each in side.due])
    return places if demands.spread is None else spread_places(places, demands.spread)


def _came(session: Session, ground: Ground, demands: Demands, start: datetime) -> Came:
    """The demand that prices are learnt from, generated like that of the period."""
    came = reading.came_before(session, ground.series, until=start)
    places = came.places if demands.spread is None else spread_places(came.places, demands.spread)
    return Came(places, came.hours, came.days / demands.asked.factor)
