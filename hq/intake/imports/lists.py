"""A file opened as a list of one kind: its columns, its rows, and what is known of it before any row is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hq.intake.imports.columns import VOCABULARIES, Columns
from hq.intake.imports.grid import Note, Refused, Row
from hq.intake.imports.reading import Reading
from hq.intake.imports.sheet import Sheet, open_sheet
from hq.intake.imports.totals import is_total, stated_count


@dataclass(frozen=True, slots=True)
class OpenList:
    """An opened file of a kind.

    Attributes:
        columns: which column is which.
    """

    sheet: Sheet
    columns: Columns

    def rows(self) -> Iterator[Row]:
        """Rows below the heading, without blank ones and totals, from the first each time."""
        return (row for row in self.sheet.rows() if not is_total(row))

    def survey(self) -> Survey:
        """Go through the file once.

        Raises:
            Refused: `too_many_rows`, or `only_heading` where there is nothing but a total.
        """
        count = 0
        totals: list[Row] = []
        for row in self.sheet.rows():
            if is_total(row):
                totals.append(row)
            else:
                count += 1
        if not count:
            raise Refused("only_heading", row=self.sheet.heading_row)
        notes = (*self.sheet.notes, *self.columns.notes, *_total_notes(totals, count))
        return Survey(count, self.sheet.headings, notes)


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file holds.

    Attributes:
        rows: how many it has.
        headings: names of the columns as they are written there.
        notes: what was repaired or left out.
    """

    rows: int
    headings: Sequence[str]
    notes: tuple[Note, ...]


def open_list(kind: str, content: bytes, file_name: str, reading: Reading | None = None) -> OpenList:
    """Open a file of sign-ups (`signups`) or of dealers and stores (`stores`).

    Args:
        reading: how somebody said that it is to be read; None: as the names of its columns say.

    Raises:
        Refused: it is no such list; the reason and parameters say what is wrong and where.
    """
    vocabulary, reading = VOCABULARIES[kind], reading or Reading()
    sheet = open_sheet(content, file_name, known=vocabulary.knows, named=reading.sheet, heading_row=reading.heading_row)
    return OpenList(sheet, vocabulary.read(sheet.headings, reading.fields))


def _total_notes(totals: Sequence[Row], count: int) -> Iterator[Note]:
    for row in totals:
        stated = stated_count(row)
        if stated is None or stated == count:
            yield Note("total_ignored", {"row": row.number})
        else:
            yield Note("total_differs", {"row": row.number, "stated": stated, "counted": count})
