"""Cells as numbers of people."""

from __future__ import annotations

import pytest

from hq.network.population.figures import Figure, NoFigure, absurd, looks_like_wan, read_figure


@pytest.mark.parametrize(
    ("cell", "unit", "people"),
    [
        ("1112992", 1, 1_112_992),
        (1_112_992.0, 1, 1_112_992),
        ("1,112,992", 1, 1_112_992),
        ("１，１１２，９９２", 1, 1_112_992),
        ("111,2992", 1, 1_112_992),
        ("1 112 992 人", 1, 1_112_992),
        ("111.3万", 1, 1_113_000),
        ("111.3万人", 10_000, 1_113_000),
        ("111.2992", 10_000, 1_112_992),
        (1_112.9, 1_000, 1_112_900),
        ("1.1129E+6", 1, 1_112_900),
    ],
)
def test_figures_are_read_with_separators_and_units(cell, unit, people):
    found = read_figure(cell, unit)
    assert isinstance(found, Figure)
    assert found.people == people


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", "empty"),
        ("—", "empty"),
        ("…", "empty"),
        ("约50万", "number"),
        ("12,34", "number"),
        ("1.112.992", "number"),
        (True, "number"),
        ("-53", "negative"),
        ("−53", "negative"),
        (0, "nobody"),
        (111.3, "fraction"),
        ("9" * 50, "many"),
        ("1e99", "many"),
    ],
)
def test_what_is_no_figure_is_told_by_a_code(cell, code):
    assert read_figure(cell, 1) == NoFigure(code)


@pytest.mark.parametrize(
    ("people", "level", "code"),
    [(99, "county", "few"), (100, "county", None), (12_000_001, "county", "many"), (12_000_001, "province", None)],
)
def test_what_nobody_would_believe_is_refused(people, level, code):
    assert absurd(people, level) == (NoFigure(code) if code else None)


def test_figures_with_decimals_and_below_a_thousand_are_probably_in_ten_thousands():
    assert looks_like_wan(["142.1", "117.2", "53.9", "1252.2", "80"])
    assert not looks_like_wan(["1421000", "1172000", "539000"])
    assert not looks_like_wan(["142.1"])
