"""A past period routed again: days, room, waiting, and the same rules twice."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from hq.routing.facts import WaitingLead
from hq.routing.network import Network
from hq.routing.rules import RoutingRules
from hq.routing.trial.demand import generated
from hq.routing.trial.picture import farther
from hq.routing.trial.simulation import Ground, Outcome, tried
from shared.dealers.series import NO_SERIES
from shared.dealers.territories import NO_TERRITORIES
from shared.platform.clock import BEIJING
from shared.regions.divisions import by_code

SCOPE, DEALER = UUID(int=1), UUID(int=2)
MORNING = datetime(2026, 11, 16, 10, tzinfo=BEIJING)


def network(*limits: int | None) -> Network:
    """Stores in a row to the north, ten kilometres apart, with these leads a day."""
    return Network.of(
        [
            (UUID(int=100 + n), DEALER, f"S{n}", 120.0, 30 + n * 10 / 111.2, True, {}, limit, None, 1, None)
            for n, limit in enumerate(limits)
        ]
    )


def lead(number: int, *, day: int = 0, place: dict | None = None, grade: str = "A") -> WaitingLead:
    where = {"lng": 120.0, "lat": 30.0, "code": "330106"} if place is None else place
    given = {"state": "waiting", "state_reason": {}, "probability": 0.1, "reasons": [], "wish": {}, "store_code": None}
    key = UUID(int=500 + number)
    at = MORNING + timedelta(days=day, seconds=number)
    return WaitingLead(
        lead_id=key,
        contact_id=key,
        scope_id=SCOPE,
        grade=grade,
        place=where,
        hops=0,
        opened_at=at,
        name=None,
        campaign="",
        campaign_code="c",
        consented=True,
        **given,
    )


def outcome(stores: Network, leads: list[WaitingLead], rules: RoutingRules | None = None, before=()) -> Outcome:
    usual = np.full(len(stores.stores), 0.5)
    scopes = {SCOPE: frozenset({DEALER})}
    ground = Ground(leads, list(before), stores, scopes, NO_SERIES, NO_TERRITORIES, usual)
    return tried(ground, rules or RoutingRules())


def loads(found: Outcome) -> list[int]:
    return [found.by_store.get(UUID(int=100 + n), 0) for n in range(3)]


def test_each_day_has_its_own_room_and_who_waits_comes_first_the_next_day():
    found = outcome(network(1), [lead(0), lead(1), lead(2, day=1)])
    assert (found.same_day, found.later, found.waiting, found.desk, found.full) == (1, 1, 1, 0, 2)


def test_distance_load_and_expected_sales_are_those_of_the_offers():
    found = outcome(network(1, None), [lead(0), lead(1), lead(2)])
    assert loads(found) == [1, 2, 0]
    assert abs(found.mean_km - 20 / 3) < 0.05
    assert abs(found.expected - 0.3) < 1e-9
    assert abs(found.gini - 1 / 6) < 1e-9


def test_a_lead_that_nobody_can_place_is_for_a_person():
    found = outcome(network(1), [lead(0, place={})])
    assert (found.same_day, found.desk, found.mean_km, found.gini) == (0, 1, None, None)


def test_the_same_rules_twice_say_the_same():
    leads = [lead(n, day=n // 10) for n in range(40)]
    rules = RoutingRules(price_percent=100, km_when_full=5, equal_km=1)
    stores = network(3, 4, 2)
    assert outcome(stores, leads, rules) == outcome(stores, leads, rules)


def test_prices_learnt_before_send_those_who_have_another_store_there():
    """Each day two people from between the stores come, and then one from far beyond the first one."""
    south = {"lng": 120.0, "lat": 29.75, "code": "330185"}
    between = {"lng": 120.0, "lat": 30.04, "code": "330106"}
    people = [
        lead(day * 3 + n, day=day, place=south if n == 2 else between, grade="B" if n == 2 else "A")
        for day in range(14)
        for n in range(3)
    ]
    before = [each for each in people if each.opened_at < MORNING + timedelta(days=10)]
    leads = people[len(before) :]
    near = RoutingRules(max_km=34)
    plain = outcome(network(2, 2), leads, near, before)
    priced = outcome(network(2, 2), leads, RoutingRules(max_km=34, price_percent=100), before)
    assert plain.waiting + plain.later > 0
    assert (priced.waiting, priced.later) == (0, 0)


def test_generated_demand_has_from_each_county_so_many_times_as_many_and_is_always_the_same():
    leads = [lead(n) for n in range(10)] + [
        lead(20 + n, place={"lng": 121, "lat": 31, "code": "310101"}) for n in (0, 1)
    ]
    made = generated(leads, 1.5)
    counted = Counter(each.place["code"] for each in made)
    assert counted == {"330106": 15, "310101": 3}
    assert made == generated(leads, 1.5)
    assert len({each.lead_id for each in made}) == 18


def test_demand_from_where_the_stores_stand_comes_from_their_counties_in_turn():
    counties = [by_code("330106"), by_code("310101")]
    made = generated([lead(n) for n in range(4)], 1, counties)
    assert Counter(each.place["code"] for each in made) == {"330106": 2, "310101": 2}


def test_the_counties_with_farther_ways_come_by_kilometres_in_all():
    before = {"330106": (10, 50.0), "310101": (2, 10.0), "320506": (4, 8.0)}
    after = {"330106": (10, 70.0), "310101": (2, 60.0), "320506": (4, 8.4)}
    assert [(each.code, each.before, each.after) for each in farther(before, after)] == [
        ("310101", 5.0, 30.0),
        ("330106", 5.0, 7.0),
    ]
