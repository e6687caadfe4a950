"""Divisions by the names people write."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.regions.divisions import by_code, current_code, tables
from shared.regions.names import name_stem
from shared.regions.resolve import resolve

COUNTIES = Path(__file__).parents[4] / "shared/data/signups/data/counties.csv"


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (("江苏省", "苏州市", "昆山市"), "320583"),
        (("江苏", "苏州", "昆山"), "320583"),
        (("江苏", "昆山"), "320583"),
        ((None, "昆山"), "320583"),
        (("昆山", None), "320583"),
        ((" 江苏 ", "苏州 市", None), "320500"),
        (("Jiangsu", "suzhou"), "320500"),
        (("陕西", "Xian"), "610100"),
        (("北京", "北京", "朝阳"), "110105"),
        (("北京市", "市辖区", "朝阳区"), "110105"),
        (("北京", "亦庄"), "110115"),
        (("上海市", None, "浦东新区"), "310115"),
        (("重庆", "重庆万州"), "500101"),
        (("浙江", "宁波宁海"), "330226"),
        (("江苏", "南京江宁"), "320115"),
        (("陕西", "西安杨凌"), "610403"),
        (("天津", "塘沽"), "120116"),
        (("山东", "荷泽"), "371700"),
        (("湖北", "襄樊市"), "420600"),
        (("辽宁", "朝阳"), "211300"),
        (("辽宁", "朝阳", "朝阳县"), "211321"),
        (("吉林", "吉林"), "220200"),
        (("吉林省", None), "220000"),
        (("新疆", "伊宁"), "654002"),
        (("广西壮族自治区", "南宁市"), "450100"),
        (("广西省", "南宁"), "450100"),
        (("内蒙古", "锡林郭勒"), "152500"),
        (("云南", "大理"), "532900"),
        (("湖北", "恩施州", "利川"), "422802"),
        (("云南", "普洱市", "思茅区"), "530802"),
        (("湖北省", "仙桃市"), "429004"),
        (("海南", "陵水"), "469028"),
        (("广东省", "东莞市", "南城街道"), "441900"),
        (("河北", "邯郸", "肥乡县"), "130407"),
        (("安徽", "六安市", "寿县"), "340422"),
        (("江苏", "苏州", "苏州工业园区"), "320500"),
        (("江苏", "没有这个市"), "320000"),
        (("香港", None), "810000"),
        (("西安", None, "雁塔区"), "610113"),
    ],
)
def test_the_smallest_division_named_is_found(texts, code):
    assert resolve(*texts) == by_code(code)


@pytest.mark.parametrize("texts", [(None, None, None), ("", "", ""), ("火星", "", ""), (None, "朝阳区"), ("．", "-")])
def test_what_names_no_province_is_nothing(texts):
    assert resolve(*texts) is None


def test_every_division_is_found_by_its_own_names():
    for division in tables().by_code.values():
        province, city = by_code(division.province_code).name, division.city_code and by_code(division.city_code).name
        if division.level == "county":
            assert resolve(province, city, division.name) == division
        else:
            assert resolve(province, None if division.level == "province" else division.name) == division


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("广西壮族自治区", "广西"),
        ("昆山市", "昆山"),
        ("赣县", "赣县"),
        ("赣县区", "赣县"),
        ("前郭尔罗斯蒙古族自治县", "前郭尔罗斯"),
        ("积石山保安族东乡族撒拉族自治县", "积石山"),
        ("克孜勒苏柯尔克孜自治州", "克孜勒苏"),
        ("大兴安岭地区", "大兴安岭"),
        ("香港特别行政区", "香港"),
        ("六枝特区", "六枝"),
    ],
)
def test_a_stem_is_the_name_without_its_rank(name, stem):
    assert name_stem(name) == stem


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_any_text_is_answered(province, city, county):
    found = resolve(province, city, county)
    assert found is None or found.code in tables().by_code


def test_census_counties_are_found_by_name_and_by_city_in_any_form():
    if not COUNTIES.exists():
        pytest.skip(f"{COUNTIES} is not here: names were not compared with the census")
    with COUNTIES.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    official = [row for row in rows if row["in_gbt2260"] == "1"]
    by_name = [row for row in official if _found(row) != current_code(row["code"])]
    print(f"{len(official) - len(by_name)} of {len(official)} census counties found by name")
    assert [row["code"] for row in by_name] == ["653022"]  # the census table calls 阿克陶县 阿图什市
    for row in rows:
        here = current_code(row["code"]) or row["code"]
        for written in (
            row["prefecture"].removesuffix("市"),
            row["prefecture_pinyin"],
            row["prefecture_pinyin"].title(),
        ):
            found = _code(re.sub("(省|市)$", "", row["province"]), written)
            assert found[:4] == here[:4] or (found[2:] == "0000" and found[:2] in {"11", "12", "31", "50"}), row


def _found(row):
    return _code(row["province"], row["prefecture"], row["county"])


def _code(*texts):
    found = resolve(*texts)
    return found.code if found else ""
