"""One row of a sign-up list: what is repaired, what is refused, what is only remarked on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hq.intake.imports.columns import SIGNUPS
from hq.intake.imports.grid import Cell, Row
from hq.intake.imports.signup_rows import RejectedRow, SignupRow, read_row

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HEADINGS = [
    "报名编号",
    "活动",
    "渠道",
    "门店编码",
    "姓名",
    "手机号",
    "省",
    "市",
    "区县",
    "区县代码",
    "经度",
    "纬度",
    "意向车型",
    "购车时间",
    "现有车辆",
    "预算",
    "抽奖次数",
    "预约试驾",
    "到店",
    "报名时间",
    "邀请人",
    "微信OpenID",
    "设备号",
    "IP",
    "同意营销",
    "同意转给经销商",
    "手机号",
    "备注",
]
COLUMNS = SIGNUPS.read(HEADINGS)
PLAIN = {
    "报名编号": "S1", "活动": "金秋", "渠道": "门店扫码", "门店编码": "QJ1", "姓名": "陈安娜", "手机号": "13800138000",
    "省": "广东省", "市": "广州市", "区县": "天河区", "区县代码": "440106", "意向车型": "青骥 Q1",
    "购车时间": "1个月内",
    "现有车辆": "无", "预算": "2000-3500", "抽奖次数": "3", "预约试驾": "是", "到店": "否",
    "报名时间": "2026/11/10 9:05",
    "微信OpenID": "oABC", "设备号": "d1", "IP": "1.2.3.4", "同意营销": "否", "同意转给经销商": "是",
}  # fmt: skip


def read(damage: frozenset[str] = frozenset(), extra: tuple[Cell, ...] = (), **cells: Cell) -> SignupRow | RejectedRow:
    said = {**PLAIN, **cells}
    row = [said.get(heading, "") for heading in HEADINGS]
    row[-2] = said.get("手机号2", "")
    return read_row(Row(7, [*row, *extra], damage), COLUMNS, now=NOW)


def test_a_plain_row_needs_no_repair():
    row = read()
    assert isinstance(row, SignupRow)
    assert (row.repairs, row.remarks) == ((), ())
    assert (row.row, row.external_id, row.phone, row.touchpoint) == (7, "S1", "+8613800138000", "store_qr")
    assert row.occurred_at == datetime(2026, 11, 10, 1, 5, tzinfo=UTC)
    assert row.region == {"province": "广东省", "city": "广州市", "county": "天河区", "county_code": "440106"}
    assert row.interest["purchase_horizon"] == "1m"
    assert row.interest["current_vehicle"] == "none"
    assert row.actions == {"draws": 3, "booked_test_ride": True, "visited_store": False}
    assert (row.marketing, row.share) == (False, True)


@pytest.mark.parametrize(
    ("cells", "repair"),
    [
        ({"手机号": "１３８００１３８０００"}, "fullwidth"),
        ({"手机号": "+8613800138000"}, "country_code"),
        ({"手机号": "8613800138000"}, "country_code"),
        ({"手机号": "138 0013 8000"}, "separators"),
        ({"手机号": "13800138000/13900139000"}, "first_of_several"),
        ({"手机号": "", "手机号2": "13800138000"}, "phone_from_second_column"),
        ({"姓名": "陈安娜\u3000", "手机号": "13800138000 ", "渠道": "门店扫码  "}, "trimmed"),
        ({"市": "广州"}, "city_variant"),
        ({"市": "Guangzhou"}, "city_variant"),
        ({"市": " 广州市"}, "trimmed"),
        ({"区县代码": "370634", "省": "", "市": "", "区县": ""}, "old_county_code"),
        ({"报名时间": "明天"}, "time_unreadable"),
        ({"报名时间": "2031/1/1 0:00"}, "time_unreadable"),
        ({"经度": "23.1", "纬度": "113.3"}, "point_turned"),
    ],
)
def test_what_can_be_repaired_is_accepted_and_says_so(cells, repair):
    row = read(**cells)
    assert isinstance(row, SignupRow)
    assert row.phone == "+8613800138000"
    assert repair in row.repairs


@pytest.mark.parametrize("damage", ["whole_row_quoted", "undecodable_bytes", "unclosed_quote"])
def test_a_damaged_row_with_a_phone_is_repaired(damage):
    row = read(frozenset({damage}))
    assert isinstance(row, SignupRow)
    assert row.repairs == (damage,)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"手机号": ""}, "phone_missing"),
        ({"手机号": "无"}, "phone_missing"),
        ({"手机号": "1380013800"}, "phone_length"),
        ({"手机号": "138001380001"}, "phone_length"),
        ({"手机号": "12800138000"}, "phone_prefix"),
        ({"手机号": "010-84455221"}, "phone_landline"),
        ({"手机号": "1.38E+10"}, "phone_rounded"),
        ({"手机号": "138\ufffd0138000"}, "undecodable_bytes"),
    ],
)
def test_a_row_without_a_usable_phone_is_rejected_with_the_reason(cells, reason):
    row = read(**cells)
    assert isinstance(row, RejectedRow)
    assert (row.row, row.reason) == (7, reason)
    assert "陈安娜" in row.cells


def test_a_cut_row_and_a_shifted_row_are_rejected():
    assert read(frozenset({"truncated_row"})).reason == "truncated_row"
    assert read(extra=("是",)).reason == "row_shifted"
    assert isinstance(read(extra=("", " ")), SignupRow)


@pytest.mark.parametrize("note", ["=cmd|' /C calc'!A0", "+1+1", "@SUM(1)", "-2+3"])
def test_what_looks_like_a_formula_stays_text(note):
    row = read(备注=note)
    assert row.note == note
    assert row.remarks == ("kept_as_text",)
    assert not row.repairs


@pytest.mark.parametrize("name", ["陈安娜🌸", "陈𠮷", "John O'Neil"])
def test_unusual_names_are_names(name):
    row = read(姓名=name, 备注="上午联系\n下午不在")
    assert (row.name, row.repairs, row.note) == (name, (), "上午联系\n下午不在")


def test_only_a_clear_yes_is_a_consent():
    for answer in ("", "不确定", "否", "0"):
        assert read(同意转给经销商=answer).share is False
    for answer in ("是", " 是", "Yes", "TRUE", "√", 1, True):
        assert read(同意转给经销商=answer).share is True


def test_what_nobody_understands_is_left_out_and_remarked():
    row = read(渠道="抖音", 购车时间="看情况", 抽奖次数="许多", IP="unknown", 区县代码="999999", 经度="500", 纬度="23")
    assert row.touchpoint is None
    assert "purchase_horizon" not in row.interest
    assert "draws" not in row.actions
    assert row.ip is None
    assert {"touchpoint_unknown", "horizon_unknown", "draws_unknown", "ip_unknown"} <= set(row.remarks)
    assert {"county_code_unknown", "point_outside"} <= set(row.remarks)


def test_a_point_is_taken_as_a_phone_gives_it():
    assert read(经度="113.33", 纬度=23.14).region["coord_sys"] == "GCJ-02"


def test_a_place_in_one_cell_is_taken_apart():
    columns = SIGNUPS.read(["手机号", "所在地区"])
    row = read_row(Row(2, ["13800138000", "广东省广州市天河区"]), columns, now=NOW)
    assert row.region == {"province": "广东省", "city": "广州市", "county": "天河区"}


def test_nul_bytes_never_reach_the_database():
    row = read(姓名="陈\x00安娜", 门店编码="QJ\x001", 备注="\x00")
    assert (row.name, row.store_code, row.note) == ("陈安娜", "QJ1", "")
