"""The first rows of every sheet of a file, small enough to be kept beside it: what the mapping page shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from hq.intake.imports.grid import Cell, Grid, Note, Row
from hq.intake.imports.heading import columns_known
from hq.intake.imports.sheet import Sheet, with_heading

_ROWS = 60  # with something in them: as many as a heading is looked for in, and those below it
_CELLS = 300
_SHEETS = 20
_LONGEST = 400  # characters of a cell
SHOWN = 20  # rows below the heading

Sample = Sequence[Grid]


def take(tables: Sequence[Grid]) -> list[Grid]:
    """The first rows of each table."""
    return [_first_rows(grid) for grid in tables[:_SHEETS]]


def to_bytes(sample: Sample) -> bytes:
    """The stored form, not sealed yet."""
    return json.dumps([_stored(grid) for grid in sample], ensure_ascii=False).encode()


def from_bytes(stored: bytes) -> list[Grid]:
    """What `to_bytes` wrote."""
    return [_table(values) for values in json.loads(stored)]


def sheet_of(sample: Sample, named: str | None, heading_row: int | None, known: Callable[[str], bool]) -> Sheet:
    """One table of the sample with its heading; when none is named, the first that names most known columns.

    So a cover sheet with a remark does not hide the list behind it.

    Raises:
        Refused: it has no heading, or not there.
    """
    likely = sample[0] if named else max(sample, key=lambda grid: columns_known(grid.rows(), known))
    grid = next((grid for grid in sample if grid.name == named), likely)
    return with_heading(grid, known, heading_row)


def _first_rows(grid: Grid) -> Grid:
    rows = [_cut(row) for row in islice((row for row in grid.rows() if not row.blank), _ROWS)]
    return Grid(grid.kind, lambda: iter(rows), grid.notes, grid.name)


def _cut(row: Row) -> Row:
    cells = [cell[:_LONGEST] if isinstance(cell, str) else cell for cell in row.cells[:_CELLS]]
    return Row(row.number, cells, row.damage, row.scientific)


def _stored(grid: Grid) -> dict[str, Any]:
    return {
        "kind": grid.kind,
        "name": grid.name,
        "notes": [[note.code, dict(note.params)] for note in grid.notes],
        "rows": [
            [row.number, [_plain(cell) for cell in row.cells], sorted(row.damage), sorted(row.scientific)]
            for row in grid.rows()
        ],
    }


def _table(values: dict[str, Any]) -> Grid:
    rows = [
        Row(number, [_cell(cell) for cell in cells], frozenset(damage), frozenset(scientific))
        for number, cells, damage, scientific in values["rows"]
    ]
    notes = tuple(Note(code, params) for code, params in values["notes"])
    return Grid(values["kind"], lambda: iter(rows), notes, values["name"])


_TIMES: dict[str, Callable[[str], Cell]] = {
    "at": datetime.fromisoformat,
    "day": date.fromisoformat,
    "time": time.fromisoformat,
}


def _plain(cell: Cell) -> Any:
    if isinstance(cell, datetime):
        return {"at": cell.isoformat()}
    if isinstance(cell, date):
        return {"day": cell.isoformat()}
    return {"time": cell.isoformat()} if isinstance(cell, time) else cell


def _cell(stored: Any) -> Cell:
    if not isinstance(stored, dict):
        return stored  # type: ignore[no-any-return]  # JSON of our own
    ((kind, text),) = stored.items()
    return _TIMES[kind](text)
