"""A whole population table: what is taken, what is left out and why, which totals contradict."""

from __future__ import annotations

from pathlib import Path

import pytest

from hq.network.population.opening import open_table
from hq.network.population.understanding import TableRow, understand
from shared.regions import divisions

CENSUS = Path("/work/shared/data/cn_county_census2020/counties.csv")
XIHU, GONGSHU, HANGZHOU, ZHEJIANG = "330106", "330105", "330100", "330000"
JIAYUGUAN = "620200"


def table(*rows, unit=1):
    """Rows of (code, people), or (code, name, people)."""
    wide = [row if len(row) == 3 else (row[0], "", row[1]) for row in rows]
    return understand(
        [TableRow(number, list(row)) for number, row in enumerate(wide, 2)], {"code": 0, "county": 1, "people": 2}, unit
    )


def districts_of(prefix):
    return [each.code for each in divisions.smallest() if each.code.startswith(prefix)]


def test_districts_are_taken_and_their_people_added_up():
    found = table((XIHU, "1,112,992"), (GONGSHU, 1_120_985))
    assert found.people == {XIHU: 1_112_992, GONGSHU: 1_120_985}
    assert (found.total, found.left, found.old) == (2_233_977, [], 0)


def test_a_former_district_is_added_to_the_one_that_it_belongs_to_today():
    found = table((GONGSHU, "拱墅区", 100_000), ("330103", "下城区", 50_000))
    assert found.people == {GONGSHU: 150_000}
    assert found.old == 1


def test_one_district_under_its_former_and_its_present_code_is_counted_once():
    found = table(("320684", "海门市", 900_000), ("320614", "海门区", 900_000))
    assert list(found.people.values()) == [900_000]
    assert [line.code for line in found.left] == ["twice"]


@pytest.mark.parametrize(("again", "code"), [(1_000_000, "twice"), (999_999, "twice_differs")])
def test_of_doubled_rows_the_first_counts_and_the_other_says_so(again, code):
    found = table((XIHU, 1_000_000), (XIHU, again))
    assert found.people == {XIHU: 1_000_000}
    assert [(line.row, line.code, line.params["first"]) for line in found.left] == [(3, code, 2)]


def test_each_row_that_does_not_fit_is_left_out_with_its_number_and_reason():
    found = table(
        (XIHU, "西湖区", ""), (GONGSHU, "", "abc"), ("330108", "", -5), ("330109", "", 7), ("330110", "", 99_000_000),
        ("999999", "", 5_000), ("330171", "钱塘新区", 5_000), ("330106001", "街道", 5_000), ("", "注:略", ""),
        (XIHU, "秦淮区", 70_000),
    )  # fmt: skip
    assert [(line.row, line.code) for line in found.left] == [
        (2, "empty"), (3, "number"), (4, "negative"), (5, "few"), (6, "many"), (7, "unknown_code"), (8, "zone"),
        (9, "town"), (10, "remark"), (11, "differs"),
    ]  # fmt: skip
    assert found.people == {}
    assert found.zones == 5_000


def test_a_code_and_a_name_of_two_districts_are_left_out():
    rows = [TableRow(2, [XIHU, "江苏省", "南京市", "秦淮区", 700_000])]
    found = understand(rows, {"code": 0, "province": 1, "city": 2, "county": 3, "people": 4}, 1)
    assert [(line.code, line.params["by_code"]) for line in found.left] == [("differs", "西湖区")]


def test_a_cell_as_long_as_a_book_keeps_nobody_waiting():
    found = table(("", "省" * 30_000, "9" * 30_000))
    assert [(line.code, len(line.said), len(line.figure)) for line in found.left] == [("unknown_name", 60, 60)]


def test_a_torn_row_is_not_believed():
    found = understand([TableRow(2, [XIHU, 5_000], torn=True)], {"code": 0, "people": 1}, 1)
    assert [line.code for line in found.left] == ["torn"]


def test_figures_without_a_unit_that_look_like_ten_thousands_are_read_so_and_said_to_be_guessed():
    found = table((XIHU, "117.5"), (GONGSHU, "117.2"), ("330108", "55.3"), unit=None)
    assert (found.unit, found.guessed, found.people[XIHU]) == (10_000, True, 1_175_000)
    assert not table((XIHU, 1_175_000), unit=None).guessed


def test_a_city_that_is_the_sum_of_its_districts_agrees():
    codes = districts_of("3301")
    found = table((HANGZHOU, 1_000 * len(codes)), *((code, 1_000) for code in codes))
    assert [each.code for each in found.above] == ["agrees"]
    assert HANGZHOU not in found.people


@pytest.mark.parametrize("stated", [999, 1_001])
def test_a_total_that_is_not_the_sum_of_its_districts_contradicts(stated):
    codes = districts_of("3301")
    found = table((HANGZHOU, stated * len(codes)), *((code, 1_000) for code in codes))
    assert [(each.row, each.code, each.together) for each in found.above] == [(2, "contradicts", 1_000 * len(codes))]


def test_what_rounding_may_have_moved_is_no_contradiction():
    codes = districts_of("3301")
    rows = [(code, "10.0") for code in codes]
    assert [each.code for each in table((HANGZHOU, "130.4"), *rows, unit=10_000).above] == ["agrees"]
    assert [each.code for each in table((HANGZHOU, "132.0"), *rows, unit=10_000).above] == ["contradicts"]


def test_development_zones_count_to_the_sum_of_their_city():
    codes = districts_of("3301")
    rows = [(code, "", 1_000) for code in codes]
    found = table((HANGZHOU, "杭州市", 1_000 * len(codes) + 500), *rows, ("330171", "钱塘新区", 500))
    assert [each.code for each in found.above] == ["agrees"]


def test_the_only_district_without_a_row_gets_what_is_left_of_its_city():
    first, *others = districts_of("3301")
    found = table((HANGZHOU, 50_000), *((code, 1_000) for code in others))
    assert found.people[first] == 50_000 - 1_000 * len(others)
    assert [(each.code, each.filled.code) for each in found.above] == [("fills", first)]


def test_a_city_is_not_spread_over_several_districts():
    _one, _two, *others = districts_of("3301")
    found = table((HANGZHOU, 50_000), *((code, 1_000) for code in others))
    assert [(each.code, each.missing) for each in found.above] == [("part", 2)]
    assert len(found.people) == len(others)
    assert [each.code for each in table((HANGZHOU, 50_000)).above] == ["none"]


def test_the_remainder_is_not_given_where_a_row_of_the_city_could_not_be_read():
    first, second, *others = districts_of("3301")
    rows = [(code, 1_000) for code in others]
    found = table((HANGZHOU, 50_000), (second, "abc"), *rows)
    assert first not in found.people
    found = table((HANGZHOU, 50_000), (second, 1_000), (first, "abc"), *rows)
    assert first not in found.people


def test_a_city_without_districts_is_kept_itself():
    assert table((JIAYUGUAN, 312_663)).people == {JIAYUGUAN: 312_663}


def test_a_total_of_the_whole_file_is_held_against_all_rows():
    found = table((XIHU, 1_000), ("", "合计", 1_500), (GONGSHU, 1_000))
    assert [(each.name, each.code) for each in found.above] == [("合计", "contradicts")]


def test_a_yearbook_is_opened_with_its_title_unit_and_heading():
    text = "浙江省2023年末人口\n单位:万人\n代码,地区,常住人口,城镇化率\n330106,西湖区,117.5,96\n330105,,117.2,100\n"
    opened = open_table(text.encode("gb18030"), "年鉴.csv")
    chosen = opened.guess()
    assert (chosen, opened.unit(chosen), opened.year(chosen, "")) == (
        {"code": 0, "county": 1, "people": 2},
        10_000,
        2023,
    )
    assert understand(opened.rows, chosen, opened.unit(chosen)).people == {XIHU: 1_175_000, GONGSHU: 1_172_000}


def test_the_census_of_2020_is_read_but_for_development_zones():
    if not CENSUS.exists():
        pytest.skip(f"the census is not on this machine: {CENSUS}")
    opened = open_table(CENSUS.read_bytes(), CENSUS.name)
    found = understand(opened.rows, opened.guess(), None)
    codes = [line.code for line in found.left]
    assert (len(found.people), codes.count("zone"), len(codes)) == (2_848, 134, 135)
    assert found.total == 1_387_246_051
