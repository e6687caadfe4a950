"""Divisions by code: the ones in force, the ones they had before, and what lies inside them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from shared.regions.coords import in_china
from shared.regions.distance import great_circle_km
from shared.regions.divisions import (
    by_code,
    current_code,
    division_of,
    inside,
    names_of,
    nearest_county,
    provinces,
    tables,
)

OLD_CODES = Path(__file__).parents[4] / "shared/data/signups/data/old_county_codes.csv"


def test_every_division_has_a_point_in_its_country_and_a_parent():
    for division in tables().by_code.values():
        assert in_china(division.lng, division.lat), division
        assert division.spread_km >= 12
        assert by_code(division.province_code).level == "province"
        if division.level == "county" and division.city_code:
            assert by_code(division.city_code).level == "city"


def test_there_are_34_provinces_with_short_names():
    assert len(provinces()) == 34
    shorts = {province.short for province in provinces()}
    assert {"北京", "内蒙古", "广西", "宁夏", "新疆", "西藏", "香港", "澳门", "黑龙江"} <= shorts


def test_levels_follow_the_code():
    assert (by_code("320000").level, by_code("320500").level, by_code("320583").level) == ("province", "city", "county")
    assert by_code("320583").city_code == "320500"
    assert by_code("429004").city_code is None  # 仙桃 stands directly under 湖北
    assert by_code("110101").city_code is None


def test_the_city_of_a_municipality_is_the_municipality():
    assert by_code("110100") == by_code("110000")
    assert by_code("500200") == by_code("500000")
    assert by_code("320101") is None


def test_a_former_code_leads_to_the_county_in_force():
    assert current_code("130428") == "130407"  # 肥乡县 became 肥乡区
    assert current_code("340221") == "340210"  # 芜湖县 became 湾沚区
    assert current_code("371203") == "370117"  # 莱芜 went to 济南
    assert current_code(" 320583 ") == "320583"
    assert current_code("999999") is None


def test_successors_are_in_force():
    assert set(tables().successor.values()) <= set(tables().by_code)
    assert not set(tables().successor) & set(tables().by_code)


def test_an_unknown_county_falls_back_to_its_city():
    assert division_of("320571").code == "320500"  # a development zone
    assert division_of("329999").code == "320000"
    assert division_of("110199").code == "110000"
    assert division_of("130428000000").code == "130407"
    for nothing in (None, "", "abc", "99", "１３０４２８", "999999"):
        assert division_of(nothing) is None


def test_inside_a_province_are_its_cities_and_the_counties_without_one():
    hubei = {division.code for division in inside("420000")}
    assert {"420100", "429004", "429021"} <= hubei
    assert "420102" not in hubei
    assert {division.name for division in inside("320500")} >= {"昆山市", "虎丘区"}
    assert len(inside("110000")) == 16


def test_names_come_in_one_go():
    assert names_of(["110000", "320583", "999999"]) == {"110000": "北京市", "320583": "昆山市"}


def test_the_nearest_county_of_a_seat_is_the_county():
    kunshan = by_code("320583")
    assert nearest_county(kunshan.lng, kunshan.lat) == kunshan
    assert nearest_county(113.75, 23.02).code == "441900"  # 东莞 has no counties


def test_seats_of_cities_lie_among_their_counties():
    for division in tables().by_code.values():
        counties = [d for d in inside(division.code) if d.level == "county"] if division.level == "city" else []
        if counties and division.name != "三沙市":  # islands over half a sea
            gaps = [great_circle_km(division.lng, division.lat, county.lng, county.lat) for county in counties]
            assert min(gaps) < 60, division


def test_the_measured_list_of_former_codes_is_covered():
    if not OLD_CODES.exists():
        pytest.skip(f"{OLD_CODES} is not here: the 77 former codes were not compared")
    with OLD_CODES.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    wrong = [row for row in rows if current_code(row["old_code"]) != row["code"]]
    print(f"{len(rows) - len(wrong)} of {len(rows)} former codes lead to the present one")
    assert wrong == []
