"""Rows as a file that grows while it is sent: CSV, or xlsx. Memory does not grow with the rows. Pure.

xlsx is written here and not by xlsxwriter, which finishes its file before the first byte can leave: two hundred
thousand rows would be a quarter of a minute of silence.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from xml.sax.saxutils import escape

from shared.platform.clock import BEIJING

#: A worksheet ends there (ECMA-376 has no limit, every program that opens one has).
MOST_ROWS = 1_048_576

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # East Asian versions read the wide ones too
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ROWS_AT_ONCE = 500
_DAY_ZERO = date(1899, 12, 30)

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook {_MAIN} xmlns:r="{_RELATIONS}"><sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets>'
        "</workbook>"
    ),
    # style 1: a moment to the minute; style 2: the bold heads
    "xl/styles.xml": (
        f'<styleSheet {_MAIN}><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
        '<fonts count="2"><font/><font><b/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="3"><xf/><xf numFmtId="164" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/></cellXfs>'
        "</styleSheet>"
    ),
}


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """UTF-8 with its mark, so that Excel reads Chinese; what would be a formula there gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    out.write("\ufeff")
    writer.writerow(map(safe, heads))
    for number, row in enumerate(rows, 1):
        writer.writerow([safe(cell) if isinstance(cell, str) else _plain(cell) for cell in row])
        if number % _ROWS_AT_ONCE == 0:
            yield _taken(out)
    yield _taken(out)


def safe(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def as_xlsx(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """A workbook of one sheet. Texts are inline strings, which no program takes for formulas."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in _PARTS.items():
            book.writestr(name, _HEAD + text)
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
            views = f'<sheetViews><sheetView workbookViewId="0">{frozen}</sheetView></sheetViews>'
            widths = f'<cols><col min="1" max="{max(1, len(heads))}" width="16" customWidth="1"/></cols>'
            sheet.write(f"{_HEAD}<worksheet {_MAIN}>{views}{widths}<sheetData>".encode())
            sheet.write(_row(heads, style=' s="2"').encode())
            for number, row in enumerate(rows, 1):
                sheet.write(_row(row).encode())
                if number % _ROWS_AT_ONCE == 0:
                    yield pipe.taken()
            sheet.write(b"</sheetData></worksheet>")
    yield pipe.taken()


class _Pipe(io.RawIOBase):
    """A file that can only be written, and is emptied as it fills."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(part))
        return len(part)

    def taken(self) -> bytes:
        whole = b"".join(self._parts)
        self._parts.clear()
        return whole


def _row(cells: Sequence[object], style: str = "") -> str:
    return f"<row>{''.join(_cell(cell, style) for cell in cells)}</row>"


def _cell(cell: object, style: str) -> str:
    if cell is None or cell == "":
        return "<c/>"
    if isinstance(cell, datetime):
        return f'<c s="1"><v>{_days(cell)}</v></c>'
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return f"<c><v>{cell}</v></c>"
    text = escape(_NO_XML.sub("", str(cell)))
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{text}</t></is></c>'


def _days(when: datetime) -> str:
    """Beijing's clock as days since 1899-12-30, as spreadsheets count."""
    local = when.astimezone(BEIJING).replace(tzinfo=None)
    span = local - datetime.combine(_DAY_ZERO, datetime.min.time())
    return f"{span / timedelta(days=1):.10f}"


def _plain(cell: object) -> object:
    if isinstance(cell, datetime):
        return f"{cell.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    return "" if cell is None else cell if isinstance(cell, int | float) else safe(str(cell))


def _taken(out: io.StringIO) -> bytes:
    whole = out.getvalue()
    out.seek(0)
    out.truncate()
    return whole.encode()
