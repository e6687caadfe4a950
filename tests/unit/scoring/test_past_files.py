"""Files of past leads, however they are written: columns, marks of what is missing, outcomes."""

from __future__ import annotations

import gzip
import math

import numpy as np
import pytest
import xlsxwriter

from hq.intake.imports.grid import Refused
from hq.qualification.scoring.fit_words import refusal_sentences
from hq.qualification.scoring.fitting.cells import Sort, read_column
from hq.qualification.scoring.fitting.choosing import choose
from hq.qualification.scoring.fitting.outcome import read_outcome
from hq.qualification.scoring.fitting.past import Asked, past_of
from hq.qualification.scoring.fitting.refusals import FitRefused
from tests.unit.scoring.past_leads import HEADING, people, write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_separator_and_encoding_are_found(tmp_path, encoding, delimiter):
    rows, _ = people(60)
    past = past_of(write(tmp_path / "old.csv", rows, encoding=encoding, delimiter=delimiter), Asked("结果"))
    assert [column.name for column in past.columns] == ["年龄", "收入", "距离", "城市", "来源", "购车时间"]
    assert [column.sort for column in past.columns] == [Sort.NUMBER] * 3 + [Sort.WORD] * 3
    assert past.won.tolist() == [float(row[-1] == "成交") for row in rows]


def test_umlauts_of_an_older_western_file_are_no_chinese(tmp_path):
    rows = [[f"{i},5", "größer" if i % 3 else "kürzer", "ja" if i % 2 else "nein"] for i in range(30)]
    path = write(tmp_path / "alt.csv", rows, ("Höhe", "Länge", "gewonnen"), encoding="latin-1", delimiter=";")
    past = past_of(path, Asked("gewonnen"))
    assert [column.name for column in past.columns] == ["Höhe", "Länge"]
    assert set(past.columns[1].words) == {"größer", "kürzer"}
    one_name = write(tmp_path / "one.csv", [["鑫", 1], ["Li", 0]] * 9, ("name", "won"), encoding="gb18030")
    assert "鑫" in past_of(one_name, Asked("won")).everything["name"].words


def test_a_packed_file_and_a_workbook_say_the_same_as_the_file(tmp_path):
    rows, _ = people(60)
    plain = write(tmp_path / "old.csv", rows)
    packed = tmp_path / "old.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    with xlsxwriter.Workbook(tmp_path / "old.xlsx") as book:
        sheet = book.add_worksheet()
        for i, row in enumerate([["旧系统导出", ""], list(HEADING), *rows]):
            sheet.write_row(i, 0, row)
    told = [past_of(path, Asked("结果")) for path in (plain, packed, tmp_path / "old.xlsx")]
    for other in told[1:]:
        assert [column.name for column in other.columns] == [column.name for column in told[0].columns]
        np.testing.assert_array_equal(other.columns[1].numbers, told[0].columns[1].numbers)
        np.testing.assert_array_equal(other.won, told[0].won)


def test_what_tells_nothing_or_everything_is_left_out_with_the_reason(tmp_path):
    rows, _ = people(60)
    past = past_of(write(tmp_path / "old.csv", rows), Asked("结果", exclude=("城 市",)))
    assert {each.name: each.reason for each in past.dropped} == {
        "序号": "all_different",
        "姓名": "all_different",
        "国家": "constant",
        "城市": "excluded",
    }


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("订单", [f"{31000000 + 7919 * i % 999983}" for i in range(50)]),
        ("id", [str(7 * i % 53) for i in range(50)]),
        ("n", [str(i) for i in range(50)]),
        ("备注", [f"note {i}" for i in range(50)]),
    ],
)
def test_what_names_the_row_is_no_attribute(name, cells):
    kept, dropped = choose([read_column(name, cells)], ())
    assert (kept, [each.reason for each in dropped]) == ([], ["all_different"])


def test_numbers_that_all_differ_stay_an_attribute():
    cells = [str(round(math.sin(i) * 1000, 3)) for i in range(50)]
    kept, _ = choose([read_column("income", cells)], ())
    assert [column.name for column in kept] == ["income"]


def test_a_column_that_says_the_same_as_another_is_left_out():
    first = read_column("a", ["x", "y", "x", ""] * 10)
    second = read_column("b", ["1号", "2号", "1号", ""] * 10)
    _, dropped = choose([first, second], ())
    assert [(each.name, each.reason, each.other) for each in dropped] == [("b", "same_as", "a")]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1", "2.5", "", "N/A", "-3"], [1, 2.5, None, None, -3]),
        (["1,200", "¥3,400.50", "７００"], [1200, 3400.5, 700]),
        (["0,5", "1,25", "-3,0"], [0.5, 1.25, -3]),
        (["1.200,5", "3,0", "7,25"], [1200.5, 3, 7.25]),
        (["12%", "7 %", "0%"], [12, 7, 0]),
        (["1e3", "2E-1", "+5"], [1000, 0.2, 5]),
        ([*map(str, range(40)), "unknown"], [*range(40), None]),
        ([*map(str, range(20)), "999"], [*range(20), None]),
        ([*map(str, range(20)), "-999"], [*range(20), None]),
        ([5, 2.5, "", 7], [5, 2.5, None, 7]),
        ([*map(str, range(20)), "1e308", "-1e308"], [*range(20), None, None]),
    ],
)
def test_numbers_are_read_however_they_are_written(cells, numbers):
    column = read_column("x", cells)
    assert column.sort is Sort.NUMBER
    assert [None if np.isnan(number) else number for number in column.numbers] == numbers


def test_999_among_such_numbers_is_a_number():
    assert not read_column("x", [str(number) for number in range(900, 1000)]).missing.any()


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-01-05", "2024/2/3", "2024年3月4日"],
        ["2024-01-05 10:00", "2024-01-05T10:00:01"],
        ["31/12/2023", "01/02/2024"],
        ["12/31/2023", "01/02/2024"],
        ["20231231", "20240102"],
    ],
)
def test_days_are_ordered_in_time(cells):
    column = read_column("x", cells)
    assert column.sort is Sort.DAY
    assert (np.diff(column.numbers) > 0).all()


@pytest.mark.parametrize(
    "cells", [["1", "2", "x", "y", "z", "u", "v", "w"], ["none", "unknown", "none"], ["2024-13-40"]]
)
def test_words_stay_words(cells):
    column = read_column("x", cells)
    assert column.sort is Sort.WORD
    assert not column.missing.any()


@pytest.mark.parametrize(
    ("cells", "values", "guessed"),
    [
        (["yes", "no", "YES"], [1, 0, 1], False),
        (["1", "0", "1.0"], [1, 0, 1], False),
        ([1, 0, 1.0], [1, 0, 1], False),
        ([True, False, True], [1, 0, 1], False),
        (["True", "False", ""], [1, 0, -1], False),
        (["成交", "战败", "跟进中"], [1, 0, -1], False),
        (["Won", "Lost", "In progress"], [1, 0, -1], False),
        (["2", "1", "2"], [1, 0, 1], True),
        (["1", "-1", "-1"], [1, 0, 0], False),
        (["0", "3", "1"], [0, 1, 1], True),
        (["买了", "没买", "没买"], [1, 0, 0], True),
        (["成交", "黄了", "黄了"], [1, 0, 0], False),
    ],
)
def test_outcomes_are_read_in_the_words_of_both_languages(cells, values, guessed):
    told = read_outcome(cells, "结果")
    assert (told.values.tolist(), told.guessed) == (values, guessed)


def test_words_that_nobody_knows_are_asked_for_and_can_be_given():
    cells = ["甲", "乙", "丙", "丁"]
    with pytest.raises(FitRefused) as refused:
        read_outcome(cells, "结果")
    assert refused.value.reason == "outcome_words"
    assert "甲" in "".join(refusal_sentences(refused.value))
    assert read_outcome(cells, "结果", won=("乙",), unworked=("丁",)).values.tolist() == [0, 1, 0, -1]


def test_leads_that_nobody_worked_on_are_neither_won_nor_lost(tmp_path):
    rows, _ = people(60)
    for row in rows[::3]:
        row[-1] = "未联系"
    past = past_of(write(tmp_path / "old.csv", rows), Asked("结果"))
    assert (past.unworked, len(past.won)) == (20, 40)
    assert "unworked" in [remark.code for remark in past.remarks]


def test_a_column_of_days_orders_the_leads_and_is_no_attribute(tmp_path):
    rows, _ = people(60)
    days = [f"2024-0{1 + (7 * i) % 9}-11" for i in range(60)]
    dated = [[*row, day] for row, day in zip(rows, days, strict=True)]
    past = past_of(write(tmp_path / "old.csv", dated, (*HEADING, "报名时间")), Asked("结果"))
    assert [days[i] for i in past.order] == sorted(days)
    assert ("报名时间", "day") in [(each.name, each.reason) for each in past.dropped]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (Asked("result"), "no_outcome_column"),
        (Asked("国家"), "one_class"),
        (Asked("城市"), "outcome_words"),
        (Asked("结果", exclude=("没有",)), "no_such_column"),
        (Asked("结果", when="没有"), "no_such_column"),
        (Asked("结果", when="来源"), "not_a_time"),
        (Asked("结果", won=("也许",)), "no_such_word"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(tmp_path, asked, reason):
    rows, _ = people(60)
    with pytest.raises(FitRefused) as refused:
        past_of(write(tmp_path / "old.csv", rows), asked)
    assert refused.value.reason == reason
    assert "%(" not in "".join(refusal_sentences(refused.value))
    assert "…" not in "".join(refusal_sentences(refused.value))


def test_a_picture_or_half_an_archive_is_no_file_of_leads(tmp_path):
    path = tmp_path / "old.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    with pytest.raises(Refused):
        past_of(path, Asked("结果"))
    path.write_bytes(gzip.compress(b"a,b\n1,2\n" * 1000)[:40])
    with pytest.raises(FitRefused) as refused:
        past_of(path, Asked("结果"))
    assert refused.value.reason == "broken_gzip"
