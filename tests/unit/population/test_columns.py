"""Which column has what, and in what people are counted."""

from __future__ import annotations

import pytest

from hq.network.population.columns import guess, unit_of, year_of


@pytest.mark.parametrize(
    ("headings", "found"),
    [
        (
            ["code", "name", "province", "city", "population_2020", "urban_share", "density_per_km2"],
            {"code": 0, "county": 1, "province": 2, "city": 3, "people": 4},
        ),
        (["行政区划代码", "地区", "常住人口（万人）"], {"code": 0, "county": 1, "people": 2}),
        (["省份", "地级市", "区县", "总人口"], {"province": 0, "city": 1, "county": 2, "people": 3}),
        (["县级行政区划代码", "名称", "男性人口", "女性人口", "人口数"], {"code": 0, "county": 1, "people": 4}),
        (["名称", "面积", "邮编"], {"county": 0}),
    ],
)
def test_columns_are_guessed_by_their_names(headings, found):
    assert guess(headings) == found


@pytest.mark.parametrize(
    ("headings", "chosen"),
    [
        (["地区", "户籍人口", "常住人口", "城镇人口"], 2),
        (["地区", "2010年人口", "2020年人口"], 2),
        (["地区", "人口密度", "人口自然增长率", "总人口"], 3),
    ],
)
def test_of_several_columns_with_people_it_is_those_who_live_there_lately(headings, chosen):
    assert guess(headings)["people"] == chosen


@pytest.mark.parametrize(
    ("heading", "above", "unit"),
    [
        ("常住人口（万人）", (), 10_000),
        ("常住人口(人)", ("单位：万人",), 1),
        ("年末常住人口", ("某省人口", "单位：万人"), 10_000),
        ("Population (thousands)", (), 1_000),
        ("Population, in millions", (), 1_000_000),
        ("总人口", (), None),
        ("人口数万", (), 10_000),
    ],
)
def test_the_unit_is_read_from_the_column_or_the_lines_above_the_table(heading, above, unit):
    assert unit_of(heading, above) == unit


def test_the_year_is_the_first_that_is_named():
    assert year_of(["总人口", "2020 年第七次人口普查", "2023.xlsx"]) == 2020
    assert year_of(["总人口"]) is None
