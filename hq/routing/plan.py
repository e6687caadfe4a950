"""Routing a batch of leads: pure, one after the other, the room shrinking as they go."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any

from hq.routing.facts import LeadsFacts, WaitingLead
from hq.routing.network import Network, km_to
from hq.routing.placing import LeadMoved, Placement
from hq.routing.policy import TOLD, Decision, LeadFacts, Result, Room, StoreFacts, choose_store
from hq.routing.rules import RoutingRules
from shared.dealers.hours import DEFAULT_HOURS, NeverOpen, WeeklyHours, deadline
from shared.leads.events import Event
from shared.leads.lifecycle import LeadMove, LeadState, lead_after
from shared.platform.clock import next_day_start
from shared.signups.submission import BY_HAND
from shared.work.aside import Aside, sift


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write: offers, the leads' next states, and lines of their stories."""

    placements: list[Placement] = field(default_factory=list)
    moved: list[LeadMoved] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True)
class Setting:
    """All that the decisions about one batch share."""

    facts: LeadsFacts
    network: Network
    room: Room
    rules: RoutingRules
    version: int
    now: datetime

    def decide(self, lead: WaitingLead) -> Decision:
        """Choose a store for a lead; an offer takes from the room."""
        point = _point(lead)
        scanned = self.network.by_code.get(lead.store_code) if lead.store_code else None
        facts = LeadFacts(
            placed=point is not None,
            scanned=scanned,
            had=self.facts.had.get(lead.lead_id, {}),
            dealers=self.facts.scopes.get(lead.scope_id, frozenset()) if lead.consented else frozenset(),
            hops=lead.hops,
        )
        km = km_to(scanned, *point) if point and scanned is not None else None
        decision = choose_store(facts, self._near(point), self.room, self.rules, scanned_km=km)
        if decision.result is not Result.OFFER and decision.code != "no_room" and point:
            # A full store that was skipped may be the reason after all.
            decision = choose_store(facts, self.network.near(*point), self.room, self.rules, scanned_km=km)
        if decision.store is not None:
            self.room.take(decision.store.store_id)
        return decision

    def _near(self, point: tuple[float, float] | None) -> Iterator[tuple[float, StoreFacts]]:
        """Stores by distance: the nearest all, so that a decision can say why not they; then only those with room."""
        if point is None:
            return
        known = set()
        for km, store in islice(self.network.near(*point), TOLD):
            known.add(store.store_id)
            yield km, store
        yield from ((km, store) for km, store in self._with_room.near(*point) if store.store_id not in known)

    @cached_property
    def _with_room(self) -> Network:
        """The stores that have room when a lead first asks beyond its nearest: on a day when most are full, few."""
        return self.network.only(filter(self.room.has, self.network.stores))


def plan(leads: Sequence[WaitingLead], setting: Setting) -> tuple[Plan, Aside]:
    """Route the leads in their order."""
    decided, aside = sift(((lead.lead_id, lead) for lead in leads), setting.decide)
    planned = Plan()
    for lead in leads:
        if lead.lead_id in decided:
            _add(planned, lead, decided[lead.lead_id], setting)
    return planned, aside


def claim_deadline(start: datetime, minutes: float, hours: WeeklyHours) -> datetime:
    """So many working minutes later; a store that never opens is taken to keep usual hours."""
    try:
        return deadline(start, minutes, hours)
    except NeverOpen:
        return deadline(start, minutes, DEFAULT_HOURS)


def _point(lead: WaitingLead) -> tuple[float, float] | None:
    lng, lat = lead.place.get("lng"), lead.place.get("lat")
    return None if lng is None or lat is None else (lng, lat)


def _add(planned: Plan, lead: WaitingLead, decision: Decision, setting: Setting) -> None:
    now, store = setting.now, decision.store
    if decision.result is Result.OFFER and store is not None:
        minutes = setting.rules.claim_minutes(lead.grade)
        until = claim_deadline(now, minutes, setting.network.hours[store.store_id])
        why = {"code": _why(lead, decision, setting.facts)}
        told = _told(decision, setting.version)
        planned.placements.append(
            Placement(lead=lead, store=store, km=decision.km, deadline_at=until, why=why, told=told)
        )
        planned.moved.append(LeadMoved(lead.lead_id, lead_after(LeadState.WAITING, LeadMove.PLACE), why, now))
        return
    reason = {"code": decision.code}
    if decision.result is Result.DESK:
        planned.moved.append(LeadMoved(lead.lead_id, lead_after(LeadState.WAITING, LeadMove.ASK), reason, now))
        planned.events.append(Event(lead.lead_id, "desk", reason | _told(decision, setting.version)))
        return
    planned.moved.append(LeadMoved(lead.lead_id, LeadState.WAITING, reason, next_day_start(now)))
    if lead.state_reason.get("code") != decision.code:  # the story tells once that it waits, not every day again
        planned.events.append(Event(lead.lead_id, "waiting", reason | _told(decision, setting.version)))


def _why(lead: WaitingLead, decision: Decision, facts: LeadsFacts) -> str:
    """Who came to a store or called has scanned nothing: headquarters wrote down which store they named."""
    seen = facts.sightings.get(lead.lead_id)
    by_hand = seen is not None and seen.touchpoint in BY_HAND
    return "named" if decision.code == "scanned" and by_hand else decision.code


def _told(decision: Decision, version: int) -> dict[str, Any]:
    return {"considered": _listed(decision.considered), "passed_over": decision.passed_over, "rules": version}


def _listed(considered: Iterable[Any]) -> list[dict[str, Any]]:
    return [dict(each) for each in considered]
