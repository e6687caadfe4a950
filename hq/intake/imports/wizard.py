"""What the pages before an import show: the columns with their meanings, the first rows, and the counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from hq.intake.imports import drafts, masking, preview, sample
from hq.intake.imports.cells import RowCells, as_text
from hq.intake.imports.columns import VOCABULARIES, Columns, Vocabulary, plain
from hq.intake.imports.counted import Counted
from hq.intake.imports.deciding import Deciding
from hq.intake.imports.files import ImportFiles
from hq.intake.imports.grid import Refused, Row
from hq.intake.imports.models import Import
from hq.intake.imports.preview import Preview
from hq.intake.imports.reading import ADDED, Doubts, Reading, doubts_of
from hq.intake.imports.sheet import Sheet
from hq.intake.imports.store_rows import StoreReader
from hq.intake.imports.totals import is_total
from hq.intake.imports.upload import Twin, twin_of
from shared.dealers.series import book
from shared.platform.errors import Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnLine:
    """One column of the file on the left: its name, its first value (masked), and what it is read as ("" is not).

    Attributes:
        ask: why somebody should look: `guessed` (only its values say so), `odd` (values not understood; `odd` of
            them), `left` (it holds values and is not taken), or "".
        added: a column of a file of rejected rows, no part of the list.
    """

    number: int
    heading: str
    first: str
    meaning: str
    ask: str = ""
    odd: int = 0
    added: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the count of all rows is.

    Attributes:
        counted: so far; rows: of the whole file, None while nobody knows.
        state: `counting`, `done`, `refused` or `unmapped` (a needed column is missing: nothing is counted).
    """

    state: str
    counted: Counted
    rows: int | None
    version: int

    @property
    def read(self) -> int:
        """Rows counted so far."""
        tally = self.counted.tally
        return tally.accepted + tally.rejected + tally.skipped

    @property
    def untouched(self) -> int:
        """Rows that can be taken as they are."""
        return self.counted.tally.accepted - self.counted.tally.repaired


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingPage:
    """All that the mapping page shows.

    Attributes:
        sheets: names of the workbook's sheets; one or none: nothing to choose.
        sheet: the one that is read. heading_row: number of the row with the names of the columns, 0: none.
        first_rows: (number, text) of rows that may be the heading.
        problem: why this sheet cannot be read, `{"code", "params"}`.
    """

    import_id: UUID
    reading: Reading
    sheets: Sequence[str]
    sheet: str
    heading_row: int
    first_rows: Sequence[tuple[int, str]]
    columns: Sequence[ColumnLine]
    meanings: Sequence[str]
    doubts: Doubts
    preview: Preview
    progress: Progress
    twin: Twin | None = None
    problem: Mapping[str, Any] | None = None
    needs: Sequence[str] = field(default_factory=tuple)


def page(session: Session, import_id: UUID, files: ImportFiles, *, now: datetime) -> MappingPage:
    """The mapping page of an upload.

    Raises:
        Missing: no such upload, or its rows are gone.
    """
    row = draft(session, import_id)
    vocabulary, reading = VOCABULARIES[row.kind], Reading.from_json(row.reading)
    taken = sample.from_bytes(drafts.open_sample(session, import_id, files))
    grid = next((grid for grid in taken if grid.name == reading.sheet), taken[0])
    try:
        shown: Sheet | None = sample.sheet_of(taken, reading.sheet, reading.heading_row, vocabulary.knows)
    except Refused:
        shown = None
    headings = shown.headings if shown else ()
    heading_row = shown.heading_row if shown else 0
    rows = [found for found in shown.rows() if not is_total(found)][: sample.SHOWN] if shown else []
    fields = {i: meaning for i, meaning in (reading.fields or {}).items() if i < len(headings)}
    doubts = doubts_of(fields, vocabulary.needs)
    seen = _preview(session, row, vocabulary, reading, headings, rows, fields, now=now) if not doubts else _NOTHING
    return MappingPage(
        import_id=import_id,
        reading=reading,
        sheets=[each.name for each in taken],
        sheet=grid.name,
        heading_row=heading_row,
        first_rows=[(each.number, _line(row.kind, each, heading_row, fields)) for each in islice(grid.rows(), 12)],
        columns=_columns(row.kind, headings, rows, fields, reading, seen),
        meanings=vocabulary.fields,
        doubts=doubts,
        preview=seen,
        progress=progress_of(row),
        twin=twin_of(session, row),
        needs=vocabulary.needs,
    )


def draft(session: Session, import_id: UUID) -> Import:
    """An upload of which nothing was imported yet.

    Raises:
        Missing: no such import, or it has gone on.
    """
    row = session.get(Import, import_id)
    if row is None or row.state != "mapping":
        raise Missing(what="import")
    return row


def progress_of(row: Import) -> Progress:
    """How far the count of an upload's rows is."""
    counted = Counted.from_json(row.checked)
    if counted.refused:
        state = "refused"
    elif doubts_of(Reading.from_json(row.reading).fields or {}, VOCABULARIES[row.kind].needs):
        state = "unmapped"
    else:
        state = "done" if row.check_row is None and row.rows is not None else "counting"
    return Progress(state=state, counted=counted, rows=row.rows, version=row.version)


_NOTHING = Preview((), (), {})


def _preview(
    session: Session, row: Import, vocabulary: Vocabulary, reading: Reading, headings: Sequence[str],
    rows: Sequence[Row], fields: Mapping[int, str], *, now: datetime,
) -> Preview:  # fmt: skip
    columns: Columns = vocabulary.read(headings, fields)
    cells = [RowCells(each, columns) for each in rows]
    ordered = [meaning for _, meaning in sorted(fields.items())]
    if row.kind == "stores":
        return preview.of_stores(cells, ordered, StoreReader(columns, book(session), reading.system))
    deciding = Deciding(session, campaign_id=row.campaign_id, reading=reading, now=now)
    return preview.of_signups(cells, ordered, deciding)


def _columns(
    kind: str, headings: Sequence[str], rows: Sequence[Row], fields: Mapping[int, str], reading: Reading, seen: Preview
) -> list[ColumnLine]:
    lines = []
    for i, heading in enumerate(headings):
        values = [as_text(row.cells[i]).strip() for row in rows if i < len(row.cells)]
        first = next((value for value in values if value), "")
        meaning, added = fields.get(i, ""), plain(heading) in ADDED
        odd = seen.odd.get(meaning, 0) if meaning else 0
        lines.append(
            ColumnLine(
                number=i,
                heading=heading,
                first=masking.shown(kind, meaning, first),
                meaning=meaning,
                ask=_ask(i, meaning, first, reading, odd) if not added else "",
                odd=odd,
                added=added,
            )
        )
    return lines


def _ask(i: int, meaning: str, first: str, reading: Reading, odd: int) -> str:
    if i in reading.guessed and meaning == "phone":
        return "guessed"
    if odd:
        return "odd"
    return "left" if first and not meaning and not reading.remembered else ""


def _line(kind: str, row: Row, heading_row: int, fields: Mapping[int, str]) -> str:
    """A row in short, so that somebody can tell whether it is the heading; below one stand people."""
    texts = [
        masking.shown(kind, "phone" if _is_value(text) else fields.get(i, "") if row.number > heading_row else "", text)
        for i, text in enumerate(map(as_text, row.cells))
    ]
    return " · ".join(text.strip()[:16] for text in texts if text.strip())[:80]


def _is_value(text: str) -> bool:
    return sum(sign.isdigit() for sign in text) > 5
