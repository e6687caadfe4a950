"""Which stores' territories cover a place: against a slow and obviously right count, and by the hundred thousand."""

from __future__ import annotations

import random
import time
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.dealers.territories import Territories, TerritoryRow, chain_of
from shared.regions import divisions
from shared.regions.distance import great_circle_km

XIHU, HANGZHOU, ZHEJIANG = "330106", "330100", "330000"
A, B, C = (UUID(int=n) for n in range(1, 4))
LAKE = (120.13, 30.26)


def row(store: UUID, *codes: str, km: float | None = None, exclusive: bool = False, at=LAKE, territory: int = 9):
    return TerritoryRow(UUID(int=territory), exclusive, codes, km, store, *at)


def test_a_county_is_served_by_territories_of_any_level_above_it():
    served = Territories.of([row(A, XIHU, exclusive=True), row(B, HANGZHOU), row(C, ZHEJIANG)])
    assert served.for_place(XIHU, None, None) == ({A}, {B, C})
    assert served.for_place("330105", None, None) == (set(), {B, C})  # 拱墅
    assert served.for_place("330200", None, None) == (set(), {C})
    assert served.for_place("110101", None, None) == (set(), set())


def test_a_former_code_is_todays_and_a_code_that_names_none_is_nowhere():
    served = Territories.of([row(A, "110101")])
    assert served.for_place("110103", None, None) == (set(), {A})  # 崇文
    assert served.for_place("990101", None, None) == (set(), set())
    assert chain_of("no code") == ()


def test_a_radius_covers_what_lies_within_it_and_not_a_metre_more():
    served = Territories.of([row(A, km=10, exclusive=True)])
    north = 10 / 111.194927
    assert served.for_place(None, LAKE[0], LAKE[1] + north - 1e-5) == ({A}, set())
    assert served.for_place(None, LAKE[0], LAKE[1] + north + 1e-5) == (set(), set())


def test_a_store_without_position_has_divisions_only():
    served = Territories.of([row(A, XIHU, km=10, at=(None, None))])
    assert served.for_place(None, *LAKE) == (set(), {A})  # the nearest county is 西湖
    assert served.for_place("110101", *LAKE) == (set(), set())


def test_a_place_without_code_is_taken_to_be_in_the_county_whose_seat_is_nearest():
    served = Territories.of([row(A, XIHU, exclusive=True)])
    assert divisions.nearest_county(*LAKE).code == XIHU
    assert served.for_place(None, *LAKE) == ({A}, set())


points = st.tuples(st.floats(100, 104), st.floats(28, 32))
circles = st.tuples(points, st.one_of(st.floats(1, 60), st.floats(100, 300)), st.booleans())


@given(st.lists(circles, max_size=25), st.lists(points, min_size=1, max_size=5))
@settings(max_examples=120, deadline=None)
def test_circles_are_found_as_by_measuring_every_one(given_circles, places):
    rows = [row(UUID(int=n + 1), km=km, exclusive=alone, at=at) for n, (at, km, alone) in enumerate(given_circles)]
    served = Territories.of(rows)
    for lng, lat in places:
        inside = [r for r in rows if great_circle_km(r.lng, r.lat, lng, lat) <= r.radius_km + 1e-6]
        slow = ({r.store_id for r in inside if r.exclusive}, {r.store_id for r in inside if not r.exclusive})
        assert served.for_place("510100", lng, lat) == slow


def test_forty_thousand_stores_and_a_hundred_thousand_places_take_seconds(long_run):
    stores, places = (40_000, 100_000) if long_run else (4_000, 5_000)
    chance = random.Random(7)
    counties = [d for d in divisions.tables().by_code.values() if d.level == "county"]

    def near(county):
        return county.lng + chance.gauss(0, 0.15), county.lat + chance.gauss(0, 0.15)

    rows = []
    for n in range(stores):
        county = chance.choice(counties)
        km = chance.choice([None, 10.0, 20.0, 50.0])
        codes = (county.code,) if km is None else ()
        rows.append(row(UUID(int=n + 1), *codes, km=km, exclusive=chance.random() < 0.3, at=near(county), territory=n))
    asked = [(county.code, *near(county)) for county in chance.choices(counties, k=places)]
    began = time.process_time()
    served = Territories.of(rows)
    found = sum(len(alone) + len(together) for alone, together in (served.for_place(*place) for place in asked))
    assert found > places / 4
    assert time.process_time() - began < (30 if long_run else 3)
