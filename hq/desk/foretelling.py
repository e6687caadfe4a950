"""What the rules would do with waiting leads: the engine itself, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from hq.routing import queries
from hq.routing.facts import LeadsFacts, WaitingLead
from hq.routing.network import ATLAS, Network
from hq.routing.placing import Placement
from hq.routing.plan import Plan, Setting, plan
from hq.routing.policy import Room, StoreFacts
from hq.routing.rules import RoutingRules
from shared.dealers.series import NO_SERIES, SeriesBook, book
from shared.dealers.territories import Territories
from shared.dealers.territory_rows import TERRITORIES

BATCH = 1000
"""As many as the drain routes at once, so that what is foretold is what it does."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is in force now."""

    network: Network
    rules: RoutingRules
    version: int
    series: SeriesBook
    territories: Territories


@dataclass(frozen=True, slots=True)
class Passed:
    """A store that could not take somebody, the nearest first. `why`: a code, `km` None where unknown."""

    store: StoreFacts
    why: str
    km: float | None


@dataclass(frozen=True, slots=True)
class Foretold:
    """What would come of leads.

    Attributes:
        placements: the offers; of several stores for one lead all.
        passed: per lead without a store, those that were looked at.
        reasons: per lead without a store, why, as a code.
    """

    placements: list[Placement] = field(default_factory=list)
    passed: dict[UUID, list[Passed]] = field(default_factory=dict)
    reasons: dict[UUID, str] = field(default_factory=dict)

    @property
    def firsts(self) -> Mapping[UUID, Placement]:
        """Per lead with a store, the best."""
        return {each.lead.lead_id: each for each in reversed(self.placements)}

    @property
    def leads(self) -> int:
        """How many go out."""
        return len(self.firsts)

    @property
    def stores(self) -> int:
        """To how many stores."""
        return len({each.store.store_id for each in self.placements})

    @property
    def mean_km(self) -> float | None:
        """Kilometres to the best store, where the place is known."""
        kms = [each.km for each in self.firsts.values() if each.km is not None]
        return sum(kms) / len(kms) if kms else None


def ground_of(session: Session) -> Ground:
    """Stores, rules and territories as they are (a few statements, fewer when nothing changed)."""
    network = ATLAS.network(session)
    rules, version = queries.rules_in_force(session)
    series = book(session) if network.any_series else NO_SERIES
    return Ground(network, rules, version, series, TERRITORIES.territories(session))


def facts_of(session: Session, leads: Sequence[WaitingLead], rules: RoutingRules, *, now: datetime) -> LeadsFacts:
    """What is known around the leads, as the drain reads it."""
    since = now - timedelta(days=rules.protect_days) if rules.protect_days else None
    return queries.facts_of(session, leads, protected_since=since)


def foretell(
    session: Session,
    leads: Sequence[WaitingLead],
    facts: LeadsFacts,
    ground: Ground,
    room: Room,
    *,
    now: datetime,
    rules: RoutingRules | None = None,
) -> Foretold:
    """Route the leads in their order as it would be done at a moment; the room shrinks.

    Args:
        rules: others than those in force.
    """
    # numpy is loaded where something is foretold, not with every web server
    from hq.routing.standing import costs_of

    rules, found = rules or ground.rules, Foretold()
    fresh = [lead._replace(state_reason=_returned(lead)) for lead in leads]  # so that each tells why it waits
    for start in range(0, len(fresh), BATCH):
        costs, priced = costs_of(session, ground.network, room, rules, now=now)
        told = {"rules": ground.version} | ({"prices": str(priced)} if priced else {})
        setting = Setting(facts, ground.network, room, rules, costs, told, now, ground.series, ground.territories)
        planned, _aside = plan(fresh[start : start + BATCH], setting)
        _add(found, planned, ground.network)
    before = {lead.lead_id: lead for lead in leads}
    whole = [replace(each, lead=before[each.lead.lead_id]) for each in found.placements]
    return Foretold(whole, found.passed, found.reasons)


def _returned(lead: WaitingLead) -> Mapping[str, Any]:
    return lead.state_reason if lead.state_reason.get("code") == "desk_returned" else {}


def _add(found: Foretold, planned: Plan, network: Network) -> None:
    found.placements.extend(planned.placements)
    for event in planned.events:
        found.reasons[event.lead_id] = str(event.details.get("code"))
        found.passed[event.lead_id] = list(_passed(event.details.get("considered", ()), network))


def _passed(considered: Sequence[Mapping[str, Any]], network: Network) -> Iterator[Passed]:
    for each in considered:
        store = network.stores.get(UUID(each["store_id"]))
        if store is not None and each["why_not"]:
            yield Passed(store, each["why_not"], each["km"])
