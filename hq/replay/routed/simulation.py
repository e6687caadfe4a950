"""Some leads of a past day routed again by other rules: pure.

Hour by hour, with the stores as they are now and their room of each day and week. Every offer is taken to be kept: what
a store would have declined nobody knows. Prices are learnt once for all leads that are given at once, from the four
weeks before, where in life they follow the day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np

from hq.replay.routed import outcome
from hq.replay.routed.demand import Made
from hq.replay.routed.outcome import MOST_WAITING, Tally
from hq.routing.costs import Costs, Standing
from hq.routing.facts import LeadsFacts, WaitingLead, WasWith
from hq.routing.field import Floats
from hq.routing.network import Network
from hq.routing.plan import Plan, Setting, plan
from hq.routing.policy import UNLIMITED, Room
from hq.routing.prices.queries import Lately, Place, joined
from hq.routing.prices.reckoning import reckoned
from hq.routing.prices.solver import Unsolved
from hq.routing.rules import RoutingRules
from shared.dealers.series import SeriesBook
from shared.dealers.territories import Territories
from shared.leads.lifecycle import LeadState
from shared.platform.clock import BEIJING, beijing_day, day_start
from shared.work.aside import Aside

BATCH = 1_000
"""As many as the drain routes at once."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What both sets of rules are tried on.

    Attributes:
        weekly: leads a week by store, where there is a limit.
        record: of each store, from 0 to 1; .5 is usual.
    """

    network: Network
    weekly: Mapping[UUID, int]
    scopes: Mapping[UUID, frozenset[UUID]]
    series: SeriesBook
    territories: Territories
    record: Floats


@dataclass(frozen=True, slots=True)
class Came:
    """The demand of the four weeks before a moment: places with the code of their county; `hours`, `days` as in
    `Lately`."""

    places: Sequence[tuple[str, Place]]
    hours: Sequence[int]
    days: float


class Kept(NamedTuple):
    """A lead that waits, with what its turn goes by and what makes it again (see `Demands.again`)."""

    grade: str
    opened: float
    source: str
    copy: int
    number: int

    @classmethod
    def of(cls, made: Made) -> Kept:
        """Of a lead."""
        return cls(made.lead.grade, made.lead.opened_at.timestamp(), str(made.source), made.copy, made.number)


@dataclass(slots=True)
class Side:
    """How one set of rules has come along.

    Attributes:
        turns, week, today: by position: how far each store has come in taking turns, and what it was offered this week
            and this day.
        due: leads that wait since an earlier day and are not tried again yet this day.
        waits: leads that wait until tomorrow.
        was_with: by lead (its `contact_id` here), the store that worked for the person before.
    """

    rules: RoutingRules
    turns: list[float]
    week: list[int]
    today: list[int]
    tally: Tally = field(default_factory=outcome.empty)
    due: list[Kept] = field(default_factory=list)
    waits: list[Kept] = field(default_factory=list)
    was_with: Mapping[UUID, WasWith] = field(default_factory=dict)


def route(
    ground: Ground,
    side: Side,
    start: datetime,
    leads: Sequence[Made],
    came: Came | None,
    *,
    waiting: Sequence[tuple[str, Place]] = (),
) -> Counter[UUID]:
    """Route leads of one Beijing day; leads by store.

    Args:
        start: prices are learnt for what comes from here on; in the first moment of a day the leads are such as waited.
        came: what prices are learnt from; None: none are asked.
        waiting: everybody who waits at this moment, as prices count them.
    """
    day = beijing_day(start)
    morning = day_start(day)
    room = Room.of(_limits(ground, side), side.turns)
    price = _prices(ground, side, room, came, waiting, start)
    loads: Counter[UUID] = Counter()
    for now, batch in _batches(morning, leads):
        planned, aside = _route(ground, side, batch, room, price, now)
        loads.update(each.store.store_id for each in planned.placements)
        _count(ground, side.tally, planned, day, now)
        side.tally["aside"] += len(aside)
        states = {moved.lead_id: moved.state for moved in planned.moved}
        side.waits += [Kept.of(made) for made in batch if states.get(made.lead.lead_id) is LeadState.WAITING]
    side.turns = room.turns
    for store_id, count in loads.items():
        position = ground.network.stores[store_id].position
        side.week[position] += count
        side.today[position] += count
    side.tally["waiting"] = len(side.due) + len(side.waits) + side.tally["beyond"]
    return loads


def end_day(ground: Ground, side: Side) -> None:
    """What waits is due tomorrow, the best first."""
    left = zip(_limits(ground, side), ground.network.stores.values(), strict=True)
    side.tally["full"] += sum(limit == 0 for limit, store in left if store.active)
    ordered = sorted(side.waits)
    side.tally["beyond"] += len(ordered[MOST_WAITING:])
    side.due, side.waits = ordered[:MOST_WAITING], []


def _limits(ground: Ground, side: Side) -> list[int | None]:
    """What stores can still take today, what is left of their week regarded; a paused store nothing."""
    limits: list[int | None] = []
    for store_id, store in ground.network.stores.items():
        most, weekly = ground.network.capacity.get(store_id, 0), ground.weekly.get(store_id)
        today = UNLIMITED if most is None else most - side.today[store.position]
        week = UNLIMITED if weekly is None else weekly - side.week[store.position]
        limits.append(max(0, min(today, week)))
    return limits


def _batches(morning: datetime, leads: Sequence[Made]) -> Iterator[tuple[datetime, list[Made]]]:
    """By the hour, the best first; those of an earlier day come with the first hour."""
    by_hour: dict[int, list[Made]] = defaultdict(list)
    for made in leads:
        opened = made.lead.opened_at
        by_hour[opened.astimezone(BEIJING).hour if opened >= morning else 0].append(made)
    for hour in sorted(by_hour):
        ordered = sorted(by_hour[hour], key=Kept.of)
        for first in range(0, len(ordered), BATCH):
            yield morning + timedelta(hours=hour, minutes=59), ordered[first : first + BATCH]


def _route(
    ground: Ground, side: Side, batch: Sequence[Made], room: Room, price: Floats, now: datetime
) -> tuple[Plan, Aside]:
    network, rules = ground.network, side.rules
    wait = network.field.wait_hours(now) if rules.km_per_hour else np.zeros(len(price))
    used = np.zeros(len(price))
    if rules.km_when_full:
        most = np.array([network.capacity.get(store_id) or 0 for store_id in network.stores], dtype=float)
        used = np.where(most > 0, np.clip(1 - np.array(room.left, dtype=float) / np.maximum(most, 1), 0, 1), 0.0)
    costs = Costs(Standing(price, wait, ground.record, used), rules)
    facts = LeadsFacts(scopes=ground.scopes, was_with=side.was_with)
    setting = Setting(facts, network, room, rules, costs, {}, now, ground.series, ground.territories)
    return plan([made.lead for made in batch], setting)


def _count(ground: Ground, tally: Tally, planned: Plan, day: date, now: datetime) -> None:
    wait = ground.network.field.wait_hours(now)
    firsts = {each.lead.lead_id: each for each in reversed(planned.placements)}  # of several stores the best
    for each in firsts.values():
        lead, position = each.lead, each.store.position
        outcome.offered(
            tally,
            late=beijing_day(lead.opened_at) < day,
            hours=_waited(lead, now) + float(min(wait[position], _LONGEST_WAIT)),
            expected=lead.probability * (0.5 + float(ground.record[position])),
            km=each.km,
            code=str(lead.place.get("code")),
        )
    tally["desk"] += sum(each.state is LeadState.DESK for each in planned.moved)
    tally["pooled"] += len(planned.pooled)


_LONGEST_WAIT = 24.0 * 30  # of a store that has no hours to come


def _waited(lead: WaitingLead, now: datetime) -> float:
    """Hours until the lead was offered; in the hour in which it comes, none."""
    hours = (now - lead.opened_at) / timedelta(hours=1)
    return hours if hours > 1 else 0.0


def _prices(
    ground: Ground,
    side: Side,
    room: Room,
    came: Came | None,
    waiting: Sequence[tuple[str, Place]],
    start: datetime,
) -> Floats:
    price = np.zeros(len(ground.network.stores))
    if came is None or not side.rules.price_percent:
        return price
    places = joined([*came.places, *waiting])
    try:
        found = reckoned(Lately(places, came.hours, came.days), ground.network, room, side.rules, now=start)
    except Unsolved:
        side.tally["unpriced"] += 1
        return price
    for store_id, value in found.prices.items():
        price[ground.network.stores[UUID(store_id)].position] = value
    return price
