"""Routing a batch: the room shrinks, and what lies beyond the nearest stores is found all the same."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hq.routing.costs import Costs, Standing
from hq.routing.facts import LeadsFacts, WaitingLead, WasWith
from hq.routing.network import Network
from hq.routing.plan import Setting, plan
from hq.routing.policy import Room
from hq.routing.rules import RoutingRules
from shared.dealers.series import NO_SERIES
from shared.dealers.territories import NO_TERRITORIES, Territories, TerritoryRow
from shared.regions.distance import great_circle_km

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
PRICED = RoutingRules(price_percent=100)
FAR = RoutingRules(price_percent=100, max_km=None)
SCOPE, DEALER, OTHER = (UUID(int=n) for n in (1, 2, 3))


def network(count: int, *, others: int = 0, active: bool = True) -> Network:
    """Stores in a row to the north, five kilometres apart; the nearest `others` are of a dealer nobody agreed to."""
    rows = [
        (UUID(int=100 + n), OTHER if n < others else DEALER, f"S{n}", 120.0, 30 + n / 22, active, {}, 5, None, 1, None)
        for n in range(count)
    ]
    return Network.of(rows)


def leads(count: int, **values) -> list[WaitingLead]:
    blank = {"state": "waiting", "state_reason": {}, "grade": "A", "probability": 0.1, "reasons": [], "wish": {}}
    given = {**blank, "place": {"lng": 120.0, "lat": 30.0}, "store_code": None, "hops": 0, "opened_at": NOW}
    given |= {
        "name": "陈小明",
        "campaign": "锦鲤",
        "campaign_code": "KOI",
        "consented": True,
        "scope_id": SCOPE,
        **values,
    }
    return [WaitingLead(lead_id=UUID(int=500 + n), contact_id=UUID(int=900 + n), **given) for n in range(count)]


def route(stores, left, waiting, *, had=None, was_with=None, prices=None, rules=PRICED, territories=NO_TERRITORIES):
    count = len(stores.stores)
    room, nothing = Room.of([left.get(n, 0) for n in range(count)]), np.zeros(count)
    facts = LeadsFacts(had or {}, {SCOPE: frozenset({DEALER})}, was_with=was_with or {})
    costs = Costs(Standing(nothing if prices is None else prices, nothing, nothing, nothing), rules)
    planned, aside = plan(
        waiting, Setting(facts, stores, room, rules, costs, {"rules": 1}, NOW, NO_SERIES, territories)
    )
    assert not aside
    return planned


def test_a_store_far_beyond_the_nearest_full_ones_is_found():
    planned = route(network(40), {35: 2}, leads(3))
    assert [each.store.code for each in planned.placements] == ["S35", "S35"]
    assert planned.moved[2].reason == {"code": "no_room"}
    told = planned.placements[0].told
    assert len(told["considered"]) == 9
    assert told["considered"][0]["why_not"] == "no_room"


SEVERAL = RoutingRules(strategy="several", several_stores=3)
DESK = RoutingRules(by_campaign={"KOI": {"strategy": "desk"}})


def test_a_lead_for_several_stores_goes_to_the_nearest_that_have_room_each_of_them_once():
    planned = route(network(8), {0: 1, 2: 2, 3: 9, 5: 9}, leads(2), rules=SEVERAL)
    assert [(str(each.lead.lead_id)[-3:], each.store.code) for each in planned.placements] == [
        *(("1f4", code) for code in ("S0", "S2", "S3")),
        *(("1f5", code) for code in ("S2", "S3", "S5")),
    ]
    assert {(each.stores, each.told["stores"]) for each in planned.placements} == {(3, 3)}
    assert [each.state for each in planned.moved] == ["placed", "placed"]


def test_fewer_stores_than_asked_for_are_offered_it_all_the_same():
    planned = route(network(8), {1: 1, 2: 1}, leads(1), rules=SEVERAL)
    assert [(each.store.code, each.stores) for each in planned.placements] == [("S1", 2), ("S2", 2)]


def test_a_store_that_the_customer_scanned_does_not_share_the_lead():
    planned = route(network(8), dict.fromkeys(range(8), 5), leads(1, store_code="S4"), rules=SEVERAL)
    assert [(each.store.code, each.stores) for each in planned.placements] == [("S4", 1)]


def test_leads_of_a_campaign_that_headquarters_gives_out_go_to_its_desk_until_it_lets_the_rules_choose():
    stores, room = network(3), {0: 9}
    (told,) = route(stores, room, leads(1), rules=DESK).moved
    assert (told.state, told.reason) == ("desk", {"code": "by_hand"})
    assert route(stores, room, leads(1, campaign_code="OTHER"), rules=DESK).placements
    assert route(stores, room, leads(1, state_reason={"code": "desk_returned"}), rules=DESK).placements


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


def test_a_lead_with_alternatives_leaves_room_for_the_one_that_has_none():
    prices = np.array([12.0, 0.0, 0.0])  # five kilometres lie between two stores
    planned = route(network(3), dict.fromkeys(range(3), 1), leads(1), prices=prices)
    assert planned.placements[0].store.code == "S1"
    assert planned.placements[0].told["considered"][0]["weighs"] == {"price": 12.0}


def test_a_store_farther_than_all_that_were_looked_at_first_is_found_when_it_is_cheaper():
    prices = np.array([2000.0] * 199 + [0.0])
    planned = route(network(200), dict.fromkeys(range(200)), leads(1), prices=prices, rules=FAR)
    assert planned.placements[0].store.code == "S199"


def territories(number, *, exclusive):
    """Twelve kilometres around the lead belong to one store."""
    row = TerritoryRow(UUID(int=1), exclusive, (), 12.0, UUID(int=100 + number), 120.0, 30.0)
    return Territories.of([row])


def test_who_lives_in_a_territory_goes_to_its_store_first_and_to_others_when_it_is_full():
    shared = territories(2, exclusive=False)
    planned = route(network(3), {0: 5, 1: 5, 2: 1}, leads(2), territories=shared)
    assert [(each.store.code, each.why["code"]) for each in planned.placements] == [
        ("S2", "territory"),
        ("S0", "nearest"),
    ]


def test_who_lives_in_an_exclusive_territory_waits_for_its_store():
    planned = route(network(3), {0: 5, 1: 5, 2: 1}, leads(2), territories=territories(2, exclusive=True))
    assert [each.store.code for each in planned.placements] == ["S2"]
    assert planned.moved[1].reason == {"code": "no_room"}


def test_the_store_that_somebody_scanned_goes_before_the_territory():
    planned = route(
        network(3), dict.fromkeys(range(3)), leads(1, store_code="S1"), territories=territories(2, exclusive=True)
    )
    assert planned.placements[0].store.code == "S1"


def test_somebody_goes_back_to_the_store_they_were_with():
    lead = leads(1)
    was_with = {lead[0].contact_id: WasWith(DEALER, UUID(int=107))}
    planned = route(network(9), dict.fromkeys(range(9)), lead, was_with=was_with)
    assert (planned.placements[0].store.code, planned.placements[0].why) == ("S7", {"code": "returning"})


def test_a_full_store_that_somebody_was_with_gives_way_to_the_dealers_nearest():
    lead = leads(1)
    was_with = {lead[0].contact_id: WasWith(DEALER, UUID(int=107))}
    planned = route(network(9, others=2), {**dict.fromkeys(range(9)), 7: 0}, lead, was_with=was_with)
    assert (planned.placements[0].store.code, planned.placements[0].why) == ("S2", {"code": "returning"})


def test_after_the_last_store_another_one_of_a_dealer_that_had_the_lead_is_asked_once():
    had = {UUID(int=500): {UUID(int=100): "expired", UUID(int=101): "expired", UUID(int=102): "declined"}}
    once = RoutingRules(own_dealer_stores=1)
    planned = route(network(5), dict.fromkeys(range(5)), leads(1, hops=3), had=had, rules=once)
    assert (planned.placements[0].store.code, planned.placements[0].why) == ("S3", {"code": "own_dealer"})
    planned = route(network(5), dict.fromkeys(range(5)), leads(1, hops=4), had=had, rules=once)
    assert planned.moved[0].reason == {"code": "hops_used"}


def test_who_may_be_thirty_kilometres_off_is_as_near_to_the_next_store():
    town = {"lng": 120.0, "lat": 30.0, "uncertainty_km": 30.0}
    rules = RoutingRules(equal_km=0.5)
    planned = route(network(2), dict.fromkeys(range(2)), leads(4, place=town), rules=rules)
    assert [each.store.code for each in planned.placements] == ["S0", "S1", "S0", "S1"]


@given(st.lists(st.tuples(st.floats(70, 135), st.floats(18, 53), st.floats(0, 400), st.integers(0, 2)), min_size=1))
def test_the_cheapest_of_all_stores_is_found_whatever_the_prices(stores):
    """Against a plain look at every store."""
    rows = [
        (UUID(int=100 + n), DEALER, f"S{n}", lng, lat, True, {}, 5, None, 1, None)
        for n, (lng, lat, _, _) in enumerate(stores)
    ]
    prices = np.array([price for _, _, price, _ in stores])
    left = {n: room for n, (_, _, _, room) in enumerate(stores)}
    planned = route(Network.of(rows), left, leads(1), prices=prices, rules=RoutingRules(price_percent=100, equal_km=0))
    ways = [
        (great_circle_km(120, 30, lng, lat) + price, n)
        for n, (lng, lat, price, room) in enumerate(stores)
        if room and great_circle_km(120, 30, lng, lat) <= 300
    ]
    if not ways:
        assert not planned.placements
    else:
        number = planned.placements[0].store.position
        cost = great_circle_km(120, 30, stores[number][0], stores[number][1]) + stores[number][2]
        assert cost == pytest.approx(min(ways)[0], abs=1e-6)
