"""Who belongs together, in what order, and how it is drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from hq.qualification.quarantine.picture import MOST_PEOPLE, Person, draw
from hq.qualification.quarantine.precision import wilson
from hq.qualification.quarantine.rings import Doubt, Shared, Wanted, choose, rings
from hq.qualification.quarantine.words import masked_ip

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CAMPAIGN = UUID(int=7)


def doubt(number, *, hours=0.0, person=None, **shared):
    facts = {"device": None, "ip": None, "agent": None, "inviter": None, "openid": None, **shared}
    at = NOW + timedelta(hours=hours)
    return Doubt(
        signup_id=UUID(int=number),
        person=UUID(int=person or 1000 + number),
        campaign_id=shared.pop("campaign", CAMPAIGN),
        accepted_at=at,
        occurred_at=at,
        device=facts["device"],
        ip=facts["ip"],
        agent=facts["agent"],
        inviter=facts["inviter"],
        openid=facts["openid"],
        unionid=facts.get("unionid"),
        codes=shared.get("codes", ("device_many_people",)),
        lead_id=None,
        province=shared.get("province", "33"),
    )


def groups(doubts):
    return sorted(sorted(each.signup_id.int for each in ring.doubts) for ring in rings(doubts))


def test_people_on_one_device_are_one_ring_and_others_stay_alone():
    assert groups([doubt(1, device=b"d"), doubt(2, device=b"d"), doubt(3, device=b"e")]) == [[1, 2], [3]]


def test_rings_join_over_anything_that_is_shared():
    doubts = [
        doubt(1, device=b"d"),
        doubt(2, device=b"d", ip="198.18.0.1", agent="a"),
        doubt(3, ip="198.18.0.1", agent="a", openid=b"o"),
        doubt(4, inviter=b"o"),
    ]
    assert groups(doubts) == [[1, 2, 3, 4]]


def test_a_unionid_ties_whatever_the_app_and_is_one_account_with_its_openids():
    doubts = [
        doubt(1, openid=b"o", unionid=b"u"),
        doubt(2, openid=b"o", unionid=b"u"),
        doubt(3, openid=b"p", unionid=b"u"),
        doubt(4, openid=b"q"),
        doubt(5, openid=b"q"),
    ]
    assert groups(doubts) == [[1, 2, 3], [4, 5]]
    assert [dict(ring.kinds) for ring in rings(doubts)] == [{"openid": 1}, {"openid": 1}]


def test_an_address_with_another_browser_is_another_place():
    assert groups([doubt(1, ip="198.18.0.1", agent="a"), doubt(2, ip="198.18.0.1", agent="b")]) == [[1], [2]]


@pytest.mark.parametrize(("hours", "together"), [(24, True), (25, False)])
def test_an_address_is_somebody_elses_the_next_day(hours, together):
    found = groups([doubt(1, ip="198.18.0.1", agent="a"), doubt(2, hours=hours, ip="198.18.0.1", agent="a")])
    assert found == ([[1, 2]] if together else [[1], [2]])


def test_one_person_with_two_sign_ups_is_alone():
    (ring,) = rings([doubt(1, person=9, device=b"d"), doubt(2, person=9, device=b"d")])
    assert (ring.people, dict(ring.ties)) == (1, {})


def test_an_openid_alone_invites_nobody():
    (ring,) = rings([doubt(1, openid=b"o", person=5), doubt(2, openid=b"o", person=5)])
    assert ring.ties == {}


def test_the_rings_are_the_same_in_whatever_order_sign_ups_come():
    rnd = Random(4)
    doubts = [doubt(n, device=bytes([rnd.randrange(40)]), openid=bytes([rnd.randrange(60)])) for n in range(1, 80)]
    expected = [(ring.key, ring.ties) for ring in choose(rings(doubts), Wanted())]
    rnd.shuffle(doubts)
    assert [(ring.key, ring.ties) for ring in choose(rings(doubts), Wanted())] == expected


def test_the_key_is_the_first_sign_up():
    (ring,) = rings([doubt(8, device=b"d"), doubt(3, hours=5, device=b"d")])
    assert ring.key == UUID(int=3)


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        (Wanted(), [1, 4, 6]),
        (Wanted(sort="newest"), [6, 4, 1]),
        (Wanted(sort="oldest"), [1, 4, 6]),
        (Wanted(shared="alone"), [6]),
        (Wanted(shared="device"), [1, 4]),
        (Wanted(province="44"), [4]),
        (Wanted(reason="many_draws"), [6]),
        (Wanted(campaign=UUID(int=1)), []),
    ],
)
def test_rings_are_chosen_and_put_in_order(wanted, keys):
    found = rings(
        [
            *(doubt(n, device=b"d") for n in (1, 2, 3)),
            *(doubt(n, hours=1, device=b"e", province="44") for n in (4, 5)),
            doubt(6, hours=2, codes=("many_draws",)),
        ]
    )
    assert [ring.key.int for ring in choose(found, wanted)] == keys


def test_the_picture_has_a_place_for_everybody_and_a_line_for_what_they_share():
    people = [Person(UUID(int=n), "stopped", str(n), "/") for n in range(6)]
    device, address = Shared("device", (b"d",)), Shared("address", ("198.18.0.1", "a"))
    ids = [each.person for each in people]
    drawn = draw(people, {device: ids[:4], address: ids[2:5]}, {address: "198.18.*.1"})
    assert [(hub.kind, hub.number, hub.people) for hub in drawn.hubs] == [("device", 1, 4), ("address", 1, 3)]
    assert len({(dot.x, dot.y) for dot in drawn.dots}) == 6
    assert len(drawn.edges) == 4 + 1 + 1  # people of the device, the address to it, and the one who has only that
    assert all(0 < hub.y < drawn.height for hub in drawn.hubs)


def test_of_a_crowd_only_so_many_are_drawn():
    people = [Person(UUID(int=n), "stopped", "", "/") for n in range(MOST_PEOPLE + 5)]
    drawn = draw(people, {Shared("device", (b"d",)): [each.person for each in people]}, {})
    assert (len(drawn.dots), drawn.left_out) == (MOST_PEOPLE, 5)


# With z² = 3.8415: nobody of n ends at z²/(n + z²), everybody of n begins at n/(n + z²), half of n is symmetric.
@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 3.8415 / 13.8415), (37, 37, 37 / 40.8415, 1.0), (1, 1, 1 / 4.8415, 1.0), (5, 10, 0.23659, 0.76341)],
)
def test_the_interval_is_wilsons(hits, of, low, high):
    assert wilson(hits, of) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@pytest.mark.parametrize(("ip", "shown"), [("223.104.9.17", "223.104.*.17"), ("2408:8207::1", "2408:8207:*")])
def test_an_address_is_shown_without_its_middle(ip, shown):
    assert masked_ip(ip) == shown
