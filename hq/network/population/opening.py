"""A file opened as a population table: the sheet, the heading and the rows, by the imports' own reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from hq.intake.imports.cells import as_text
from hq.intake.imports.grid import Limits, Note
from hq.intake.imports.heading import columns_known
from hq.intake.imports.sheet import open_tables, with_heading
from hq.network.population import columns
from hq.network.population.understanding import TableRow
from shared.contacts.hiding import without_phones

LIMITS = Limits(bytes=5_000_000, unpacked=80_000_000, rows=20_000, cells=500_000)
_TORN = frozenset(("truncated_row", "unclosed_quote", "undecodable_bytes"))
_LONGEST = 60  # characters of a line above the table
_TOLD = frozenset(("encoding", "other_sheets", "workbook_named", "text_named"))


@dataclass(frozen=True, slots=True)
class Opened:
    """The table in a file.

    Attributes:
        sheet: its name; empty for a CSV.
        above: texts over the heading: a title, the unit.
        notes: what was found while reading that is worth telling.
    """

    sheet: str
    heading_row: int
    headings: Sequence[str]
    above: Sequence[str]
    rows: Sequence[TableRow]
    notes: Sequence[Note]

    def guess(self) -> Mapping[str, int]:
        """Which column each field is in."""
        return columns.guess(self.headings)

    def unit(self, chosen: Mapping[str, int]) -> int | None:
        """So many people one stands for, where the file says so."""
        people = chosen.get("people", -1)
        return columns.unit_of(self.headings[people], self.above) if 0 <= people < len(self.headings) else None

    def year(self, chosen: Mapping[str, int], file_name: str) -> int | None:
        """The year that the column, the title or the file's name names."""
        people = chosen.get("people", -1)
        heading = self.headings[people] if 0 <= people < len(self.headings) else ""
        return columns.year_of([heading, *self.above, file_name])


def open_table(content: bytes, file_name: str) -> Opened:
    """Open a file; of a workbook's sheets the one whose heading says most.

    Raises:
        Refused: it is no table, too large or too long.
    """
    grids = open_tables(content, file_name, LIMITS)
    grid = max(grids, key=lambda each: columns_known(each.rows(), columns.knows))
    sheet = with_heading(grid, columns.knows, None, LIMITS)
    over = takewhile(lambda row: row.number < sheet.heading_row, grid.rows())
    above = [without_phones(as_text(cell).strip()[:_LONGEST]) for row in over for cell in row.cells if cell != ""]
    rows = [TableRow(row.number, row.cells, bool(row.damage & _TORN)) for row in sheet.rows()]
    others = [each.name for each in grids if each is not grid]
    notes = [note for note in sheet.notes if note.code in _TOLD]
    if others:
        notes.append(Note("other_sheets", {"read": grid.name, "ignored": others}))
    return Opened(sheet.name, sheet.heading_row, sheet.headings, above, rows, notes)
