from uuid import UUID

from hq.routing.policy import LeadFacts, Result, Room, StoreFacts, choose_store
from hq.routing.rules import RoutingRules

DEALER, OTHER = UUID(int=900), UUID(int=901)
RULES = RoutingRules()


def store(n: int, *, dealer=DEALER, active=True) -> StoreFacts:
    return StoreFacts(UUID(int=n), dealer, f"S{n}", 120.0, 30.0, active)


def lead(**facts) -> LeadFacts:
    return LeadFacts(**({"placed": True, "dealers": frozenset({DEALER})} | facts))


def room(*stores: StoreFacts, left=None) -> Room:
    return Room({each.store_id: left for each in stores})


def choose(lead_facts, near, available, rules=RULES, **more):
    return choose_store(lead_facts, near, available, rules, **more)


A, B, C = store(1), store(2), store(3)
NEAR = [(1.0, A), (5.0, B), (9.0, C)]


def test_the_nearest_store_with_room_gets_it_and_the_full_one_is_named():
    decision = choose(lead(), NEAR, Room({A.store_id: 0, B.store_id: 2}))
    assert (decision.result, decision.code, decision.store, decision.km) == (Result.OFFER, "nearest", B, 5.0)
    assert [(entry["code"], entry["why_not"]) for entry in decision.considered] == [("S1", "no_room"), ("S2", None)]


def test_the_scanned_store_goes_before_distance():
    decision = choose(lead(scanned=C), NEAR, room(A, B, C), scanned_km=9.0)
    assert (decision.code, decision.store, decision.km) == ("scanned", C, 9.0)


def test_a_full_scanned_store_gives_way_to_the_nearest_and_is_considered_once():
    decision = choose(lead(scanned=B), NEAR, Room({A.store_id: 0, B.store_id: 0, C.store_id: 1}))
    assert decision.store is C
    assert [entry["code"] for entry in decision.considered] == ["S2", "S1", "S3"]


def test_a_store_that_declined_is_never_offered_that_lead_again():
    decision = choose(lead(had={A.store_id: "declined"}, scanned=A, hops=1), NEAR, room(A, B, C))
    assert decision.store is B


def test_without_a_limit_a_store_always_has_room():
    assert choose(lead(), NEAR, room(A, left=None)).store is A


def test_no_room_anywhere_waits_without_an_error():
    decision = choose(lead(), NEAR, Room({}))
    assert (decision.result, decision.code, decision.passed_over) == (Result.WAIT, "no_room", 3)


def test_only_paused_stores_in_reach_wait_for_one_to_open():
    decision = choose(lead(), [(1.0, store(1, active=False))], room(store(1)))
    assert (decision.result, decision.code) == (Result.WAIT, "paused")


def test_a_dealer_that_the_person_did_not_agree_to_gets_nothing():
    foreign = store(4, dealer=OTHER)
    decision = choose(lead(), [(1.0, foreign), (8.0, B)], room(foreign, B))
    assert decision.store is B
    assert decision.considered[0]["why_not"] == "not_in_consent"
    assert choose(lead(scanned=foreign, placed=False), [], room(foreign)).code == "not_in_consent"


def test_nobody_knows_where_the_person_is():
    decision = choose(lead(placed=False), NEAR, room(A, B, C))
    assert (decision.result, decision.code) == (Result.DESK, "no_place")


def test_no_store_within_reach_is_a_case_for_headquarters():
    decision = choose(lead(), [(301.0, A)], room(A))
    assert (decision.result, decision.code) == (Result.DESK, "too_far")
    assert choose(lead(), [(301.0, A)], room(A), RoutingRules(max_km=None)).store is A


def test_every_store_in_reach_let_it_go():
    had = {A.store_id: "declined", B.store_id: "expired"}
    assert choose(lead(had=had, hops=2), NEAR[:2], room(A, B)).code == "nobody_agreed"


def test_after_three_stores_a_person_decides():
    decision = choose(lead(hops=3), NEAR, room(A, B, C))
    assert (decision.result, decision.code) == (Result.DESK, "hops_used")


def test_two_equal_stores_share_thirty_single_leads_fifteen_each():
    near, available = [(2.0, A), (2.04, B)], room(A, B, left=30)
    got = []
    for _ in range(30):
        chosen = choose(lead(), near, available).store
        available.take(chosen.store_id)
        got.append(chosen)
        assert abs(got.count(A) - got.count(B)) <= 1
    assert (got.count(A), got.count(B)) == (15, 15)


def test_turns_go_on_over_runs():
    available = Room({A.store_id: None, B.store_id: None}, served={A.store_id: 200.0, B.store_id: 100.0}, turn=300.0)
    assert choose(lead(), [(2.0, A), (2.0, B)], available).store is B


def test_a_store_never_gets_more_than_its_room_in_a_batch():
    available = Room({A.store_id: 2, B.store_id: 1})
    got = []
    for _ in range(5):
        decision = choose(lead(), NEAR, available)
        if decision.store:
            available.take(decision.store.store_id)
            got.append(decision.store)
    assert got == [A, A, B]


def test_far_candidates_are_counted_not_listed():
    near = [(float(n), store(n)) for n in range(1, 40)]
    decision = choose(lead(), near, Room({UUID(int=39): 1}))
    assert decision.store.code == "S39"
    assert (len(decision.considered), decision.passed_over) == (9, 38)
