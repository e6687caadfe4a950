"""What headquarters may do with leads that wait: each way foretold by the engine, then done as it was foretold."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hq.desk import foretelling, limits, queries
from hq.desk.foretelling import Foretold, Ground, Passed
from hq.desk.queries import Which
from hq.routing import many, placing, service
from hq.routing import queries as routing
from hq.routing.deadlines import claim_times
from hq.routing.errors import StoreCannot
from hq.routing.facts import LeadsFacts, WaitingLead
from hq.routing.network import km_to
from hq.routing.placing import LeadMoved, Placement
from hq.routing.policy import Room
from hq.routing.pool import by_hand as pool_by_hand
from hq.routing.pool import service as pool
from hq.routing.pool.reach import Pooling, seen_by
from hq.routing.rules import RoutingRules
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.leads.lifecycle import LeadMove, LeadState, lead_after
from shared.platform.errors import Conflict, Invalid
from shared.platform.keys import Keyring

MOST = 1_000
"""Leads that are given out in one step; the best and oldest."""
POOR = 0.7
"""A share of offers claimed in time below which more leads are not advised."""
_RAISED_AT_MOST = 8  # stores
_NEAR = 20  # stores to choose from by hand


class How(StrEnum):
    """The ways of arranging leads that wait."""

    WAIT = "wait"
    NOW = "now"
    RAISE = "raise"
    HAND = "hand"
    POOL = "pool"


class NothingToArrange(Conflict):
    """None of the leads waits any more, or none could be given out this way; nothing was changed."""

    code = "nothing_to_arrange"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for: within `km`, `percent` more, or to the store with this code."""

    km: float
    percent: int
    store: str = ""


@dataclass(frozen=True, slots=True)
class Raised:
    """A store whose limit of today would be raised.

    Attributes:
        most: its limit now, and so many `more`.
        in_time: offers claimed in time, of how many; None: it had none lately.
    """

    passed: Passed
    most: int
    more: int
    in_time: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Near:
    """A store to choose by hand. `left`: what it can take today, None without a limit; `open`: it takes leads."""

    code: str
    name: str
    km: float | None
    left: int | None
    open: bool


@dataclass(frozen=True, slots=True)
class Pooled:
    """What putting leads into the open pool would bring: `leads` that come in, `stores` that see one of them at most,
    and how many a store may claim a day (None: no limit of the pool)."""

    leads: int
    stores: int
    per_day: int | None


@dataclass(frozen=True, slots=True)
class Options:
    """The ways for some leads, each with what it would bring.

    Attributes:
        leads: how many are arranged in one step, of `waiting`.
        refusals: why the chosen store cannot have some of them, by code.
    """

    waiting: int
    leads: Sequence[WaitingLead]
    now: Foretold
    raised: Sequence[Raised]
    by_raise: Foretold
    pool: Pooled
    hand: Foretold | None = None
    refusals: Mapping[str, int] = field(default_factory=dict)
    near: Sequence[Near] = ()

    @property
    def in_time(self) -> float | None:
        """The share of offers that the stores to be raised claimed in time."""
        known = [each.in_time for each in self.raised if each.in_time]
        whole = sum(each[1] for each in known)
        return sum(each[0] for each in known) / whole if whole else None

    @property
    def poor(self) -> bool:
        """Whether raising the limits is not advised."""
        return self.in_time is not None and self.in_time < POOR


@dataclass(frozen=True, slots=True)
class Arranged:
    """What was done: leads given out to stores, and leads that wait on."""

    leads: int
    stores: int
    left: int
    refusals: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Case:
    session: Session
    leads: Sequence[WaitingLead]
    facts: LeadsFacts
    ground: Ground
    now: datetime

    def room(self, raised: Mapping[UUID, int] | None = None) -> Room:
        rules, network = self.ground.rules, self.ground.network
        return routing.room_of(self.session, network, rules, now=self.now, raised=raised or {})

    def foretell(self, room: Room, rules: RoutingRules | None = None) -> Foretold:
        return foretelling.foretell(self.session, self.leads, self.facts, self.ground, room, now=self.now, rules=rules)

    def within(self, km: float) -> tuple[Foretold, Room]:
        """Now, to whom is within so many kilometres, whether open or not."""
        room = self.room()
        return self.foretell(room, replace(self.ground.rules, max_km=km, open_within_hours=None)), room

    def to_raise(self, percent: int, today: Foretold) -> list[Raised]:
        """The nearest stores that are full today, each with so many more. `today`: what the rules would do now."""
        full: dict[UUID, Passed] = {}
        for each in today.passed.values():
            for passed in each:
                known = full.get(passed.store.store_id)
                if passed.why == "no_room" and (known is None or _km(passed) < _km(known)):
                    full[passed.store.store_id] = passed
        limits = routing.limits_of(self.session, self.ground.network, now=self.now)
        nearest = sorted((each for each in full.values() if limits.get(each.store.store_id)), key=_km)
        records = queries.in_time(self.session, list(full))
        return [
            Raised(each, most, math.ceil(most * percent / 100), records.get(each.store.store_id))
            for each in nearest[:_RAISED_AT_MOST]
            if (most := limits[each.store.store_id] or 0)
        ]

    def by_raise(self, raised: Sequence[Raised]) -> tuple[Foretold, Room]:
        """With the limits raised."""
        room = self.room({each.passed.store.store_id: each.more for each in raised})
        return self.foretell(room), room

    def near(self, chosen: str) -> list[Near]:
        """The stores nearest to the first of the leads, and the chosen one."""
        network, room = self.ground.network, self.room()
        at = next((lead.place for lead in self.leads if lead.place.get("lng") is not None), None)
        found = list(islice(network.near(at["lng"], at["lat"]), _NEAR)) if at else []
        wanted = network.by_code.get(chosen)
        if wanted is not None and all(store is not wanted for _km, store in found):
            found.append((km_to(wanted, at["lng"], at["lat"]) if at else None, wanted))  # type: ignore[arg-type]  # no place, no distance
        names = queries.stores(self.session, [store.store_id for _km, store in found])
        return [
            Near(store.code, names[store.store_id].Store.name, km, room.left_of(store), store.active)
            for km, store in found
            if store.store_id in names
        ]

    def pooled(self) -> Pooled:
        """In the open pool, as the rules say who may claim there."""
        network, rules, stores = self.ground.network, self.ground.rules, 0
        found = pool.poolings(self.session, self.leads, self.facts, rules).values()
        entering = [each for each in found if isinstance(each, Pooling)]
        for each in entering:
            dealers = self.facts.scopes.get(each.lead.scope_id, frozenset()) if each.lead.consented else frozenset()
            refused = self.facts.sent_back.get(each.lead.lead_id, ())
            seen = seen_by(each.reach, network, dealers=dealers, series=each.series, refused=refused)
            stores = max(stores, seen)
        return Pooled(len(entering), stores, rules.pool_claims_per_day)

    def by_hand(self, code: str) -> tuple[Foretold, Counter[str]]:
        """To one store, as far as it can take them."""
        network, refusals, found = self.ground.network, Counter[str](), Foretold()
        store = network.by_code.get(code)
        if store is None:
            raise StoreCannot(why_not="unknown", store=code)
        room, rules = self.room(), self.ground.rules
        for lead in self.leads:
            dealers = self.facts.scopes.get(lead.scope_id, frozenset()) if lead.consented else frozenset()
            refused = service.refused_by(self.facts.had.get(lead.lead_id, {}))
            if reason := service.why_not(store, dealers, room, refused):
                refusals[reason] += 1
                continue
            room.take(store)
            minutes = rules.claim_minutes(lead.grade, lead.campaign_code)
            times = claim_times(rules, start=self.now, minutes=minutes, hours=network.hours[store.store_id])
            at = lead.place
            found.placements.append(
                Placement(
                    lead=lead,
                    store=store,
                    km=km_to(store, at["lng"], at["lat"]) if at.get("lng") is not None else None,
                    deadline_at=times.deadline_at,
                    remind_at=times.remind_at,
                    why={"code": "desk"},
                    told={"rules": self.ground.version},
                )
            )
        return found, refusals


def _km(passed: Passed) -> float:
    return math.inf if passed.km is None else passed.km


def _case(session: Session, which: Which, *, now: datetime, lock: bool = False) -> _Case:
    leads = queries.leads_of(session, which, most=MOST, lock=lock)
    ground = foretelling.ground_of(session)
    return _Case(session, leads, foretelling.facts_of(session, leads, ground.rules, now=now), ground, now)


def options(session: Session, which: Which, wish: Wish, *, now: datetime) -> Options:
    """Every way with what it would bring; nothing is written (some thirty statements, 300 µs a lead).

    Raises:
        StoreCannot: there is no store with the code.
    """
    case = _case(session, which, now=now)
    today = case.foretell(case.room())
    raised = case.to_raise(wish.percent, today)
    hand, refusals = case.by_hand(wish.store) if wish.store else (None, {})
    return Options(
        queries.count_of(session, which),
        case.leads,
        case.within(wish.km)[0],
        raised,
        case.by_raise(raised)[0] if raised else today,
        case.pooled(),
        hand,
        refusals,
        case.near(wish.store),
    )


def arrange(
    session: Session, which: Which, how: How, wish: Wish, *, keys: Keyring, actor: Actor, now: datetime
) -> Arranged:
    """Give the leads out this way. Whoever routes meanwhile waits, so that both do not see the same room.

    Raises:
        Invalid: they are to wait, which is nothing to do.
        NothingToArrange: none waits, or none could be given out.
        StoreCannot: the chosen store is full, paused or unknown, or may have none of them.
    """
    if how is How.WAIT:
        raise Invalid(field="how")
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("drain:hq.route", 0))))
    case = _case(session, which, now=now, lock=True)
    if how is How.POOL:
        put = pool_by_hand.put(session, [lead.lead_id for lead in case.leads], actor=actor, now=now)
        if not put.done:
            raise NothingToArrange(leads=len(case.leads))
        return Arranged(put.done, 0, len(case.leads) - put.done, put.refused)
    room, refusals, raised = None, Counter[str](), list[Raised]()
    if how is How.NOW:
        found, room = case.within(wish.km)
    elif how is How.RAISE:
        raised = case.to_raise(wish.percent, case.foretell(case.room()))
        found, room = case.by_raise(raised)
    else:
        found, refusals = case.by_hand(wish.store)
        if case.leads and not found.placements:
            raise StoreCannot(why_not=refusals.most_common(1)[0][0], store=wish.store)
    if not found.placements:
        raise NothingToArrange(leads=len(case.leads))
    limits.raise_today(session, {each.passed.store.store_id: each.more for each in raised}, actor=actor, now=now)
    _write(case, found, how, keys=keys, actor=actor)
    if room is not None:
        routing.keep_turns(session, room, (each.store for each in found.placements))
    return Arranged(found.leads, found.stores, len(case.leads) - found.leads, refusals)


def _write(case: _Case, found: Foretold, how: How, *, keys: Keyring, actor: Actor) -> None:
    session, now = case.session, case.now
    placements = [
        replace(each, told={**each.told, "arranged": how.value, **service.by_hand(each.lead, actor)})
        for each in found.placements
    ]
    placing.place(session, placements, case.facts, keys, now=now, actor=actor.name)
    placed = found.firsts
    moved = [
        LeadMoved(lead_id, lead_after(LeadState.WAITING, LeadMove.PLACE), each.why, now)
        for lead_id, each in placed.items()
    ]
    placing.move_leads(session, moved, now=now)
    for lead_id, each in placed.items():
        audit.record(
            session,
            actor,
            "lead:offer",
            lead_id,
            at=now,
            stores=[each.store.code],
            many=len(placed),
            arranged=how.value,
        )


def undo(session: Session, *, how: How, at: datetime, keys: Keyring, actor: Actor, now: datetime) -> many.Undone:
    """Take an arrangement of the last ten minutes back, as far as no store has claimed; raised limits go down again."""
    undone = many.undo(session, act="pool" if how is How.POOL else "offer", at=at, keys=keys, actor=actor, now=now)
    if now - at <= timedelta(minutes=10):
        limits.lower_again(session, at=at, actor=actor, now=now)
    return undone
