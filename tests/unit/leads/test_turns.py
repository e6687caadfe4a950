"""Whose turn it is: nobody restarts, nobody is flooded, equal people stay within one lead of each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.dealers.hours import DEFAULT_HOURS
from shared.leads.sellers.turns import Member, free_at, is_off, line, named, shared_out, this_round, used
from shared.platform.clock import BEIJING

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=BEIJING)


def member(number, **values):
    return Member(user_id=UUID(int=number), name=f"店员{number}", **{"on_duty": True, **values})


class Store:
    """A store that gives out leads, one after the other, while people come and go."""

    def __init__(self, people):
        self.people = {each.user_id: each for each in people}
        self.floor = 0
        self.at = NOW

    def give(self):
        self.at += timedelta(minutes=1)
        ahead = line(self.people.values(), self.floor)
        if not ahead:
            return None
        after, self.floor = used(ahead[0], self.people.values(), self.floor, self.at)
        self.people[after.user_id] = after
        return after.user_id

    def set(self, user_id, *, on_duty):
        self.people[user_id] = replace(self.people[user_id], on_duty=on_duty)


def test_two_people_and_thirty_single_leads_are_fifteen_each():
    store = Store([member(1), member(2)])
    got = [store.give() for _ in range(30)]
    assert [got.count(each) for each in store.people] == [15, 15]


def test_who_comes_back_is_next_but_not_flooded():
    store = Store([member(1), member(2), member(3)])
    store.set(UUID(int=3), on_duty=False)
    for _ in range(40):
        store.give()
    store.set(UUID(int=3), on_duty=True)
    got = [store.give() for _ in range(7)]
    assert got[0] == UUID(int=3)
    assert got.count(UUID(int=3)) == 3


def test_somebody_new_is_next_and_moves_nobody():
    store = Store([member(1), member(2)])
    assert [store.give() for _ in range(3)] == [UUID(int=1), UUID(int=2), UUID(int=1)]
    store.people[UUID(int=9)] = member(9)
    assert [store.give() for _ in range(4)] == [UUID(int=9), UUID(int=2), UUID(int=1), UUID(int=9)]


def test_nobody_on_duty_gets_nothing():
    store = Store([member(1, on_duty=False)])
    assert store.give() is None
    assert shared_out(list(store.people.values()), 0, 3, NOW) == []


def test_who_took_a_lead_out_of_turn_waits_for_the_others():
    one, two = member(1), member(2)
    after, floor = used(one, [one, two], 0, NOW)
    again, floor = used(after, [after, two], floor, NOW + timedelta(minutes=1))
    store = Store([again, two])
    store.floor = floor
    assert [store.give() for _ in range(3)] == [UUID(int=2), UUID(int=2), UUID(int=1)]


_MOVES = st.lists(st.one_of(st.none(), st.tuples(st.integers(1, 5), st.booleans())), max_size=120)


@given(_MOVES)
def test_people_on_duty_together_stay_within_one_lead_whoever_comes_and_goes(moves):
    store = Store([])
    since: dict[frozenset[UUID], dict[UUID, int]] = {}
    for move in moves:
        if move is None:
            got = store.give()
            for pair, counts in since.items():
                if got in pair:
                    counts[got] += 1
                assert abs(counts[min(pair)] - counts[max(pair)]) <= 1
            continue
        user_id, on_duty = UUID(int=move[0]), move[1]
        store.people.setdefault(user_id, member(move[0], on_duty=False))
        store.set(user_id, on_duty=on_duty)
        there = [each.user_id for each in store.people.values() if each.on_duty]
        pairs = {frozenset(pair) for pair in combinations(there, 2)}
        since = {pair: since.get(pair, dict.fromkeys(pair, 0)) for pair in pairs}


@given(st.integers(1, 6), st.integers(0, 40), st.integers(0, 9))
def test_sharing_out_is_giving_one_after_the_other(people, count, before):
    store = Store([member(number) for number in range(people)])
    for _ in range(before):
        store.give()
    order = shared_out(list(store.people.values()), store.floor, count, store.at + timedelta(seconds=1))
    assert [each.user_id for each in order] == [store.give() for _ in range(count)]


def test_waiting_offers_are_for_those_of_this_round_the_oldest_first():
    members = [member(1, turn=1, given_at=NOW), member(2), member(3), member(4, on_duty=False)]
    offers = [UUID(int=100 + number) for number in range(4)]
    whose = named(members, 0, offers)
    assert [each.user_id.int for each in this_round(members, 0)] == [2, 3]
    assert {offer.int: each.user_id.int for offer, each in whose.items()} == {100: 2, 101: 3}


def test_half_of_the_time_counts_only_while_the_store_is_open():
    friday = datetime(2026, 11, 20, 17, 50, tzinfo=BEIJING)
    later = friday + timedelta(minutes=30)
    assert free_at(NOW, NOW + timedelta(minutes=30), DEFAULT_HOURS) == NOW + timedelta(minutes=15)
    night = datetime(2026, 11, 20, 23, 0, tzinfo=BEIJING)
    opening = free_at(night, datetime(2026, 11, 21, 10, 0, tzinfo=BEIJING), DEFAULT_HOURS)
    assert datetime(2026, 11, 21, 8, 0, tzinfo=BEIJING) < opening < datetime(2026, 11, 21, 10, 0, tzinfo=BEIJING)
    assert friday < free_at(friday, later, DEFAULT_HOURS) <= later


def test_off_until_a_day_ends_by_itself():
    today = date(2026, 11, 20)
    assert is_off(NOW, None, today)
    assert is_off(NOW, date(2026, 11, 21), today)
    assert not is_off(NOW, today, today)
    assert not is_off(None, None, today)
