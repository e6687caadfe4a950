"""Which division a row is about."""

from __future__ import annotations

import pytest

from hq.network.population.places import Meant, Reader, Said


def read(*rows):
    reader = Reader()
    return [reader.read(Said(*row)) for row in rows][-1]


def code(meant: Meant) -> str | None:
    return None if meant.division is None or meant.problem else meant.division.code


@pytest.mark.parametrize(
    ("row", "found", "how"),
    [
        (("330106", "", "", ""), "330106", "code"),
        (("330106.0", "", "", "西湖区"), "330106", "code"),
        (("330106000000", "", "", ""), "330106", "code"),
        (("33", "", "", ""), "330000", "code"),
        (("330103", "", "", "下城区"), "330105", "old_code"),
        (("460302", "海南省", "三沙市", "南沙群岛"), "460322", "name"),
        (("", "浙江省", "杭州市", "西湖区"), "330106", "name"),
        (("", "浙江", "杭州", "西 湖 区"), "330106", "name"),
        (("", "浙江省", "", "义乌市"), "330782", "name"),
        (("", "", "", "浙江省杭州市西湖区"), "330106", "name"),
        (("", "广东省", "东莞市", "市辖区"), "441900", "name"),
        (("", "河南省", "郑州市", "荣阳市"), "410182", "name"),
        (("", "北京市", "市辖区", "东城区"), "110101", "name"),
        (("", "", "", "昆山市"), "320583", "name"),
    ],
)
def test_a_division_is_found_by_code_former_code_or_name(row, found, how):
    meant = read(row)
    assert (code(meant), meant.how) == (found, how)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("999999", "", "", ""), "unknown_code"),
        (("", "浙江省", "杭州市", "没有的区"), "unknown_name"),
        (("", "", "", "鼓楼区"), "several"),
        (("330171", "浙江省", "杭州市", "钱塘新区"), "zone"),
        (("", "浙江省", "宁波市", "宁波高新技术产业开发区"), "zone"),
        (("330106001", "", "", "北山街道"), "town"),
        (("330106", "江苏省", "南京市", "秦淮区"), "differs"),
        (("", "浙江省", "杭州市", "市辖区"), "subtotal"),
        (("419000", "河南省", "省直辖县级行政区划", ""), "subtotal"),
        (("", "", "", "全国"), "total"),
        (("", "", "", "全省合计"), "total"),
        (("", "", "", ""), "nothing"),
    ],
)
def test_what_names_no_district_is_told_by_a_code(row, problem):
    assert read(row).problem == problem


def test_names_alone_lie_in_the_city_or_province_of_the_rows_above():
    above = [("", "", "", "江苏省"), ("", "", "", "徐州市")]
    assert code(read(*above, ("", "", "", "鼓楼区"))) == "320302"
    assert code(read(*above, ("", "", "", "南京市"), ("", "", "", "鼓楼区"))) == "320106"
    assert code(read(*above, ("", "", "", "北京市"), ("", "", "", "朝阳区"))) == "110105"


def test_a_city_that_stands_once_for_its_districts_is_remembered():
    rows = [("", "江苏省", "徐州市", "云龙区"), ("", "", "", "鼓楼区")]
    assert code(read(*rows)) == "320302"
