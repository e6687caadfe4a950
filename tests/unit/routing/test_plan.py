"""Routing a batch: the room shrinks, and what lies beyond the nearest stores is found all the same."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from hq.routing.facts import LeadsFacts, WaitingLead
from hq.routing.network import Network
from hq.routing.plan import Setting, plan
from hq.routing.policy import Room
from hq.routing.rules import RoutingRules

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
SCOPE, DEALER, OTHER = (UUID(int=n) for n in (1, 2, 3))


def network(count: int, *, others: int = 0, active: bool = True) -> Network:
    """Stores in a row to the north, five kilometres apart; the nearest `others` are of a dealer nobody agreed to."""
    rows = [
        (UUID(int=100 + n), OTHER if n < others else DEALER, f"S{n}", 120.0, 30 + n / 22, active, {}, 5)
        for n in range(count)
    ]
    return Network.of(rows)


def leads(count: int, **values) -> list[WaitingLead]:
    blank = {"state": "waiting", "state_reason": {}, "grade": "A", "probability": 0.1, "reasons": [], "wish": {}}
    given = {**blank, "place": {"lng": 120.0, "lat": 30.0}, "store_code": None, "hops": 0, "opened_at": NOW}
    given |= {"name": "陈小明", "campaign": "锦鲤", "consented": True, "scope_id": SCOPE, **values}
    return [WaitingLead(lead_id=UUID(int=500 + n), contact_id=UUID(int=900 + n), **given) for n in range(count)]


def route(stores: Network, left: dict[int, int | None], waiting, *, had=None):
    room = Room({UUID(int=100 + n): value for n, value in left.items()}, {}, 0.0)
    facts = LeadsFacts(had or {}, {SCOPE: frozenset({DEALER})})
    planned, aside = plan(waiting, Setting(facts, stores, room, RoutingRules(), 1, NOW))
    assert not aside
    return planned


def test_a_store_far_beyond_the_nearest_full_ones_is_found():
    planned = route(network(40), {35: 2}, leads(3))
    assert [each.store.code for each in planned.placements] == ["S35", "S35"]
    assert planned.moved[2].reason == {"code": "no_room"}
    told = planned.placements[0].told
    assert len(told["considered"]) == 9
    assert told["considered"][0]["why_not"] == "no_room"


def test_full_stores_behind_foreign_ones_are_a_reason_to_wait_not_a_case_for_a_person():
    planned = route(network(40, others=12), {}, leads(1))
    assert (planned.moved[0].state, planned.moved[0].reason) == ("waiting", {"code": "no_room"})


def test_only_foreign_stores_are_a_case_for_a_person():
    planned = route(network(12, others=12), dict.fromkeys(range(12)), leads(1))
    assert (planned.moved[0].state, planned.moved[0].reason) == ("desk", {"code": "not_in_consent"})


def test_without_the_consent_nothing_is_offered():
    planned = route(network(3), dict.fromkeys(range(3)), leads(1, consented=False))
    assert planned.moved[0].reason == {"code": "not_in_consent"}


@pytest.mark.parametrize("before", [{}, {"code": "new"}])
def test_the_story_tells_once_that_a_lead_waits(before):
    planned = route(network(1), {0: 0}, leads(1, state_reason=before))
    assert [event.kind for event in planned.events] == ["waiting"]
    assert route(network(1), {0: 0}, leads(1, state_reason={"code": "no_room"})).events == []


def test_the_stores_that_had_the_lead_are_passed_over_however_many():
    had = {UUID(int=500): {UUID(int=100 + n): "recalled" for n in range(20)}}
    planned = route(network(30), dict.fromkeys(range(30)), leads(1), had=had)
    assert planned.placements[0].store.code == "S20"
