"""Exported files: every cell comes back as it was, and none of them is a formula."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import pytest
from python_calamine import CalamineWorkbook

from shared.platform.clock import BEIJING
from shared.web.tables import sheets

WHEN = datetime(2026, 11, 20, 15, 42, tzinfo=BEIJING)
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "=cmd|'/c calc'!A1"]


def _xlsx(rows, heads=("列",)):
    data = b"".join(sheets.as_xlsx(heads, rows))
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def _csv(rows, heads=("列",)):
    data = b"".join(sheets.as_csv(heads, rows))
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_texts_numbers_and_moments_come_back():
    assert _xlsx([("陈小明 <&>\x07", 12, 0.5, WHEN, None)], heads=tuple("abcde")) == [
        list("abcde"),
        ["陈小明 <&>", 12.0, 0.5, WHEN.replace(tzinfo=None), ""],
    ]
    assert _csv([("陈小明", 12, 0.5, WHEN, None)])[1] == ["陈小明", "12", "0.5", "2026-11-20 15:42:00", ""]


@pytest.mark.parametrize("cell", FORMULAS)
def test_what_would_be_a_formula_is_text(cell):
    assert _csv([(cell,)])[1] == [f"'{cell}"]
    data = b"".join(sheets.as_xlsx(("列",), [(cell,)]))
    assert b"<f>" not in data
    assert str(_xlsx([(cell,)])[1][0]).replace("\n", "\r") == cell


@pytest.mark.parametrize("write", [sheets.as_csv, sheets.as_xlsx])
def test_the_first_bytes_leave_before_the_last_row_is_read(write):
    read = []

    def rows():
        for number in range(5_000):
            read.append(number)
            yield (f"行 {number}", number)

    stream = write(("a", "b"), rows())
    first = next(stream)
    assert first
    assert len(read) < 1_000
    assert len(first) + sum(map(len, stream)) > 10_000
