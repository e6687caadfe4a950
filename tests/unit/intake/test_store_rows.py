"""One row of a dealer's list: places are checked, a code counts once, totals are no stores."""

from __future__ import annotations

import pytest

from hq.intake.imports.columns import STORES
from hq.intake.imports.grid import Row
from hq.intake.imports.signup_rows import RejectedRow
from hq.intake.imports.store_rows import StoreReader
from hq.intake.imports.totals import is_total, stated_count
from shared.dealers.series import SeriesBook
from shared.regions.coords import wgs_to_bd, wgs_to_gcj
from shared.regions.distance import great_circle_km

HEADINGS = [
    "经销商编码",
    "经销商名称",
    "门店编码",
    "门店名称",
    "省",
    "市",
    "区县",
    "区县代码",
    "详细地址",
    "经度",
    "纬度",
    "坐标系",
    "店长姓名",
    "店长手机",
    "营业时间",
    "每日线索上限",
    "每周线索上限",
    "权重",
    "可售车系",
]
TIANHE = (113.3612, 23.1247)  # WGS-84
PLAIN = {
    "经销商编码": "D1", "经销商名称": "广州骥行", "门店编码": "QJ1", "门店名称": "天河店", "省": "广东", "市": "广州",
    "区县": "天河区", "区县代码": "440106", "详细地址": "天河路1号", "经度": TIANHE[0], "纬度": TIANHE[1],
    "坐标系": "WGS-84", "店长姓名": "林波", "店长手机": 13800138000, "营业时间": "9:00-18:00", "每日线索上限": 8,
    "每周线索上限": "", "权重": "", "可售车系": "",
}  # fmt: skip


def row(number: int = 2, **cells: object) -> Row:
    return Row(number, [{**PLAIN, **cells}[heading] for heading in HEADINGS])


def reader() -> StoreReader:
    series = SeriesBook.of([("S1", "锦程 S1", ["锦程 S1 Pro"]), ("C2", "轻舟 C2", [])])
    return StoreReader(STORES.read(HEADINGS), series)


def test_a_plain_row_is_a_store_with_its_dealer_and_manager():
    store = reader().read(row())
    assert (store.dealer_code, store.dealer_name, store.code, store.name) == ("D1", "广州骥行", "QJ1", "天河店")
    assert (store.place.province_code, store.place.city_code, store.place.county_code) == ("440000", "440100", "440106")
    assert store.place.point_source == "as_given"
    assert (store.manager_name, store.manager_phone) == ("林波", "+8613800138000")
    assert store.daily_capacity == 8
    assert (store.repairs, store.remarks) == ((), ())


@pytest.mark.parametrize(
    ("system", "point"),
    [("WGS-84", TIANHE), ("GCJ-02", wgs_to_gcj(*TIANHE)), ("BD-09", wgs_to_bd(*TIANHE)), ("", wgs_to_bd(*TIANHE))],
)
def test_every_coordinate_system_ends_at_the_same_place(system, point):
    place = reader().read(row(坐标系=system, 经度=point[0], 纬度=str(point[1]))).place
    assert great_circle_km(place.lng, place.lat, *TIANHE) < 0.01


def test_a_blank_system_is_said_to_be_read_as_baidus():
    assert "coordinates_blank" in reader().read(row(坐标系="")).remarks


@pytest.mark.parametrize(
    ("point", "remark"),
    [
        ((121.47, 31.23), "point_in_wrong_province"),
        ((116.68, 23.35), "point_in_other_city"),
        ((118.5, 20.5), "point_in_sea"),
        (("", ""), "point_missing"),
        ((0.0, 0.0), "point_outside"),
    ],
)
def test_a_point_elsewhere_is_not_trusted_and_the_seat_stands_in(point, remark):
    store = reader().read(row(经度=point[0], 纬度=point[1]))
    assert remark in store.remarks
    assert store.place.point_source == "county"
    assert great_circle_km(store.place.lng, store.place.lat, *TIANHE) < 15


def test_swapped_coordinates_are_exchanged_and_said():
    store = reader().read(row(经度=TIANHE[1], 纬度=TIANHE[0]))
    assert great_circle_km(store.place.lng, store.place.lat, *TIANHE) < 0.01
    assert (store.repairs, store.place.doubts) == (("point_turned",), (("point_turned", {}),))


@pytest.mark.parametrize(
    ("point", "nearest", "remark", "source"),
    [
        ((113.27, 23.16), "440111", "point_in_other_district", "as_given"),  # 白云, next to it
        ((113.59, 23.55), "440117", "point_far_from_district", "county"),  # 从化
    ],
)
def test_a_point_in_another_district_is_doubted_and_kept_while_it_is_not_far(point, nearest, remark, source):
    store = reader().read(row(经度=point[0], 纬度=point[1]))
    assert (store.remarks, store.place.point_source) == ((remark,), source)
    ((_code, measured),) = store.place.doubts
    assert measured["nearest"] == nearest


def test_two_stores_on_one_point_are_doubted_with_the_first_row():
    stores = reader()
    stores.read(row(2))
    assert stores.read(row(5, 门店编码="QJ2")).place.doubts == (("point_twice", {"first": 2}),)


def test_the_system_that_was_chosen_counts_where_a_row_names_none():
    chosen = StoreReader(STORES.read(HEADINGS), system="GCJ-02")
    lng, lat = wgs_to_gcj(*TIANHE)
    place = chosen.read(row(坐标系="", 经度=lng, 纬度=lat)).place
    assert great_circle_km(place.lng, place.lat, *TIANHE) < 0.01


def test_a_system_that_nobody_knows_leaves_the_point_out():
    store = reader().read(row(坐标系="北京54"))
    assert (store.remarks, store.place.point_source) == (("coordinates_unknown",), "county")


def test_without_a_county_the_one_in_the_address_stands_in_then_the_city():
    elsewhere = {"经度": 121.47, "纬度": 31.23, "区县": "", "区县代码": ""}
    named = reader().read(row(**elsewhere, 详细地址="广州市番禺区市桥")).place
    assert (named.county_code, named.point_source) == ("440113", "county")
    city = reader().read(row(**elsewhere)).place
    assert (city.county_code, city.city_code, city.point_source) == (None, "440100", "city")


def test_an_unknown_place_with_a_point_keeps_the_point():
    place = reader().read(row(省="某省", 市="某市", 区县="", 区县代码="")).place
    assert (place.province_code, place.point_source) == (None, "as_given")


def test_a_code_that_was_used_before_is_refused_with_its_first_row():
    stores = reader()
    assert not isinstance(stores.read(row(2)), RejectedRow)
    again = stores.read(row(9, 门店编码=" qj1 "))
    assert (again.reason, dict(again.params)) == ("store_code_twice", {"code": "qj1", "first": 2})


@pytest.mark.parametrize(
    ("heading", "reason"), [("经销商编码", "dealer_code_missing"), ("门店编码", "store_code_missing")]
)
def test_a_row_without_its_codes_is_refused(heading, reason):
    assert reader().read(row(**{heading: " "})).reason == reason


@pytest.mark.parametrize(
    ("said", "capacity", "remark"),
    [
        ("", 10, None),
        ("不限", None, None),
        (5, 5, None),
        ("12", 12, None),
        (0, 0, None),
        ("很多", 10, "capacity_unknown"),
    ],
)
def test_the_daily_limit(said, capacity, remark):
    store = reader().read(row(每日线索上限=said))
    assert store.daily_capacity == capacity
    assert store.remarks == ((remark,) if remark else ())


def test_week_weight_and_series_are_read_and_what_is_not_said_is_left_to_the_store():
    said = reader().read(row(每周线索上限="不限", 权重="3", 可售车系="轻舟C2、锦程 S1 Pro"))
    assert (said.weekly_capacity, said.weight, said.series) == (None, 3, ["C2", "S1"])
    assert said.unstated == {"holidays"}
    silent = reader().read(row(每日线索上限=""))
    assert (silent.daily_capacity, silent.weekly_capacity, silent.weight, silent.series) == (10, None, 1, None)
    assert silent.unstated == {"daily_capacity", "weekly_capacity", "weight", "series", "holidays"}


@pytest.mark.parametrize(
    ("heading", "said", "remark"), [("权重", 0, "weight_unknown"), ("每周线索上限", -1, "weekly_unknown")]
)
def test_a_number_that_cannot_be_is_left_to_the_store_with_a_remark(heading, said, remark):
    assert reader().read(row(**{heading: said})).remarks[-1] == remark


def test_a_row_that_names_a_series_that_is_none_is_refused():
    refused = reader().read(row(可售车系="锦程 S1、飞船"))
    assert (refused.reason, dict(refused.params)) == ("series_unknown", {"word": "飞船"})


def test_hours_nobody_can_read_become_the_usual_ones_with_a_remark():
    store = reader().read(row(营业时间="看心情"))
    assert store.remarks == ("hours_unreadable",)
    assert store.hours == reader().read(row(营业时间="")).hours


def test_a_list_says_what_a_store_does_on_holidays():
    headings = [*HEADINGS, "法定节假日"]

    def read(said: str):
        cells = [*row().cells, said]
        return StoreReader(STORES.read(headings)).read(Row(2, cells))

    said = read("10:00-16:00；调休日不营业")
    assert (said.hours["holidays"], said.hours["make_up"], said.remarks) == (["10:00-16:00"], False, ())
    unread = read("看心情")
    assert ("holidays" in unread.hours, unread.remarks) == (False, ("holidays_unreadable",))


def test_a_managers_phone_that_cannot_be_called_is_left_out():
    store = reader().read(row(店长手机="12345"))
    assert store.manager_phone is None
    assert store.remarks == ("manager_phone_unusable",)


def test_a_total_is_no_store():
    total = Row(9, ["合计", "575家", *[""] * 17])
    assert is_total(total)
    assert stated_count(total) == 575
    assert not is_total(row(经销商编码="合计"))
    assert is_total(Row(9, ["", "总计：", 3]))
    assert not is_total(Row(9, ["S1", "陈合计"]))


@pytest.mark.parametrize("typed", ["林波13800138000", "林波 138 0013 8000", "13800138000 林波"])
def test_a_managers_number_beside_the_name_is_left_out_of_it(typed: str) -> None:
    store = reader().read(row(店长姓名=typed))
    assert not isinstance(store, RejectedRow)
    assert store.manager_name == "林波"
