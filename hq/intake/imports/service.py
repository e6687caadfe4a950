"""Reading an import in the background: looked through first, then a chunk and the cursor behind it at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Row as Record
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from hq.intake.imports.cells import RowCells
from hq.intake.imports.cursor import Chunk, OpenFiles
from hq.intake.imports.files import ImportFiles
from hq.intake.imports.grid import Note, Refused
from hq.intake.imports.lists import OpenList, Survey, open_list
from hq.intake.imports.models import Import, ImportReject, ImportSample
from hq.intake.imports.reading import Reading
from hq.intake.imports.signup_chunks import store_signups
from hq.intake.imports.signup_rows import RejectedRow
from hq.intake.imports.store_chunks import store_stores
from hq.intake.imports.store_rows import StoreReader, StoreRow
from hq.intake.imports.tally import Tally
from shared.dealers.series import SeriesBook, book
from shared.signups.rows import Sealer

CHUNK = 1_000  # rows per transaction
_ENDED = ("done", "cancelled", "dropped", "undoing", "undone")
Job: TypeAlias = Record[Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file, and what it is in a dealer list (where a row depends on those before it)."""

    cells: RowCells
    store: StoreRow | RejectedRow | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Reader:
    """What a process needs to read imports, and the file that it has open."""

    files: ImportFiles
    sealer: Sealer
    blind_key: bytes
    rows: OpenFiles[Line] = field(default_factory=OpenFiles)
    lists: dict[Any, OpenList] = field(default_factory=dict)  # at most one, by import and version of its reading

    def open(self, job: Job) -> OpenList:
        """The file of an import; the last one stays open.

        Raises:
            Refused: it is no such list.
        """
        name = (job.import_id, job.version)
        opened = self.lists.get(name)
        if opened is None:
            content = self.files.get(job.import_id, job.file_key)
            opened = open_list(job.kind, content, job.file_name, Reading.from_json(job.reading))
            self.lists.clear()
            self.lists[name] = opened
        return opened

    def take(self, session: Session, job: Job, next_row: int, size: int) -> Chunk[Line]:
        """The next rows of an import, from the file that stays open between two chunks."""
        name = (job.import_id, job.version)
        return self.rows.take(name, next_row, size, lambda: _lines(job, self, book(session)))


def step(session: Session, job: Job, reader: Reader, *, now: datetime) -> None:
    """The next step of an import: look the file through, then chunk after chunk.

    Args:
        job: columns of `imports`, locked by this transaction.
    """
    if job.rows is None:
        _look_through(session, job, reader, now)
    else:
        _read_chunk(session, job, reader, now)


def _look_through(session: Session, job: Job, reader: Reader, now: datetime) -> None:
    try:
        survey = reader.open(job).survey()
    except Refused as refused:
        refuse(session, job, reader.files, refused, now=now)
        return
    change(session, job, state="running", rows=survey.rows, notes=notes_of(survey), started_at=now)


def notes_of(survey: Survey) -> list[dict[str, Any]]:
    """What a file holds, as its import remembers it."""
    headings = Note("headings", {"texts": list(survey.headings)})
    return [{"code": note.code, "params": dict(note.params)} for note in (*survey.notes, headings)]


def refuse(session: Session, job: Job, files: ImportFiles, refused: Refused, *, now: datetime) -> None:
    """Write down why, and do not keep what nobody can use."""
    params = {name: value for name, value in refused.params.items() if name != "reason"}
    refusal = {"code": refused.reason, "params": params}
    change(session, job, state="refused", refusal=refusal, file_key=None, started_at=now, finished_at=now)
    session.execute(delete(ImportSample).where(ImportSample.import_id == job.import_id))
    files.delete(job.file_key)


def _read_chunk(session: Session, job: Job, reader: Reader, now: datetime) -> None:
    chunk = reader.take(session, job, job.next_row, CHUNK)
    if job.kind == "signups":
        tally = _signups(session, job, chunk.items, reader, now)
    else:
        outcomes = (line.store for line in chunk.items if line.store is not None)
        tally = store_stores(
            session, outcomes, import_id=job.import_id, blind_key=reader.blind_key, files=reader.files, now=now
        )
    change(
        session,
        job,
        state="done" if chunk.last else "running",
        next_row=chunk.next_row,
        accepted=Import.accepted + tally.accepted,
        repaired=Import.repaired + tally.repaired,
        rejected=Import.rejected + tally.rejected,
        skipped=Import.skipped + tally.skipped,
        notes=tally.added_to(job.notes),
        started_at=job.started_at or now,
        finished_at=now if chunk.last else None,
    )
    if chunk.last:
        reader.lists.clear()


def change(session: Session, job: Job, **values: object) -> None:
    """Move columns of the import."""
    changed = update(Import).where(Import.import_id == job.import_id).values(**values)
    session.execute(changed.execution_options(synchronize_session=False))


def _signups(session: Session, job: Job, lines: list[Line], reader: Reader, now: datetime) -> Tally:
    if not lines:
        return Tally()
    return store_signups(
        session,
        [line.cells for line in lines],
        import_id=job.import_id,
        continues=job.continues,
        campaign_id=job.campaign_id,
        reading=Reading.from_json(job.reading),
        sealer=reader.sealer,
        blind_key=reader.blind_key,
        files=reader.files,
        now=now,
    )


def _lines(job: Job, reader: Reader, series: SeriesBook) -> Iterator[tuple[int, Line]]:
    opened = reader.open(job)
    system = Reading.from_json(job.reading).system
    stores = StoreReader(opened.columns, series, system) if job.kind == "stores" else None
    for row in opened.rows():
        cells = RowCells(row, opened.columns)
        yield row.number, Line(cells, stores.read_cells(cells) if stores else None)


def purge(session: Session, job: Job, files: ImportFiles) -> None:
    """Remove the file and the rejected rows for good; what was counted stays. One that never ended ends here."""
    session.execute(delete(ImportReject).where(ImportReject.import_id == job.import_id))
    session.execute(delete(ImportSample).where(ImportSample.import_id == job.import_id))
    if job.state in _ENDED:
        change(session, job, file_key=None)
    else:
        refusal = {"code": "purged", "params": {}}
        change(session, job, file_key=None, check_row=None, state="refused", refusal=refusal)
    files.delete(job.file_key)
