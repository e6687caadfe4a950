"""The sketch of the stores around a customer."""

from __future__ import annotations

import pytest

from hq.leads import sketch
from hq.leads.sketch import Point

HERE = (120.0, 30.0)


def store(number: int, lng: float, lat: float, kind: str = "out") -> Point:
    return Point(number=number, name=f"店{number}", lng=lng, lat=lat, kind=kind)


def test_a_store_in_the_east_stands_to_the_right_and_one_in_the_north_above():
    drawn = sketch.draw(HERE, 0.0, [store(1, 120.1, 30.0), store(2, 120.0, 30.1)])
    east, north = drawn.spots
    assert east.x > drawn.x
    assert east.y == pytest.approx(drawn.y, abs=0.5)
    assert north.y < drawn.y


def test_everything_fits_and_the_scale_bar_has_round_kilometres():
    drawn = sketch.draw(HERE, 3.0, [store(1, 121.0, 31.0, "won"), store(2, 119.5, 29.8)])
    for spot in drawn.spots:
        assert 0 <= spot.x <= sketch.WIDTH
        assert 0 <= spot.y <= sketch.HEIGHT
    assert (drawn.bar_km, drawn.bar <= sketch.WIDTH / 4, drawn.chosen.number) == (50, True, 1)


def test_ten_kilometres_are_ten_times_as_long_as_one():
    drawn = sketch.draw(HERE, 10.0, [store(1, 120.05, 30.0)])
    assert drawn.unsure / drawn.bar == pytest.approx(10.0 / drawn.bar_km)


@pytest.mark.parametrize(
    "around",
    [
        [(120.0, 29.99), (120.2, 30.2)],
        [(120.0, 30.01), (120.2, 30.2)],
        [(120.0, 29.98), (120.0, 30.02), (119.95, 30.0), (120.3, 30.0)],
    ],
)
def test_the_customers_label_covers_no_store(around):
    drawn = sketch.draw(HERE, 0.0, [store(number, *place) for number, place in enumerate(around, 1)])
    assert [drawn.label.covered_by(spot) for spot in drawn.spots] == [0.0] * len(around)


@pytest.mark.parametrize(("person", "stores"), [(HERE, []), (None, [store(1, 120.0, 30.0)])])
def test_nothing_is_drawn_where_there_is_nothing_to_relate(person, stores):
    assert sketch.draw(person, 0.0, stores) is None


def test_a_name_is_left_out_where_it_would_cover_another_store():
    alone = sketch.draw(HERE, 0.0, [store(1, 120.0, 30.05, "won"), store(2, 120.02, 29.9)])
    crowded = sketch.draw(HERE, 0.0, [store(1, 120.0, 30.05, "won"), store(2, 120.02, 30.05), store(3, 119.98, 30.05)])
    assert (alone.chosen.named, crowded.chosen.named) == (True, False)
