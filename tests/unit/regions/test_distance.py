"""Distances on the sphere, and neighbours in order."""

from __future__ import annotations

import random
import time
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.regions.distance import NearestIndex, great_circle_km

POINTS = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def test_known_distances():
    assert great_circle_km(116.4074, 39.9042, 121.4737, 31.2304) == pytest.approx(1067, abs=2)  # Beijing, Shanghai
    assert great_circle_km(0, 0, 180, 0) == pytest.approx(20015, abs=1)
    assert great_circle_km(116.4, 39.9, 116.4, 39.9) == 0


@given(POINTS, POINTS)
def test_a_distance_is_symmetric_and_at_most_half_the_earth(a, b):
    assert great_circle_km(*a, *b) == pytest.approx(great_circle_km(*b, *a))
    assert 0 <= great_circle_km(*a, *b) <= 20016


@given(st.lists(POINTS, max_size=60), POINTS)
def test_neighbours_come_in_the_order_of_their_distance(points, here):
    found = list(NearestIndex(points).nearest(*here))
    assert sorted(neighbour.position for neighbour in found) == list(range(len(points)))
    kms = [great_circle_km(*here, *points[neighbour.position]) for neighbour in found]
    assert [neighbour.km for neighbour in found] == pytest.approx(kms, abs=0.2, rel=1e-6)  # antipodes round
    assert all(a <= b + 1e-6 for a, b in zip([n.km for n in found], [n.km for n in found][1:], strict=False))


def test_points_in_one_place_come_in_the_order_given():
    index = NearestIndex([(116.4, 39.9)] * 20)
    assert [neighbour.position for neighbour in index.nearest(100, 30)] == list(range(20))


def test_an_empty_index_has_no_neighbours():
    assert len(NearestIndex([])) == 0
    assert NearestIndex([]).k_nearest(116, 39, 3) == []


def test_across_the_date_line_and_the_pole():
    index = NearestIndex([(-179.9, 0), (170, 0), (0, 89.9)])
    assert next(index.nearest(179.9, 0)).position == 0
    assert next(index.nearest(180, 89)).position == 2


@pytest.mark.parametrize(("size", "at_least"), [(573, 20_000), (40_000, 5_000)])
def test_the_nearest_store_is_found_fast_enough(size, at_least):
    chance = random.Random(7)
    points = [(chance.gauss(113, 6), chance.gauss(32, 5)) for _ in range(size)]
    index, asked = NearestIndex(points), points[:2000]
    rates = []
    for _ in range(3):
        start = time.perf_counter()
        for lng, lat in asked:
            next(index.nearest(lng + 0.3, lat + 0.3))
        rates.append(len(asked) / (time.perf_counter() - start))
    print(f"{max(rates):,.0f} look-ups/s against {size} points")
    assert max(rates) > at_least / 4  # a quarter of the aim, as the machine may be busy


def test_only_what_is_asked_for_is_looked_at():
    points = [(x / 10, y / 10) for x in range(1000, 1200) for y in range(200, 400)]
    start = time.perf_counter()
    first = list(islice(NearestIndex(points[:1000]).nearest(105, 25), 3))
    assert len(first) == 3
    assert time.perf_counter() - start < 1
