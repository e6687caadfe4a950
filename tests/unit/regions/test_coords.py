"""The three coordinate systems turn into each other and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.regions import coords
from shared.regions.distance import great_circle_km

IN_CHINA = st.tuples(st.floats(74, 134), st.floats(18, 53))


def test_known_points():
    # 天安门, as the public converters give it
    assert coords.wgs_to_gcj(116.391265, 39.907339) == pytest.approx((116.397507, 39.908742), abs=2e-5)
    assert coords.gcj_to_bd(116.404, 39.915) == pytest.approx((116.41036949, 39.92133699), abs=1e-6)
    assert coords.bd_to_gcj(116.404, 39.915) == pytest.approx((116.39762729, 39.90865673), abs=1e-6)


@given(IN_CHINA)
def test_there_and_back_is_where_it_was(point):
    assert great_circle_km(*coords.gcj_to_wgs(*coords.wgs_to_gcj(*point)), *point) < 1e-5
    assert great_circle_km(*coords.bd_to_gcj(*coords.gcj_to_bd(*point)), *point) < 0.002
    assert great_circle_km(*coords.bd_to_wgs(*coords.wgs_to_bd(*point)), *point) < 0.002


@given(IN_CHINA)
def test_the_shift_is_some_hundred_metres(point):
    assert 0.02 < great_circle_km(*coords.wgs_to_gcj(*point), *point) < 1.5


def test_outside_china_nothing_moves():
    assert coords.wgs_to_gcj(2.35, 48.85) == (2.35, 48.85)
    assert coords.gcj_to_wgs(2.35, 48.85) == (2.35, 48.85)
    assert not coords.in_china(0, 0)
    assert not coords.in_china(float("nan"), 39.9)


@pytest.mark.parametrize("name", ["GCJ-02", "gcj02", "GCJ02", "gcj_02", " GCJ "])
def test_a_system_has_several_spellings(name):
    assert coords.to_wgs(116.4, 39.9, name) == coords.gcj_to_wgs(116.4, 39.9)


def test_an_unknown_system_is_refused():
    assert coords.to_wgs(116.4, 39.9, "WGS-84") == (116.4, 39.9)
    with pytest.raises(coords.UnknownSystem) as refusal:
        coords.to_wgs(116.4, 39.9, "CGCS2000")
    assert refusal.value.params == {"system": "CGCS2000"}
