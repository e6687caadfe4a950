"""Rejected rows as a file to correct and upload again: row, reason, then the columns as they were."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # East Asian versions read the wide ones too

Line = tuple[int, str, Sequence[str]]  # row number, reason in words, cells


def as_xlsx(headings: Sequence[str], lines: Iterable[Line]) -> bytes:
    """A workbook in which every cell of the old file is text, whatever it begins with."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet()
    _write(sheet, 0, headings)
    for at, (number, reason, cells) in enumerate(lines, 1):
        sheet.write_number(at, 0, number)
        _write(sheet, at, ["", reason, *cells])
    sheet.set_column(1, 1, 36)
    book.close()
    return out.getvalue()


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, cells: Sequence[str]) -> None:
    for column, cell in enumerate(cells):
        if cell:
            sheet.write_string(row, column, cell)


def as_csv(headings: Sequence[str], lines: Iterable[Line]) -> bytes:
    """UTF-8 with its mark, so that Excel reads it; what would be a formula there gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(map(safe, headings))
    for number, reason, cells in lines:
        writer.writerow([number, *map(safe, (reason, *cells))])
    return out.getvalue().encode("utf-8-sig")


def safe(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula; the import takes the apostrophe off a phone again."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
