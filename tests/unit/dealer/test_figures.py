"""Where a figure stands on its line, and what a median may tell."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from dealer.team.figures import shown
from hq.benchmarks.medians import Figure, medians
from shared.dealers.models import StoreFigure


def figure(value, *, dealer=None, province="330000", whole=10):
    return Figure(dealer or uuid4(), uuid4(), province, whole, 1, value)


def one(measure, value, median):
    given = {"whole": 10, "part": 1, "value": value, "median": median, "province_code": None}
    return shown([StoreFigure(measure=measure, **given)])[0]


@pytest.mark.parametrize(("measure", "better", "worse"), [("response", 10, 40), ("won", 0.4, 0.1)])
def test_right_is_always_better_and_the_median_stands_in_the_middle(measure, better, worse):
    usual = 20 if measure == "response" else 0.2
    places = [one(measure, value, usual).place for value in (worse, usual, better)]
    assert places == sorted(places)
    assert places[1] == 50
    assert [one(measure, value, usual).weak for value in (worse, usual, better)] == [True, False, False]


def test_a_store_without_leads_or_without_a_median_has_no_place():
    assert one("won", None, 0.2).place is None
    assert one("won", 0.2, None).place is None
    assert one("won", 0.0, 0.0).place == 50


def test_a_median_needs_five_stores_of_three_dealers():
    own, other = UUID(int=1), UUID(int=2)
    few = [figure(1.0, dealer=own) for _ in range(5)] + [figure(9.0, dealer=other)]
    assert medians(few, digits=0) == {}
    enough = [*few, figure(5.0)]
    assert medians(enough, digits=0)["330000"].value == 1
    assert medians(enough[1:5], digits=0) == {}


def test_where_a_province_has_too_few_stores_the_whole_country_stands_in():
    figures = [figure(float(n), province=f"{n}") for n in range(1, 6)] + [figure(100.0, province="1", whole=2)]
    found = medians(figures, digits=0)
    assert list(found) == [None]
    assert (found[None].value, found[None].province_code) == (3, None)
