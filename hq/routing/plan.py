"""Routing a batch of leads: pure, one after the other, the room shrinking as they go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from hq.routing.deadlines import ClaimTimes, claim_times
from hq.routing.facts import LeadsFacts, WaitingLead
from hq.routing.network import Network, km_to
from hq.routing.placing import LeadMoved, Placement
from hq.routing.policy import Decision, Group, Kind, LeadFacts, Result, Room, StoreFacts, Way, choose
from hq.routing.pool.reach import Pooling, pooling_of, stay
from hq.routing.rules import AfterHops, RoutingRules, Strategy
from shared.dealers.series import NO_SERIES, SeriesBook
from shared.dealers.territories import NO_TERRITORIES, Served, Territories
from shared.leads.events import Event
from shared.leads.lifecycle import LeadMove, LeadState, lead_after
from shared.platform.clock import next_day_start
from shared.signups.submission import BY_HAND
from shared.work.aside import Aside, sift

if TYPE_CHECKING:
    from hq.routing.costs import Costs
    from hq.routing.ways import Ways


_NONE: Mapping[UUID, str] = {}


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write: offers, what comes into the pool, the leads' next states, and lines of their stories."""

    placements: list[Placement] = field(default_factory=list)
    pooled: list[Pooling] = field(default_factory=list)
    moved: list[LeadMoved] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True)
class Setting:
    """All that the decisions about one batch share.

    Attributes:
        costs: what each store costs besides distance.
        told: what else explains the choices: the versions of rules and prices.
    """

    facts: LeadsFacts
    network: Network
    room: Room
    rules: RoutingRules
    costs: Costs
    told: Mapping[str, Any]
    now: datetime
    series: SeriesBook = NO_SERIES
    territories: Territories = NO_TERRITORIES

    @cached_property
    def opens_soon(self) -> Sequence[bool]:
        """By position, whether a store opens soon enough to be offered a lead."""
        within = self.rules.open_within_hours
        if within is None:
            return [True] * len(self.network.stores)
        return [bool(wait <= within) for wait in self.network.field.wait_hours(self.now)]

    def times(self, store: StoreFacts, lead: WaitingLead) -> ClaimTimes:
        """Until when a store that is offered a lead now may claim it, and when it is reminded."""
        hours = self.network.hours[store.store_id]
        key = (id(hours), lead.grade, lead.campaign_code)
        if key not in self._times:
            minutes = self.rules.claim_minutes(lead.grade, lead.campaign_code)
            self._times[key] = claim_times(self.rules, start=self.now, minutes=minutes, hours=hours)
        return self._times[key]

    @cached_property
    def _times(self) -> dict[tuple[int, str, str], ClaimTimes]:
        return {}

    def dealers(self, lead: WaitingLead) -> frozenset[UUID]:
        """The dealers that the person's consent names."""
        return self.facts.scopes.get(lead.scope_id, frozenset()) if lead.consented else frozenset()

    def series_of(self, lead: WaitingLead) -> str | None:
        """The series that the person wants; None when nobody knows."""
        model = lead.wish.get("model")
        return self.series.code_of(str(model)) if model and self.network.any_series else None

    def ways(self, leads: Sequence[WaitingLead]) -> Ways:
        """The stores around each of the leads, whose place is known."""
        from hq.routing.ways import Spot, Ways

        spots = []
        for lead in leads:
            kind, place = Kind(self.dealers(lead), self.series_of(lead)), lead.place
            spots.append(Spot(place["lng"], place["lat"], place.get("uncertainty_km") or 0.0, kind))
        return Ways(self.network.field, spots, self.room, self.opens_soon, self.costs.total, self.rules.max_km)


@dataclass(frozen=True)
class _Chooser:
    """The decision about one lead after the other; `number`: of a lead among those whose place is known."""

    setting: Setting
    ways: Ways
    number: Mapping[UUID, int]

    def decide(self, lead: WaitingLead) -> Decision:
        """Choose a store for a lead; an offer takes from the room."""
        setting = self.setting
        if self._is_given_out(lead, Strategy.DESK):
            return Decision(Result.DESK, "by_hand")
        number = self.number.get(lead.lead_id)
        place = lead.place
        served = setting.territories.for_place(place.get("code"), place.get("lng"), place.get("lat"))
        facts = LeadFacts(
            placed=number is not None,
            had=setting.facts.had.get(lead.lead_id, _NONE),
            dealers=setting.dealers(lead),
            series=setting.series_of(lead),
            only=served[0] or None,
            hops=lead.hops,
        )
        around, rules = _Around(self, number), setting.rules
        pooled = self._is_given_out(lead, Strategy.POOL) and lead.hops < rules.max_hops
        if pooled and not self._has_chosen(lead):
            return self._pool(lead, served, "pool")
        stores = 1 if pooled else rules.stores_at_once(lead.campaign_code)
        groups = self._groups(lead, number, served)
        chosen = choose(facts, groups, around, setting.room, rules, stores=stores)
        if pooled and chosen.result is not Result.OFFER:
            return self._pool(lead, served, "pool")
        if chosen.code == "hops_used" and rules.after_hops == AfterHops.POOL and lead.hops < rules.pool_hops:
            return self._pool(lead, served, "pool_hops")
        return chosen

    def _is_given_out(self, lead: WaitingLead, strategy: Strategy) -> bool:
        """Whether the lead is given out in this way; what a person has sent to routing goes to a store by the rules."""
        returned = lead.state_reason.get("code") == "desk_returned"
        return not returned and self.setting.rules.strategy_of(lead.campaign_code) is strategy

    def _has_chosen(self, lead: WaitingLead) -> bool:
        """Whether a store goes before the pool: the person chose it, or was with its dealer."""
        was_with = self.setting.facts.was_with
        return lead.store_code in self.setting.network.by_code or bool(was_with and lead.contact_id in was_with)

    def _pool(self, lead: WaitingLead, served: Served, code: str) -> Decision:
        """Into the pool, unless no store could ever claim it there."""
        setting, series = self.setting, self.setting.series_of(lead)
        found = pooling_of(lead, setting.facts, setting.network, setting.rules, series=series, served=served)
        if isinstance(found, str):
            return Decision(Result.DESK, found)
        return Decision(Result.POOL, code, reach=found.reach)

    def _groups(self, lead: WaitingLead, number: int | None, served: Served) -> Iterator[Group]:
        setting, network, reach = self.setting, self.setting.network, self.setting.rules.max_km
        if lead.hops >= setting.rules.max_hops:
            if lead.hops < setting.rules.max_hops + setting.rules.own_dealer_stores:
                had = (network.stores.get(store_id) for store_id in setting.facts.had.get(lead.lead_id, ()))
                dealers = dict.fromkeys(store.dealer_id for store in had if store is not None)
                stores = [store for dealer in dealers for store in network.of_dealer[dealer]]
                yield Group("own_dealer", self._by_cost(lead, number, stores, reach=reach))
            return
        only_chosen = self._is_given_out(lead, Strategy.POOL)
        scanned = network.by_code.get(lead.store_code) if lead.store_code else None
        if scanned is not None:
            yield Group("scanned", [self._way(lead, number, scanned)])
        was_with = setting.facts.was_with and setting.facts.was_with.get(lead.contact_id)
        if was_with:
            first = network.stores.get(was_with.store_id)
            if first is not None:
                yield Group("returning", self._by_cost(lead, number, [first], reach=reach))
            others = network.of_dealer.get(was_with.dealer_id, ())
            yield Group("returning", self._by_cost(lead, number, others, reach=reach))
        if only_chosen:
            return
        alone, together = served
        if mine := alone or together:
            stores = [store for store_id in mine if (store := network.stores.get(store_id))]
            yield Group("territory", self._by_cost(lead, number, stores, reach=None))
        if number is not None and not alone:
            yield Group("best", self.ways.of(number))

    def _by_cost(
        self, lead: WaitingLead, number: int | None, stores: Sequence[StoreFacts], *, reach: float | None
    ) -> list[Way]:
        """Ways to named stores, the cheapest first, within reach (km; None: any) where the place is known."""
        ways = [self._way(lead, number, store) for store in stores]
        near = (way for way in ways if reach is None or way.km is None or way.km <= reach)
        return sorted(near, key=lambda way: (way.cost, way.store.store_id))

    def _way(self, lead: WaitingLead, number: int | None, store: StoreFacts) -> Way:
        km = None if number is None else km_to(store, lead.place["lng"], lead.place["lat"])
        return Way((km or 0.0) + float(self.setting.costs.total[store.position]), km, store)


class _Around(NamedTuple):
    """The stores around one lead (`policy.Surroundings`)."""

    chooser: _Chooser
    number: int | None

    def near(self) -> Iterator[tuple[float, StoreFacts]]:
        return iter(()) if self.number is None else self.chooser.ways.near(self.number)

    def nearer(self, km: float) -> int:
        return 0 if self.number is None else self.chooser.ways.nearer(self.number, km)

    def parts(self, store: StoreFacts) -> Mapping[str, float]:
        return self.chooser.setting.costs.parts(store.position)

    def soon(self, store: StoreFacts) -> bool:
        return self.chooser.setting.opens_soon[store.position]


def plan(leads: Sequence[WaitingLead], setting: Setting) -> tuple[Plan, Aside]:
    """Route the leads in their order."""
    points, aside = sift(((lead.lead_id, lead) for lead in leads), _point)
    placed = [lead for lead in leads if points.get(lead.lead_id)]
    chooser = _Chooser(setting, setting.ways(placed), {lead.lead_id: number for number, lead in enumerate(placed)})
    decided, undecided = sift(((lead.lead_id, lead) for lead in leads if lead.lead_id in points), chooser.decide)
    planned = Plan()
    for lead in leads:
        if lead.lead_id in decided:
            _add(planned, lead, decided[lead.lead_id], setting)
    return planned, {**aside, **undecided}


def _point(lead: WaitingLead) -> tuple[float, float] | None:
    """Where the person is; None when nobody knows."""
    lng, lat = lead.place.get("lng"), lead.place.get("lat")
    return None if lng is None or lat is None else (float(lng), float(lat))


def _add(planned: Plan, lead: WaitingLead, decision: Decision, setting: Setting) -> None:
    now = setting.now
    told = {"considered": decision.considered, "passed_over": decision.passed_over, **setting.told}
    if len(decision.offers) > 1:
        told |= {"stores": len(decision.offers)}
    if decision.result is Result.OFFER:
        why = {"code": _why(lead, decision, setting.facts)}
        for way in decision.offers:
            times = setting.times(way.store, lead)
            planned.placements.append(
                Placement(
                    lead=lead,
                    store=way.store,
                    km=way.km,
                    deadline_at=times.deadline_at,
                    remind_at=times.remind_at,
                    why=why,
                    told=told,
                    stores=len(decision.offers),
                )
            )
        planned.moved.append(LeadMoved(lead.lead_id, lead_after(LeadState.WAITING, LeadMove.PLACE), why, now))
        return
    reason = {"code": decision.code}
    if decision.result is Result.DESK:
        planned.moved.append(LeadMoved(lead.lead_id, lead_after(LeadState.WAITING, LeadMove.ASK), reason, now))
        planned.events.append(Event(lead.lead_id, "desk", reason | told))
        return
    if decision.reach is not None:
        planned.pooled.append(Pooling(lead, decision.reach, setting.series_of(lead)))
        planned.moved.append(LeadMoved(lead.lead_id, lead_after(LeadState.WAITING, LeadMove.POOL), reason, now))
        until = stay(setting.rules, lead.campaign_code, now).told()
        planned.events.append(Event(lead.lead_id, "pooled", reason | until | told))
        return
    planned.moved.append(LeadMoved(lead.lead_id, LeadState.WAITING, reason, next_day_start(now)))
    if lead.state_reason.get("code") != decision.code:  # the story tells once that it waits, not every day again
        planned.events.append(Event(lead.lead_id, "waiting", reason | told))


def _why(lead: WaitingLead, decision: Decision, facts: LeadsFacts) -> str:
    """Who came to a store or called has scanned nothing: headquarters wrote down which store they named."""
    seen = facts.sightings.get(lead.lead_id)
    by_hand = seen is not None and seen.touchpoint in BY_HAND
    return "named" if decision.code == "scanned" and by_hand else decision.code
