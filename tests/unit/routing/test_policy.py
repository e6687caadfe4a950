"""The choice among stores that are given in order: groups, turns, and why not another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from hq.routing.policy import Decision, Group, LeadFacts, Result, Room, StoreFacts, Way, choose
from hq.routing.rules import RoutingRules

DEALER, OTHER = UUID(int=900), UUID(int=901)
RULES = RoutingRules()


def store(n: int, *, dealer=DEALER, active=True, **more) -> StoreFacts:
    return StoreFacts(UUID(int=n), dealer, f"S{n}", 120.0, 30.0, active, n, **more)


def lead(**facts) -> LeadFacts:
    return LeadFacts(**({"placed": True, "had": {}, "dealers": frozenset({DEALER})} | facts))


def room(left: Mapping[StoreFacts, int | None], turns: Mapping[StoreFacts, float] | None = None) -> Room:
    by_position = {each.position: most for each, most in left.items()}
    made = Room.of([by_position.get(n, 0) for n in range(50)])
    for each, turn in (turns or {}).items():
        made.turns[each.position] = turn
    return made


class Around:
    """Stores by distance, and extra costs by code."""

    def __init__(self, near, parts=None, shut=()) -> None:
        self._near, self._parts, self._shut = near, parts or {}, shut

    def near(self) -> Iterator[tuple[float, StoreFacts]]:
        return iter(self._near)

    def nearer(self, km: float) -> int:
        return sum(far < km for far, _ in self._near)

    def parts(self, store: StoreFacts) -> Mapping[str, float]:
        return self._parts.get(store.code, {})

    def soon(self, store: StoreFacts) -> bool:
        return store not in self._shut


def decide(facts, near, left, rules=RULES, *, first=(), parts=None, shut=(), stores=1) -> Decision:
    """The decision among stores by distance, each as dear as it is far besides `parts`; `first`: groups before."""
    around = Around(near, parts, shut)
    ways = sorted((Way(km + sum(around.parts(each).values()), km, each) for km, each in near), key=lambda way: way.cost)
    reach = [way for way in ways if rules.max_km is None or (way.km or 0) <= rules.max_km]
    all_of_them = facts.placed and facts.only is None and facts.hops < rules.max_hops
    groups = [*first, *([Group("best", reach)] if all_of_them else [])]
    return choose(facts, groups, around, left, rules, stores=stores)


A, B, C = store(1), store(2), store(3)
NEAR = [(1.0, A), (5.0, B), (9.0, C)]


def chosen(decision: Decision) -> list[StoreFacts]:
    return [way.store for way in decision.offers]


def told(decision: Decision) -> list[tuple[str, str | None]]:
    return [(entry["code"], entry["why_not"]) for entry in decision.considered]


def test_the_nearest_store_with_room_gets_it_and_the_full_one_is_named():
    decision = decide(lead(), NEAR, room({A: 0, B: 2}))
    assert (decision.result, decision.code, chosen(decision)) == (Result.OFFER, "nearest", [B])
    assert told(decision) == [("S1", "no_room"), ("S2", None)]


def test_a_store_whose_room_others_need_more_is_passed_over_and_the_price_is_named():
    decision = decide(lead(), NEAR, room({A: 1, B: 1}), parts={"S1": {"price": 30.0}})
    assert (decision.code, chosen(decision)) == ("best", [B])
    assert told(decision) == [("S1", "dearer"), ("S2", None)]
    assert decision.considered[0]["weighs"] == {"price": 30.0}


def test_the_scanned_store_goes_before_distance():
    decision = decide(lead(), NEAR, room({A: 1, C: 1}), first=[Group("scanned", [Way(9.0, 9.0, C)])])
    assert (decision.code, chosen(decision)) == ("scanned", [C])


def test_a_full_scanned_store_gives_way_and_is_told_once():
    decision = decide(lead(), NEAR, room({C: 1}), first=[Group("scanned", [Way(5.0, 5.0, B)])])
    assert told(decision) == [("S2", "no_room"), ("S1", "no_room"), ("S3", None)]


def test_a_store_that_declined_is_never_offered_that_lead_again():
    scan = [Group("scanned", [Way(1.0, 1.0, A)])]
    decision = decide(lead(had={A.store_id: "declined"}, hops=1), NEAR, room({A: 1, B: 1}), first=scan)
    assert chosen(decision) == [B]


def test_no_room_anywhere_waits_without_an_error():
    decision = decide(lead(), NEAR, room({}))
    assert (decision.result, decision.code, decision.passed_over) == (Result.WAIT, "no_room", 3)


def test_only_paused_stores_in_reach_wait_for_one_to_open():
    decision = decide(lead(), [(1.0, store(1, active=False))], room({}))
    assert (decision.result, decision.code) == (Result.WAIT, "paused")


def test_a_store_that_is_shut_for_long_is_not_offered_anything():
    decision = decide(lead(), NEAR[:1], room({A: 1}), shut=(A,))
    assert (decision.result, decision.code) == (Result.WAIT, "shut")


def test_a_dealer_that_the_person_did_not_agree_to_gets_nothing():
    foreign = store(4, dealer=OTHER)
    decision = decide(lead(), [(1.0, foreign), (8.0, B)], room({foreign: 1, B: 1}))
    assert told(decision) == [("S4", "not_in_consent"), ("S2", None)]


def test_a_store_that_may_not_sell_the_series_is_passed_over():
    scooters = store(4, series=frozenset({"scooter"}))
    decision = decide(lead(series="motorcycle"), [(1.0, scooters), (8.0, B)], room({scooters: 1, B: 1}))
    assert told(decision) == [("S4", "not_sold"), ("S2", None)]


def test_in_a_territory_of_its_own_only_its_stores_get_the_lead_and_it_waits_for_their_room():
    own = [Group("territory", [Way(9.0, 9.0, C)])]
    only = lead(only=frozenset({C.store_id}))
    decision = decide(only, NEAR, room({A: 1, C: 1}), first=own)
    assert chosen(decision) == [C]
    assert told(decision) == [("S1", "other_territory"), ("S2", "other_territory"), ("S3", None)]
    decision = decide(only, NEAR, room({A: 1}), first=own)
    assert (decision.result, decision.code) == (Result.WAIT, "no_room")


def test_nobody_knows_where_the_person_is():
    decision = decide(lead(placed=False), NEAR, room({A: 1}))
    assert (decision.result, decision.code) == (Result.DESK, "no_place")


def test_no_store_within_reach_is_a_case_for_headquarters():
    decision = decide(lead(), [(301.0, A)], room({A: 1}))
    assert (decision.result, decision.code) == (Result.DESK, "too_far")
    assert chosen(decide(lead(), [(301.0, A)], room({A: 1}), RoutingRules(max_km=None))) == [A]


def test_every_store_in_reach_let_it_go():
    had = {A.store_id: "declined", B.store_id: "expired"}
    assert decide(lead(had=had, hops=2), NEAR[:2], room({A: 1, B: 1})).code == "nobody_agreed"


def test_after_three_stores_a_person_decides():
    assert decide(lead(hops=3), NEAR, room({A: 1})).code == "hops_used"


def test_two_equal_stores_share_thirty_single_leads_fifteen_each():
    near, left, got = [(2.0, A), (2.04, B)], room({A: 30, B: 30}), []
    for _ in range(30):
        got += chosen(decide(lead(), near, left))
        assert abs(got.count(A) - got.count(B)) <= 1
    assert (got.count(A), got.count(B)) == (15, 15)


def test_weights_of_one_and_three_give_a_steady_cycle_of_four():
    light, heavy = store(1), store(2, weight=3)
    left = room({light: None, heavy: None})
    got = [each.code for _ in range(40) for each in chosen(decide(lead(), [(2.0, light), (2.0, heavy)], left))]
    assert got[:4].count("S2") == 3
    assert got == got[:4] * 10


def test_turns_go_on_over_runs():
    left = room({A: None, B: None}, {A: 7.0, B: 6.0})
    assert chosen(decide(lead(), [(2.0, A), (2.0, B)], left)) == [B]


def test_a_store_that_was_away_is_not_flooded_when_it_is_back():
    left = room({A: None, B: None}, {A: 500.0, B: 3.0})
    got = [each for _ in range(10) for each in chosen(decide(lead(), [(2.0, A), (2.0, B)], left))]
    assert got[0] is B
    assert got.count(B) <= 6


@given(st.lists(st.sampled_from(["join", "leave", "lead"]), max_size=60))
def test_members_that_come_and_go_leave_the_others_within_one_lead_of_each_other(events):
    pair, guest = [(2.0, A), (2.0, B)], (2.0, C)
    left, near, got = room({A: None, B: None, C: None}), pair, []
    for event in events:
        near = {"join": [*pair, guest], "leave": pair}.get(event, near)
        got += chosen(decide(lead(), near, left)) if event == "lead" else []
    assert abs(got.count(A) - got.count(B)) <= 1


def test_a_store_never_gets_more_than_its_room_in_a_batch():
    left = room({A: 2, B: 1})
    assert [each for _ in range(5) for each in chosen(decide(lead(), NEAR, left))] == [A, A, B]


def test_a_lead_offered_to_several_takes_room_of_each():
    left = room({A: 1, B: 1, C: 1})
    assert chosen(decide(lead(), NEAR, left, stores=2)) == [A, B]
    assert [left.left_of(each) for each in (A, B, C)] == [0, 0, 1]


def test_fewer_stores_than_wanted_are_enough():
    assert chosen(decide(lead(), NEAR, room({B: 1}), stores=3)) == [B]


def test_far_candidates_are_counted_not_listed():
    near = [(float(n), store(n)) for n in range(1, 40)]
    decision = decide(lead(), near, room({store(39): 1}))
    assert (chosen(decision)[0].code, len(decision.considered), decision.passed_over) == ("S39", 9, 38)
