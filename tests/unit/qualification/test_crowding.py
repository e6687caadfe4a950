"""An openid with many phones names nobody, and whom it had joined are parted."""

from __future__ import annotations

from itertools import count
from typing import NamedTuple
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from hq.qualification.matching.crowding import MOST_PHONES, crowds, phones_of, scatter
from hq.qualification.matching.engine import OPENID, PHONE, UNIONID, Arrival, Key, people

X = UUID(int=99)


class Said(NamedTuple):
    openid_bidx: bytes | None
    phone_bidx: bytes | None
    unionid_bidx: bytes | None = None


def said(openid: int | None, phone: int | None) -> Said:
    return Said(None if openid is None else bytes([openid]), None if phone is None else bytes([phone]))


def arrival(n: int, *, phone: int | None = None, openid: int | None = None) -> Arrival:
    keys = [Key(kind, bytes([value])) for kind, value in ((PHONE, phone), (OPENID, openid)) if value is not None]
    return Arrival(UUID(int=n), tuple(keys))


def test_four_numbers_of_one_openid_are_a_person_and_five_are_a_ring():
    four = [said(1, phone) for phone in (1, 2, 3, 4, 3, 1)]
    assert crowds(four, {}, {}) == {}
    five = frozenset((b"\1", b"\2", b"\3", b"\4", b"\5"))
    assert crowds([said(1, 5)], phones_of(four), {}) == {Key(OPENID, b"\1"): five}


def test_a_unionid_counts_the_numbers_of_all_its_openids():
    seen = [Said(bytes([n]), bytes([n]), b"u") for n in range(5)]
    assert crowds(seen[:4], {}, {}) == {}
    assert set(crowds(seen, {}, {})) == {Key(UNIONID, b"u")}


def test_once_crowded_is_always_crowded_and_counts_on():
    assert crowds([said(1, 9)], {}, {Key(OPENID, b"\1"): {b"\1"}}) == {Key(OPENID, b"\1"): frozenset((b"\1", b"\x09"))}


def test_an_openid_without_numbers_and_numbers_without_an_openid_are_no_crowd():
    assert crowds([said(1, None), *(said(None, phone) for phone in range(9))], {}, {}) == {}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=30), st.integers(0, 30))
def test_what_is_crowded_does_not_hang_on_the_batches(pairs, cut):
    signups = [said(*pair) for pair in pairs]
    first = crowds(signups[:cut], {}, {})
    then = crowds(signups[cut:], phones_of(signups[:cut]), first)
    assert set(first) | set(then) == set(crowds(signups, {}, {}))
    assert all(len(phones) > MOST_PHONES for phones in then.values())


def test_the_person_whose_sign_up_opened_the_lead_keeps_the_record():
    arrivals = [arrival(1, phone=1), arrival(2, phone=2), arrival(3, phone=2, openid=7), arrival(4, openid=7)]
    ids = count(500)
    parts = scatter(X, arrivals, UUID(int=4), lambda: UUID(int=next(ids)))
    kept = [part for part in parts if part.stays]
    assert [(part.contact_id, list(part.signups)) for part in kept] == [(X, [UUID(int=n) for n in (2, 3, 4)])]
    assert [part.contact_id for part in parts if not part.stays] == [UUID(int=500)]


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=25))
def test_parting_gives_everybody_the_own_keys_once(pairs):
    arrivals = [arrival(n, phone=phone, openid=openid) for n, (phone, openid) in enumerate(pairs)]
    ids = count(500)
    parts = scatter(X, arrivals, None, lambda: UUID(int=next(ids)))
    assert sorted(signup for part in parts for signup in part.signups) == sorted(each.signup_id for each in arrivals)
    keys = [key for part in parts for key in part.keys]
    assert len(keys) == len(set(keys)) == len({key for each in arrivals for key in each.keys})
    assert sum(part.stays for part in parts) == 1
    assert len(parts) == len(people(arrivals, {}, ()))
