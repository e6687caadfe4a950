"""Any spreadsheet of past leads as columns: separator, encoding, sheet and heading are found by themselves."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from hq.intake.imports.columns import plain
from hq.intake.imports.grid import Cell, Grid, Limits, Note, Refused, Row
from hq.intake.imports.sheet import Sheet, open_tables, with_heading
from hq.qualification.scoring.fitting.refusals import FitRefused

_GZIP = b"\x1f\x8b"
_LOOK_AT = 30  # rows that may hold the heading
_LIMITS = Limits(bytes=400_000_000, unpacked=1_500_000_000, rows=1_500_000, cells=60_000_000)


@dataclass(frozen=True, slots=True)
class Table:
    """A file's columns, all of the same length.

    Attributes:
        names: of the columns, each once.
        columns: per column its cells; an empty one is the empty string.
        outcome: which column (from 0) says what became of the lead.
        notes: what was found or repaired while reading.
        damaged: rows left out because they were cut off or torn.
    """

    names: tuple[str, ...]
    columns: tuple[list[Cell], ...]
    outcome: int
    notes: tuple[Note, ...]
    damaged: int

    @property
    def rows(self) -> int:
        """How many leads the file tells of."""
        return len(self.columns[0]) if self.columns else 0


def read_table(path: Path, outcome: str) -> Table:
    """Read a CSV (also gzipped) or a workbook.

    Args:
        outcome: the name of the column that says what became of the lead.

    Raises:
        Refused: it is no table that can be read. FitRefused: `no_outcome_column`, `too_large`.
    """
    data, name = _bytes(path)
    grids = open_tables(data, name, _LIMITS)
    sheet = _with_outcome(grids, outcome)
    names = _distinct(sheet.headings)
    wanted = plain(outcome)
    place = next(i for i, heading in enumerate(sheet.headings) if heading == outcome or plain(heading) == wanted)
    columns, damaged = _columns(sheet.rows(), len(names))
    return Table(names, columns, place, sheet.notes, damaged)


def read_whole(path: Path) -> Table:
    """Read a file of which nobody has said yet what the outcome is: its first table, `outcome` being no column (-1).

    Raises:
        Refused: it is no table that can be read. FitRefused: `too_large`, `broken_gzip`.
    """
    data, name = _bytes(path)
    sheet = with_heading(open_tables(data, name, _LIMITS)[0], lambda _: False, None, _LIMITS)
    names = _distinct(sheet.headings)
    columns, damaged = _columns(sheet.rows(), len(names))
    return Table(names, columns, -1, sheet.notes, damaged)


def _bytes(path: Path) -> tuple[bytes, str]:
    if path.stat().st_size > _LIMITS.bytes:
        raise FitRefused("too_large", mb=path.stat().st_size // 1_000_000, limit_mb=_LIMITS.bytes // 1_000_000)
    data = path.read_bytes()
    if not data.startswith(_GZIP):
        return data, path.name
    try:
        with gzip.open(path) as file:
            data = file.read(_LIMITS.bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise FitRefused("broken_gzip") from error
    if len(data) > _LIMITS.bytes:
        raise FitRefused("too_large", mb=len(data) // 1_000_000, limit_mb=_LIMITS.bytes // 1_000_000)
    return data, path.name.removesuffix(".gz")


def _with_outcome(grids: Sequence[Grid], outcome: str) -> Sheet:
    """The table whose heading names the outcome."""
    wanted = plain(outcome)
    for grid in grids:
        for row in islice((row for row in grid.rows() if not row.blank), _LOOK_AT):
            if any(isinstance(cell, str) and (cell == outcome or plain(cell) == wanted) for cell in row.cells):
                return with_heading(grid, lambda _: False, row.number, _LIMITS)
    names = with_heading(grids[0], lambda _: False, None, _LIMITS).headings
    raise FitRefused("no_outcome_column", column=outcome, names=[name for name in names if name][:40])


def _distinct(headings: Sequence[str]) -> tuple[str, ...]:
    """Names that tell the columns apart: one without a name by its number, a second of the same name as `name (2)`."""
    names: list[str] = []
    for i, heading in enumerate(headings, 1):
        name, times = heading.strip() or f"column {i}", 1
        while name in names:
            times += 1
            name = f"{heading.strip() or 'column'} ({times})"
        names.append(name)
    return tuple(names)


def _columns(rows: Iterable[Row], width: int) -> tuple[tuple[list[Cell], ...], int]:
    columns: tuple[list[Cell], ...] = tuple([] for _ in range(width))
    known: dict[Cell, Cell] = {}  # the same word in a million rows is one object
    damaged = 0
    for row in rows:
        if "truncated_row" in row.damage or "unclosed_quote" in row.damage:
            damaged += 1
            continue
        for column, cell in zip(columns, _padded(row.cells, width), strict=True):
            column.append(known.setdefault(cell, cell) if isinstance(cell, str) else cell)
    if not columns or not columns[0]:
        raise Refused("only_heading", row=1)
    return columns, damaged


def _padded(cells: Sequence[Cell], width: int) -> Iterator[Cell]:
    yield from cells[:width]
    for _ in range(width - len(cells)):
        yield ""
