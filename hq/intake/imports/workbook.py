"""Workbooks (.xlsx): sizes are checked before anything is unpacked, then calamine reads the cells."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from hq.intake.imports.grid import Cell, Grid, Limits, Note, Refused, Row

_WORKBOOK = "xl/workbook.xml"
_STYLES = "xl/styles.xml"
_PIECE = 1 << 20
_OVERLAP = 400  # bytes of the last piece looked at again: longer than one cell's opening tag
_FULL_RATIO, _SMALL = 250, 30_000_000  # what is packed tighter than a table ever is, once it is not small
_TAG = rb"[^>]{0,300}"  # bounded, so that a tag without an end cannot make the search quadratic
# Cells with something in them: a painted empty one ends in "/>" and does not count.
_FILLED = rb"(?:%b[^>/])?>" % _TAG
_WIDE = re.compile(rb'\sr\s*=\s*["\']([A-Z]{2,3})\d+["\']' + _FILLED)
_DEEP = re.compile(rb'\sr\s*=\s*["\'][A-Z]{1,3}(\d{6,})["\']' + _FILLED)
_ANY_ROW = re.compile(rb'\sr\s*=\s*["\'][A-Z]{1,3}(\d+)["\']' + _FILLED)
_MANY = 99_999  # rows a sheet may have as long as no row number has six digits
_SCIENTIFIC_CELL = rb'<(?:\w+:)?c\s(?=[^>]{0,300}\ss="(?:%b)")[^>]{0,300}?r="([A-Z]{1,3})(\d+)"'
_FORMAT = re.compile(rb'<(?:\w+:)?numFmt\s(?=[^>]{0,300}numFmtId="(\d+)")[^>]{0,300}formatCode="([^"]*)"')
_STYLE = re.compile(rb'<(?:\w+:)?xf\s[^>]{0,300}?numFmtId="(\d+)"')
_BUILT_IN_SCIENTIFIC = {b"11", b"48"}  # ECMA-376 part 1, 18.8.30


Cells = frozenset[tuple[int, int]]  # (row from 1, column from 0)
_NONE: Cells = frozenset()
_NO_COLUMNS: frozenset[int] = frozenset()


def open_workbook(data: bytes, limits: Limits, notes: tuple[Note, ...] = (), *, named: str | None = None) -> Grid:
    """Open the sheet of this name, else the first with something in it.

    Raises:
        Refused: `zip_bomb`, `broken_workbook`, `encrypted`, `not_a_workbook`, `old_workbook`, `too_many_cells`,
            `empty`.
    """
    grids = open_sheets(data, limits, notes)
    chosen = next((grid for grid in grids if grid.name == named), grids[0])
    others = [grid.name for grid in grids if grid is not chosen]
    if not others:
        return chosen
    return replace(chosen, notes=(*chosen.notes, Note("other_sheets", {"read": chosen.name, "ignored": others})))


def open_sheets(data: bytes, limits: Limits, notes: tuple[Note, ...] = ()) -> list[Grid]:
    """Every visible sheet with something in it, in the order of the workbook; at least one.

    Raises:
        Refused: as `open_workbook`.
    """
    scientific = _inspect(data, limits)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [
            m.name
            for m in book.sheets_metadata
            if m.typ is SheetTypeEnum.WorkSheet and m.visible is SheetVisibleEnum.Visible
        ]
        filled = [sheet for sheet in (book.get_sheet_by_name(name) for name in names) if sheet.start is not None]
    except CalamineError as error:
        raise Refused("broken_workbook") from error
    if not filled:
        raise Refused("empty", rows=0)
    shown = scientific if len(filled) == 1 else _NONE
    return [Grid("xlsx", partial(_rows, sheet, shown), notes, sheet.name) for sheet in filled]


def check_size(data: bytes, limits: Limits) -> None:
    """Refuse at once what the list of the archive's parts already shows, without unpacking any.

    Raises:
        Refused: `zip_bomb`, `broken_workbook`, `encrypted`, `not_a_workbook`, `old_workbook`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_parts(archive.infolist(), len(data), limits)
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise Refused("broken_workbook") from error


def _inspect(data: bytes, limits: Limits) -> Cells:
    """Look at the parts without keeping them; returns the number cells that are shown like 1.38E+10."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_parts(archive.infolist(), len(data), limits)
            styles = _scientific_styles(archive.read(_STYLES)) if _STYLES in archive.namelist() else b""
            return _NONE.union(*(_scan(archive, part, styles, limits) for part in archive.infolist()))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise Refused("broken_workbook") from error


def _check_parts(parts: Sequence[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked or (unpacked > _SMALL and unpacked > size * _FULL_RATIO):
        raise Refused("zip_bomb", unpacked_mb=unpacked // 1_000_000)
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("encrypted")
    names = {part.filename for part in parts}
    if "xl/workbook.bin" in names:
        raise Refused("old_workbook")
    if _WORKBOOK not in names:
        raise Refused("not_a_workbook")


def _scan(archive: zipfile.ZipFile, part: zipfile.ZipInfo, styles: bytes, limits: Limits) -> Cells:
    """Read a part to its end, which also proves its stated size and checksum; measure it if it is a sheet."""
    pieces = _pieces(archive, part)
    if not (part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")):
        for _ in pieces:
            pass
        return _NONE
    shown = re.compile(_SCIENTIFIC_CELL % styles) if styles else None
    rows, columns = _MANY, 26
    scientific: set[tuple[int, int]] = set()
    for piece in pieces:
        rows = max(rows, *map(int, _DEEP.findall(piece)), 0)
        columns = max(columns, *(_column(letters) + 1 for letters in set(_WIDE.findall(piece))), 0)
        if shown:
            scientific.update((int(row), _column(letters)) for letters, row in shown.findall(piece))
    _check_extent(archive, part, rows, columns, limits)
    return frozenset(scientific)


def _check_extent(archive: zipfile.ZipFile, part: zipfile.ZipInfo, rows: int, columns: int, limits: Limits) -> None:
    """One cell far away makes a reader lay out everything between; count exactly only where that could hurt."""
    if rows == _MANY and rows * columns > limits.cells:
        rows = max((int(row) for piece in _pieces(archive, part) for row in set(_ANY_ROW.findall(piece))), default=0)
    if rows * columns > limits.cells:
        raise Refused("too_many_cells", rows=rows, columns=columns)


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    rest = b""
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            yield rest + piece
            rest = piece[-_OVERLAP:]


def _column(letters: bytes) -> int:
    """Column number from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _scientific_styles(styles: bytes) -> bytes:
    """The style numbers that show a number like 1.38E+10, as alternatives of a pattern."""
    formats = _BUILT_IN_SCIENTIFIC | {number for number, code in _FORMAT.findall(styles) if b"E+" in code.upper()}
    start, end = styles.find(b"<cellXfs"), styles.find(b"</cellXfs>")
    numbers = (str(i) for i, used in enumerate(_STYLE.findall(styles[start:end])) if used in formats)
    return "|".join(numbers).encode()


def _rows(sheet: CalamineSheet, scientific: Cells) -> Iterator[Row]:
    by_row: dict[int, set[int]] = {}
    for row, column in scientific:
        by_row.setdefault(row, set()).add(column)
    margin: list[Cell] = [""] * (sheet.start or (0, 0))[1]
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells = [_plain(value) for value in values]
        shown = frozenset(by_row[number]) if number in by_row else _NO_COLUMNS
        yield Row(number, margin + cells if margin else cells, scientific=shown)


def _plain(value: object) -> Cell:
    """Whole numbers as integers (a phone number is one), durations as text, everything else as it is."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, timedelta):
        return str(value)
    return value  # type: ignore[return-value]  # calamine gives exactly the other kinds of Cell
