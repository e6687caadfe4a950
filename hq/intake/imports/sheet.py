"""Opening somebody's spreadsheet: whatever its name says, by what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from hq.intake.imports import csv_text, workbook
from hq.intake.imports.grid import Grid, Limits, Note, Refused, Row
from hq.intake.imports.heading import find_heading, heading_at

_ZIP = b"PK\x03\x04"
_COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")  # [MS-CFB]: old .xls, and every workbook with a password
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] 2.3.4.4
_OTHER_KINDS = {
    b"%PDF": "PDF",
    b"SQLite format 3": "SQLite",
    b"\x1f\x8b": "gzip",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"GIF8": "GIF",
    b"\x7fELF": "ELF",
    b"MZ": "EXE",
}
_PAGE_STARTS = (b"<!doctype", b"<html", b"<head", b"<table", b"<meta", b"<?xml", b"<!--", b"<script", b"<div")


@dataclass(frozen=True, slots=True)
class Sheet:
    """An opened table with its heading.

    Attributes:
        kind: `csv` or `xlsx`.
        headings: the heading's cells, texts; groups over them are resolved.
        heading_row: number of the heading's (last) row.
        notes: what was repaired or left out, for the person.
    """

    kind: str
    headings: tuple[str, ...]
    heading_row: int
    notes: tuple[Note, ...]
    _grid: Grid
    _limits: Limits

    @property
    def name(self) -> str:
        """The sheet of the workbook; empty for a CSV."""
        return self._grid.name

    def rows(self) -> Iterator[Row]:
        """Rows below the heading that hold something, from the first each time.

        Raises:
            Refused: `too_many_rows`.
        """
        count = 0
        for row in self._grid.rows():
            if row.number > self.heading_row and not row.blank:
                count += 1
                if count > self._limits.rows:
                    raise Refused("too_many_rows", limit=self._limits.rows)
                yield row


def open_sheet(
    source: bytes | Path,
    filename: str,
    *,
    known: Callable[[str], bool] = lambda _: False,
    limits: Limits | None = None,
    named: str | None = None,
    heading_row: int | None = None,
) -> Sheet:
    """Open a spreadsheet and find its heading.

    Args:
        source: the file, or where it is.
        filename: as the person named it; only compared with what the file is.
        known: says whether a heading's text names a column that the import understands.
        limits: how large it may be.
        named: the sheet of a workbook; None: the first with something in it.
        heading_row: number of the row with the names of the columns, 0: there is none; None: find it.

    Raises:
        Refused: it is no table, or too large; the reason says which.
    """
    limits = limits or Limits()
    data = _read(source, limits)
    sheet = with_heading(_open(data, PurePath(filename).suffix.lower(), limits, named), known, heading_row, limits)
    if next(sheet.rows(), None) is None:
        raise Refused("only_heading", row=sheet.heading_row)
    return sheet


def with_heading(
    grid: Grid, known: Callable[[str], bool], heading_row: int | None = None, limits: Limits | None = None
) -> Sheet:
    """A table with its heading, found or given.

    Raises:
        Refused: `empty`, `no_heading`.
    """
    heading = find_heading(grid.rows(), known) if heading_row is None else heading_at(grid.rows(), heading_row)
    notes = (*grid.notes, *heading.notes)
    return Sheet(grid.kind, heading.texts, heading.last_row, notes, grid, limits or Limits())


def open_tables(data: bytes, filename: str, limits: Limits | None = None) -> list[Grid]:
    """Every table of a file: the sheets of a workbook, or the one of a CSV.

    Raises:
        Refused: as `open_sheet`.
    """
    limits = limits or Limits()
    suffix = PurePath(filename).suffix.lower()
    if _read(data, limits).startswith(_ZIP):
        return workbook.open_sheets(data, limits, _misnamed_workbook(suffix))
    return [_open(data, suffix, limits, None)]


def refuse_at_once(data: bytes, limits: Limits | None = None) -> None:
    """Refuse what the first bytes and an archive's list of parts already show; nothing is unpacked or parsed.

    Raises:
        Refused: it is empty, too large, an archive that unpacks to too much, a web page, a picture …
    """
    limits = limits or Limits()
    if _read(data, limits).startswith(_ZIP):
        workbook.check_size(data, limits)
    else:
        _refuse_other_kinds(data)


def _read(source: bytes | Path, limits: Limits) -> bytes:
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > limits.bytes:
        raise Refused("too_large", mb=-(-size // 1_000_000), limit_mb=limits.bytes // 1_000_000)
    data = source if isinstance(source, bytes) else source.read_bytes()
    if not data.strip():
        raise Refused("empty", rows=0)
    return data


def _open(data: bytes, suffix: str, limits: Limits, named: str | None) -> Grid:
    if data.startswith(_ZIP):
        return workbook.open_workbook(data, limits, _misnamed_workbook(suffix), named=named)
    _refuse_other_kinds(data)
    misnamed = (Note("text_named", {"suffix": suffix}),) if suffix in (".xlsx", ".xls", ".xlsm") else ()
    return csv_text.open_csv(data, misnamed)


def _misnamed_workbook(suffix: str) -> tuple[Note, ...]:
    return () if suffix in (".xlsx", ".xlsm") else (Note("workbook_named", {"suffix": suffix}),)


def _refuse_other_kinds(data: bytes) -> None:
    if data.startswith(_COMPOUND):
        raise Refused("encrypted" if _ENCRYPTED in data else "old_workbook")
    for mark, name in _OTHER_KINDS.items():
        if data.startswith(mark):
            raise Refused("other_kind", kind=name)
    if data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n\0").lower().startswith(_PAGE_STARTS):
        raise Refused("web_page")
