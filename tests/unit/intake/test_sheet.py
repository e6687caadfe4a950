"""Opening a spreadsheet: repaired with a note, or refused with a reason that says what is wrong and where."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import pytest

from hq.intake.imports.columns import SIGNUPS
from hq.intake.imports.grid import Limits, Refused
from hq.intake.imports.sheet import Sheet, open_sheet
from tests.unit.intake.workbooks import ANNA, BORIS, HEADINGS, csv_bytes, with_part, xlsx_bytes

TABLE = [HEADINGS, ANNA, BORIS]
NINE = datetime(2026, 11, 10, 9, 5)  # noqa: DTZ001  # a date cell has no zone


def opened(content: bytes, name: str = "list.csv", **limits: int) -> Sheet:
    return open_sheet(content, name, known=SIGNUPS.knows, limits=Limits(**limits))


def refusal(content: bytes, name: str = "list.csv", **limits: int) -> str:
    with pytest.raises(Refused) as caught:
        list(opened(content, name, **limits).rows())
    return caught.value.reason


def codes(sheet: Sheet) -> set[str]:
    return {note.code for note in sheet.notes}


def ids(sheet: Sheet) -> list[tuple[int, object]]:
    return [(row.number, row.cells[0]) for row in sheet.rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("sep", [",", ";", "\t"])
def test_every_encoding_line_end_and_separator_gives_the_same_rows(encoding, end, sep):
    sheet = opened(csv_bytes(TABLE, encoding=encoding, end=end, sep=sep))
    assert sheet.headings == tuple(HEADINGS)
    assert [row.cells for row in sheet.rows()] == [ANNA, BORIS]


def test_a_title_and_blank_rows_count_but_are_passed_over():
    rows = [["2026 报名名单", *[""] * 10], [], HEADINGS, [], ANNA, [""] * 11, BORIS]
    sheet = opened(csv_bytes(rows))
    assert ids(sheet) == [(5, "S1"), (7, "S2")]
    assert "title_above_heading" in codes(sheet)


def test_empty_columns_to_the_right_are_cut():
    wide = [[*row, *[""] * 237] for row in TABLE]
    sheet = opened(csv_bytes(wide, end="\r"))
    assert sheet.headings == tuple(HEADINGS)
    assert {"empty_columns", "bare_cr"} <= codes(sheet)


def test_a_row_quoted_into_one_cell_is_read_again():
    text = csv_bytes(TABLE).decode()
    lines = text.split("\r\n")
    lines[1] = '"' + lines[1].replace('"', '""') + '"'
    rows = list(opened("\r\n".join(lines).encode()).rows())
    assert rows[0].cells == ANNA
    assert rows[0].damage == {"whole_row_quoted"}
    assert not rows[1].damage


def test_undecodable_bytes_harm_only_their_row():
    content = csv_bytes(TABLE, encoding="gb18030").replace("老客户".encode("gb18030"), b"\xff\xff")
    rows = list(opened(content).rows())
    assert [row.damage for row in rows] == [frozenset(), {"undecodable_bytes"}]
    assert rows[1].cells[:4] == BORIS[:4]


def test_a_last_row_that_was_cut_off_is_marked():
    content = csv_bytes(TABLE)
    rows = list(opened(content[: content.index(b"13900139000") + 5]).rows())
    assert "truncated_row" in rows[-1].damage
    assert not rows[0].damage


def test_a_last_row_without_a_line_end_is_whole():
    assert not any(row.damage for row in opened(csv_bytes(TABLE).rstrip(b"\r\n")).rows())


def test_a_quote_that_never_closes_harms_only_its_line():
    lines = csv_bytes([HEADINGS, *[[f"S{i}", *ANNA[1:]] for i in range(200)]]).decode().split("\r\n")
    lines[5] = lines[5].replace("陈安娜", '"陈安娜')
    rows = list(opened("\r\n".join(lines).encode()).rows())
    assert [row.cells[0] for row in rows] == [f"S{i}" for i in range(200)]
    assert [i for i, row in enumerate(rows) if row.damage] == [4]


def test_a_line_break_inside_a_cell_stays_there():
    rows = list(opened(csv_bytes([HEADINGS, [*ANNA[:-1], "上午联系\n下午不在"], BORIS])).rows())
    assert rows[0].cells[-1] == "上午联系\n下午不在"
    assert len(rows) == 2


def _two_row_heading(sheet):
    sheet.merge_cells("A1:K1")
    sheet.merge_cells("E2:H2")


def test_a_heading_over_two_rows_is_joined():
    top = [*HEADINGS[:4], "所在地区", "", "", "", *HEADINGS[8:]]
    sub = ["", "", "", "", *HEADINGS[4:8], "", "", ""]
    sheet = opened(xlsx_bytes([["名单"], top, sub, ANNA, BORIS], _two_row_heading), "list.xlsx")
    assert sheet.headings == tuple(HEADINGS)
    assert ids(sheet) == [(4, "S1"), (5, "S2")]
    assert "heading_two_rows" in codes(sheet)


def test_a_workbook_keeps_dates_and_whole_numbers():
    row = [*ANNA]
    row[3], row[8] = 13800138000, NINE

    def scientific(sheet):
        sheet["D3"].number_format = "0.00E+00"

    content = xlsx_bytes([HEADINGS, row, row], scientific)
    plain, shown = opened(content, "list.xlsx").rows()
    assert plain.cells[3] == shown.cells[3] == 13800138000
    assert plain.cells[8] == NINE
    assert (plain.scientific, shown.scientific) == (frozenset(), {3})


def test_a_table_that_starts_in_the_middle_of_a_sheet_keeps_its_row_numbers():
    content = xlsx_bytes([[], [], ["", "", *HEADINGS], ["", "", *ANNA]], lambda sheet: None)
    sheet = opened(content, "list.xlsx")
    assert [row.number for row in sheet.rows()] == [4]
    assert sheet.headings[2:] == tuple(HEADINGS)


def test_a_workbook_named_csv_is_opened_with_a_note():
    sheet = opened(xlsx_bytes(TABLE), "list.csv")
    assert sheet.kind == "xlsx"
    assert "workbook_named" in codes(sheet)


def test_text_named_xlsx_is_opened_with_a_note():
    sheet = opened(csv_bytes(TABLE), "list.xlsx")
    assert sheet.kind == "csv"
    assert "text_named" in codes(sheet)


def test_the_first_sheet_with_something_in_it_is_read():
    def second(sheet):
        sheet.parent.create_sheet("空", 0)
        other = sheet.parent.create_sheet("说明")
        other["A1"] = "说明"

    sheet = opened(xlsx_bytes(TABLE, second), "list.xlsx")
    assert len(list(sheet.rows())) == 2
    assert "other_sheets" in codes(sheet)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\r\n \r\n", "empty"),
        (b"12-07-84,36y11m15d\r\n", "empty"),
        (b"\n\n<!DOCTYPE html>\n<html lang='en'><body>a,b</body></html>", "web_page"),
        (b'<?xml version="1.0"?><Workbook/>', "web_page"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 500, "old_workbook"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"SQLite format 3\0" + b"\0" * 100, "other_kind"),
        (b"%PDF-1.7\n", "other_kind"),
        (bytes(range(256)) * 40, "not_text"),
        (b"PK\x03\x04 and nothing else", "broken_workbook"),
        (csv_bytes([ANNA, BORIS, ANNA]), "no_heading"),
        (csv_bytes([HEADINGS]), "only_heading"),
        (csv_bytes([["名单"], HEADINGS, [""] * 11]), "only_heading"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(content, reason):
    assert refusal(content) == reason


def test_a_zip_of_something_else_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refusal(out.getvalue(), "list.xlsx") == "not_a_workbook"


def test_a_zip_bomb_is_refused_by_its_stated_sizes():
    bomb = with_part(xlsx_bytes(TABLE), "xl/worksheets/sheet1.xml", b" " * 60_000_000)
    assert len(bomb) < 200_000
    assert refusal(bomb, "list.xlsx") == "zip_bomb"


def test_a_zip_that_lies_about_its_sizes_is_refused():
    bomb = bytearray(with_part(xlsx_bytes(TABLE), "xl/worksheets/sheet1.xml", b" " * 60_000_000))
    size = (60_000_000).to_bytes(4, "little")
    lie = bytes(bomb).replace(size, (1000).to_bytes(4, "little"))
    assert refusal(lie, "list.xlsx") == "broken_workbook"


def test_one_cell_far_away_is_refused_before_a_reader_lays_out_what_lies_between():
    content = xlsx_bytes(TABLE)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    far = sheet.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    assert refusal(with_part(content, "xl/worksheets/sheet1.xml", far), "list.xlsx") == "too_many_cells"
    painted = sheet.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>')
    assert len(list(opened(with_part(content, "xl/worksheets/sheet1.xml", painted), "list.xlsx").rows())) == 2


def test_limits_are_said_with_their_numbers():
    assert refusal(csv_bytes(TABLE), rows=1) == "too_many_rows"
    assert refusal(csv_bytes(TABLE), bytes=20) == "too_large"


def test_a_cut_workbook_is_refused():
    assert refusal(xlsx_bytes(TABLE)[:-200], "list.xlsx") == "broken_workbook"


def test_a_missing_phone_column_says_what_was_looked_for_and_what_was_there():
    sheet = opened(csv_bytes([["报名编号", "姓名", "城市"], ["S1", "陈安娜", "广州"]]))
    with pytest.raises(Refused) as caught:
        SIGNUPS.read(sheet.headings)
    assert caught.value.reason == "column_missing"
    assert "手机号" in caught.value.params["looked_for"]
    assert caught.value.params["saw"] == ["报名编号", "姓名", "城市"]


def test_the_first_of_two_columns_with_one_name_counts():
    columns = SIGNUPS.read(["姓名", "手机号", "手机号", "星座"])
    assert columns.index["phone"] == 1
    assert columns.spare["phone"] == 2
    assert {note.code for note in columns.notes} == {"column_twice", "columns_unknown"}


@pytest.mark.parametrize(
    "heading", ["手机号码", " 手机号 ", "手机号（必填）", "Phone Number", "phone_number", "MOBILE"]
)
def test_people_call_the_phone_column_many_things(heading):
    assert SIGNUPS.read(["a", heading]).index["phone"] == 1
