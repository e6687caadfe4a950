import random
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from hq.qualification.matching.engine import OPENID, PHONE, Arrival, Key, Known, match

T0 = datetime(2026, 11, 10, tzinfo=UTC)


def phone(n: int) -> Key:
    return Key(PHONE, bytes([n]))


def openid(n: int) -> Key:
    return Key(OPENID, bytes([n]))


def signup(n: int, *keys: Key) -> Arrival:
    return Arrival(UUID(int=n), keys)


def contact(n: int, *, leading: int = 0, age_days: int = 0) -> Known:
    return Known(UUID(int=1000 + n), leading, T0 - timedelta(days=age_days))


def run(arrivals, identities=(), known=()):
    ids = count(5000)
    return match(arrivals, dict(identities), {each.contact_id: each for each in known}, lambda: UUID(int=next(ids)))


def groups(matching):
    people = {}
    for signup_id, contact_id in matching.contact_of.items():
        people.setdefault(contact_id, set()).add(signup_id.int)
    return {frozenset(group) for group in people.values()}


def test_the_same_openid_with_another_phone_is_one_contact_with_two_phones():
    matching = run([signup(1, phone(1), openid(1)), signup(2, phone(2), openid(1))])
    assert groups(matching) == {frozenset({1, 2})}
    assert {identity.key for identity in matching.identities} == {phone(1), phone(2), openid(1)}
    assert len(matching.created) == 1


def test_a_sign_up_joins_people_who_came_earlier_in_the_same_batch():
    matching = run([signup(1, phone(1)), signup(2, openid(2)), signup(3, phone(1), openid(2))])
    assert groups(matching) == {frozenset({1, 2, 3})}
    assert len(matching.created) == 1
    assert not matching.merges


def test_two_known_contacts_become_one_and_the_sign_up_is_named():
    old, new = contact(1, age_days=9), contact(2, age_days=1)
    matching = run(
        [signup(7, phone(1), openid(2))],
        {phone(1): new.contact_id, openid(2): old.contact_id}.items(),
        [old, new],
    )
    (merge,) = matching.merges
    assert (merge.loser, merge.survivor, merge.signup_id.int) == (new.contact_id, old.contact_id, 7)
    assert not matching.identities
    assert not matching.created


def test_the_contact_whose_lead_a_store_holds_survives_an_older_one():
    older, leading, held = contact(1, age_days=90), contact(2, leading=1, age_days=5), contact(3, leading=2)
    matching = run(
        [signup(1, phone(1), openid(2)), signup(2, phone(3), openid(2))],
        {phone(1): older.contact_id, openid(2): leading.contact_id, phone(3): held.contact_id}.items(),
        [older, leading, held],
    )
    assert {merge.survivor for merge in matching.merges} == {held.contact_id}
    assert {merge.loser for merge in matching.merges} == {older.contact_id, leading.contact_id}


def test_people_without_a_common_key_stay_apart_and_one_without_keys_is_nobody():
    matching = run([signup(1, phone(1)), signup(2, phone(2)), signup(3)])
    assert groups(matching) == {frozenset({1}), frozenset({2})}
    assert UUID(int=3) not in matching.contact_of


def test_a_phone_and_an_openid_of_the_same_bytes_are_different_keys():
    assert len(groups(run([signup(1, phone(1)), signup(2, openid(1))]))) == 2


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=40), st.randoms(use_true_random=False))
def test_the_partition_does_not_depend_on_the_order(pairs, rnd: random.Random):
    arrivals = [signup(n, phone(p), openid(o)) for n, (p, o) in enumerate(pairs)]
    shuffled = rnd.sample(arrivals, len(arrivals))
    assert groups(run(arrivals)) == groups(run(shuffled)) == _closure(arrivals)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=30), st.integers(0, 30))
def test_two_batches_say_the_same_as_one(pairs, cut):
    arrivals = [signup(n, phone(p), openid(o)) for n, (p, o) in enumerate(pairs)]
    first = run(arrivals[:cut])
    identities = {identity.key: identity.contact_id for identity in first.identities}
    known = [Known(made.contact_id, 0, T0) for made in first.created]
    ids = count(9000)
    second = match(arrivals[cut:], identities, {each.contact_id: each for each in known}, lambda: UUID(int=next(ids)))
    into = {merge.loser: merge.survivor for merge in second.merges}
    people = {}
    for part in (first, second):
        for signup_id, contact_id in part.contact_of.items():
            people.setdefault(into.get(contact_id, contact_id), set()).add(signup_id.int)
    assert {frozenset(group) for group in people.values()} == _closure(arrivals)


def _closure(arrivals):
    sets: list[tuple[set, set]] = []
    for arrival in arrivals:
        keys, members = set(arrival.keys), {arrival.signup_id.int}
        for other in [each for each in sets if each[0] & keys]:
            sets.remove(other)
            keys, members = keys | other[0], members | other[1]
        sets.append((keys, members))
    return {frozenset(members) for _, members in sets}
