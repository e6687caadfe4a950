"""A past period routed again: days, room, waiting, and the same rules twice."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

import numpy as np
import pytest

from hq.replay.routed import simulation
from hq.replay.routed.demand import Asked, Demand, Demands, Made, Spread, spread_places
from hq.replay.routed.outcome import Outcome, gini
from hq.replay.routed.picture import draw, farther
from hq.replay.routed.simulation import Came, Ground, Kept, Side, end_day, route
from hq.routing.facts import WaitingLead
from hq.routing.network import Network
from hq.routing.policy import Kind
from hq.routing.prices.queries import Place
from hq.routing.prices.solver import Unsolved
from hq.routing.rules import RoutingRules
from shared.dealers.series import NO_SERIES
from shared.dealers.territories import NO_TERRITORIES
from shared.platform.clock import BEIJING, beijing_day, day_start
from shared.regions.divisions import by_code, smallest

SCALED = Asked(Demand.SCALED, 1.5)
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


def ground(stores: Network, weekly: dict[UUID, int] | None = None) -> Ground:
    usual = np.full(len(stores.stores), 0.5)
    return Ground(stores, weekly or {}, {SCOPE: frozenset({DEALER})}, NO_SERIES, NO_TERRITORIES, usual)


def side_of(stores: Network, rules: RoutingRules | None = None) -> Side:
    count = len(stores.stores)
    return Side(rules or RoutingRules(), [0.0] * count, [0] * count, [0] * count)


def run(
    stores: Network, leads: list[WaitingLead], rules: RoutingRules | None = None, weekly=None, learnt=None
) -> tuple[Outcome, Counter]:
    """The days from the first lead on, one after the other."""
    side, loads = side_of(stores, rules), Counter()
    here, known = ground(stores, weekly), {lead.lead_id: lead for lead in leads}
    for day, come in groupby(leads, key=lambda lead: beijing_day(lead.opened_at)):
        side.today = [0] * len(side.today)
        if day.weekday() == 0:
            side.week = [0] * len(side.week)
        again = [Made(known[UUID(each.source)], UUID(each.source)) for each in side.due]
        side.due = []
        loads += route(here, side, day_start(day), again, learnt)
        loads += route(here, side, day_start(day), [Made(lead, lead.lead_id) for lead in come], learnt)
        end_day(here, side)
    side.tally["gini"] = gini([loads[store.store_id] for store in stores.stores.values()])
    return Outcome.of(side.tally), loads


def of_stores(loads: Counter) -> list[int]:
    return [loads[UUID(int=100 + n)] for n in range(3)]


def test_each_day_has_its_own_room_and_who_waits_comes_first_the_next_day():
    found, _ = run(network(1), [lead(0), lead(1), lead(2, day=1)])
    assert (found.same_day, found.later, found.waiting, found.desk, found.full) == (1, 1, 1, 0, 2)


def test_a_day_in_two_stretches_has_its_room_once_and_who_waits_waits_for_the_next_day():
    stores, side = network(2), side_of(network(2))
    late = lead(2)._replace(opened_at=MORNING.replace(hour=15))
    made = [Made(each, each.lead_id) for each in (lead(0), lead(1), late)]
    loads = route(ground(stores), side, day_start(MORNING.date()), made[:2], None)
    assert (side.waits, side.due) == ([], [])
    loads += route(ground(stores), side, MORNING.replace(hour=15), made[2:], None)
    assert (of_stores(loads), side.tally["waiting"]) == ([2, 0, 0], 1)
    end_day(ground(stores), side)
    assert (side.waits, side.due, side.tally["full"]) == ([], [Kept.of(made[2])], 1)


def test_prices_that_take_too_long_are_left_out_and_counted(monkeypatch):
    def never(*_args, **_kept):
        raise Unsolved("Time limit reached")

    monkeypatch.setattr(simulation, "reckoned", never)
    side = side_of(network(2), RoutingRules(price_percent=100))
    made = [Made(lead(0), lead(0).lead_id)]
    loads = route(ground(network(2)), side, day_start(MORNING.date()), made, Came([], [0] * 24, 1.0))
    assert (of_stores(loads), side.tally["unpriced"]) == ([1, 0, 0], 1)


def test_a_lead_that_cannot_be_decided_is_counted_aside():
    broken = lead(0)._replace(place={"lng": "east", "lat": 30.0, "code": "330106"})
    found, _ = run(network(2), [broken, lead(1)])
    assert (found.aside, found.same_day) == (1, 1)


def test_a_week_has_its_room_until_monday():
    stores = network(5)
    leads = [lead(n, day=n // 2) for n in range(16)]  # from a Monday on, two a day
    found, loads = run(stores, leads, weekly={UUID(int=100): 3})
    assert MORNING.weekday() == 0
    assert (found.same_day, found.later, found.waiting) == (3, 3, 10)
    assert of_stores(loads) == [6, 0, 0]


def test_distance_load_and_expected_sales_are_those_of_the_offers():
    found, loads = run(network(1, None), [lead(0), lead(1), lead(2)])
    assert of_stores(loads) == [1, 2, 0]
    assert abs(found.mean_km - 20 / 3) < 0.05
    assert abs(found.expected - 0.3) < 1e-9
    assert abs(found.gini - 1 / 6) < 1e-9
    assert 10 <= found.far_km <= 11


def test_what_comes_at_night_waits_until_its_store_opens():
    at_two = MORNING.replace(hour=2)
    found, _ = run(network(None), [lead(0)._replace(opened_at=at_two)])
    opens = network(None).field.wait_hours(at_two.replace(minute=59))[0]
    assert opens > 4
    assert found.hours == opens


def test_a_lead_that_nobody_can_place_is_for_a_person():
    found, _ = run(network(1), [lead(0, place={})])
    assert (found.same_day, found.desk, found.mean_km, found.gini) == (0, 1, None, None)


def test_of_more_than_can_be_tried_again_the_best_are(monkeypatch):
    monkeypatch.setattr(simulation, "MOST_WAITING", 2)
    leads = [lead(n, grade="B") for n in range(4)] + [lead(9)]
    found, loads = run(network(1), [*leads, lead(20, day=1), lead(21, day=1)])
    assert (found.same_day, found.later, found.waiting, found.beyond) == (1, 1, 5, 3)
    assert of_stores(loads) == [2, 0, 0]


def test_the_same_rules_twice_say_the_same():
    leads = [lead(n, day=n // 10) for n in range(40)]
    rules = RoutingRules(price_percent=100, km_when_full=5, equal_km=1)
    stores = network(3, 4, 2)
    assert run(stores, leads, rules) == run(stores, leads, rules)


def test_prices_learnt_before_send_those_who_have_another_store_there():
    """Each day two people from between the stores come, and then one from far beyond the first one."""
    south = {"lng": 120.0, "lat": 29.75, "code": "330185"}
    between = {"lng": 120.0, "lat": 30.04, "code": "330106"}
    leads = [
        lead(day * 3 + n, day=day, place=south if n == 2 else between, grade="B" if n == 2 else "A")
        for day in range(4)
        for n in range(3)
    ]
    kind = Kind(frozenset({DEALER}), None)
    hours = [0] * 10 + [30] + [0] * 13
    learnt = Came(
        [("330106", Place(120.0, 30.04, 0.0, 20, 0, kind)), ("330185", Place(120.0, 29.75, 0.0, 10, 0, kind))],
        hours,
        10.0,
    )
    plain, _ = run(network(2, 2), leads, RoutingRules(max_km=34), learnt=learnt)
    priced, _ = run(network(2, 2), leads, RoutingRules(max_km=34, price_percent=100), learnt=learnt)
    assert plain.waiting + plain.later > 0
    assert (priced.waiting, priced.later) == (0, 0)


def test_generated_demand_has_from_each_county_so_many_times_as_many_and_is_always_the_same():
    leads = [lead(n) for n in range(10)] + [
        lead(20 + n, place={"lng": 121, "lat": 31, "code": "310101"}) for n in (0, 1)
    ]
    made = Demands(SCALED).made(leads)
    assert Counter(each.lead.place["code"] for each in made) == {"330106": 15, "310101": 3}
    assert made == Demands(SCALED).made(leads)
    assert len({each.lead.lead_id for each in made}) == 18


@pytest.mark.parametrize("factor", [0.5, 1.5])
def test_of_many_counties_with_one_lead_each_the_demand_is_right_in_all(factor):
    leads = [lead(n, place={"lng": 121, "lat": 31, "code": county.code}) for n, county in enumerate(smallest()[:600])]
    made = Demands(Asked(Demand.SCALED, factor)).made(leads)
    assert abs(len(made) - 600 * factor) < 40


def test_days_one_after_the_other_make_the_same_demand_as_all_at_once():
    leads = [lead(n, day=n) for n in range(9)]
    daily = Demands(SCALED)
    assert [each for one in leads for each in daily.made([one])] == Demands(SCALED).made(leads)


def test_what_waits_is_made_again_as_it_was():
    leads = [lead(n) for n in range(5)]
    known = {each.lead_id: each for each in leads}
    demands = Demands(Asked(Demand.STORES, 2.0, {"330106": 1, "310101": 2}))
    made = demands.made(leads)
    assert [demands.again(known[each.source], each.copy, each.number) for each in made] == made


def test_demand_from_where_the_stores_stand_comes_from_their_counties_by_their_stores():
    made = Demands(Asked(Demand.STORES, 1.0, {"330106": 1, "310101": 3})).made([lead(n) for n in range(400)])
    counted = Counter(each.lead.place["code"] for each in made)
    assert abs(counted["330106"] - 100) <= 2
    assert sum(counted.values()) == 400


def test_prices_of_generated_demand_are_learnt_from_as_many_where_it_comes_from():
    spread = Spread([(by_code("330106"), 1), (by_code("310101"), 3)])
    kinds = [Kind(frozenset({DEALER}), series) for series in (None, "a")]
    places = [("440305", Place(114.0, 22.5, 1.0, 9_000 * n, 0, kind)) for n, kind in enumerate(kinds, start=1)]
    moved = spread_places(places, spread)
    assert sum(place.came for _, place in moved) == 27_000
    of_a = sum(place.came for _, place in moved if place.kind == kinds[1])
    assert of_a == 18_000
    west = sum(place.came for code, place in moved if code == "330106")
    assert abs(west - 27_000 / 4) < 100


def test_the_counties_with_farther_ways_come_by_kilometres_in_all():
    before = {"330106": [10, 50.0], "310101": [2, 10.0], "320506": [4, 8.0]}
    after = {"330106": [10, 70.0], "310101": [2, 60.0], "320506": [4, 8.4]}
    assert [(each.code, each.before, each.after) for each in farther(before, after)] == [
        ("310101", 5.0, 30.0),
        ("330106", 5.0, 7.0),
    ]


def test_of_stores_in_one_place_the_smaller_change_is_drawn_on_top():
    stores = network(3, 3, 3)
    first, second, third = stores.stores
    drawn = draw(stores, {first: 9, second: -2, third: 5}, [])
    assert [mark.code for mark in drawn.marks if mark.kind != "same"] == ["S0", "S2", "S1"]
