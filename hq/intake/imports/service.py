"""Reading an import in the background: looked through first, then a chunk and the cursor behind it at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Row as Record
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from hq.intake.imports.cursor import OpenFiles
from hq.intake.imports.files import ImportFiles
from hq.intake.imports.grid import Note, Refused, Row
from hq.intake.imports.lists import OpenList, open_list
from hq.intake.imports.models import Import, ImportReject
from hq.intake.imports.signup_chunks import store_signups
from hq.intake.imports.signup_rows import RejectedRow
from hq.intake.imports.store_chunks import store_stores
from hq.intake.imports.store_rows import StoreReader, StoreRow
from hq.intake.imports.tally import Tally
from shared.signups.rows import Sealer

CHUNK = 1_000  # rows per transaction
Job: TypeAlias = Record[Any]


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the file, and what it is in a dealer list (where a row depends on those before it)."""

    row: Row
    columns: OpenList
    store: StoreRow | RejectedRow | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Reader:
    """What a process needs to read imports, and the file that it has open."""

    files: ImportFiles
    sealer: Sealer
    blind_key: bytes
    rows: OpenFiles[_Line] = field(default_factory=OpenFiles)
    lists: dict[UUID, OpenList] = field(default_factory=dict)  # at most one, by import

    def open(self, job: Job) -> OpenList:
        """The file of an import; the last one stays open.

        Raises:
            Refused: it is no such list.
        """
        opened = self.lists.get(job.import_id)
        if opened is None:
            opened = open_list(job.kind, self.files.get(job.import_id, job.file_key), job.file_name)
            self.lists.clear()
            self.lists[job.import_id] = opened
        return opened


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
        _refuse(session, job, reader, refused, now)
        return
    headings = Note("headings", {"texts": list(survey.headings)})
    notes = [{"code": note.code, "params": dict(note.params)} for note in (*survey.notes, headings)]
    _change(session, job, state="running", rows=survey.rows, notes=notes, started_at=now)


def _refuse(session: Session, job: Job, reader: Reader, refused: Refused, now: datetime) -> None:
    """Write down why, and do not keep what nobody can use."""
    params = {name: value for name, value in refused.params.items() if name != "reason"}
    refusal = {"code": refused.reason, "params": params}
    _change(session, job, state="refused", refusal=refusal, file_key=None, started_at=now, finished_at=now)
    reader.files.delete(job.file_key)


def _read_chunk(session: Session, job: Job, reader: Reader, now: datetime) -> None:
    chunk = reader.rows.take(job.import_id, job.next_row, CHUNK, lambda: _lines(job, reader))
    if job.kind == "signups":
        tally = _signups(session, job, chunk.items, reader, now)
    else:
        outcomes = (line.store for line in chunk.items if line.store is not None)
        tally = store_stores(
            session, outcomes, import_id=job.import_id, blind_key=reader.blind_key, files=reader.files, now=now
        )
    _change(
        session,
        job,
        state="done" if chunk.last else "running",
        next_row=chunk.next_row,
        accepted=Import.accepted + tally.accepted,
        repaired=Import.repaired + tally.repaired,
        rejected=Import.rejected + tally.rejected,
        notes=tally.added_to(job.notes),
        finished_at=now if chunk.last else None,
    )
    if chunk.last:
        reader.lists.clear()


def _change(session: Session, job: Job, **values: object) -> None:
    changed = update(Import).where(Import.import_id == job.import_id).values(**values)
    session.execute(changed.execution_options(synchronize_session=False))


def _signups(session: Session, job: Job, lines: list[_Line], reader: Reader, now: datetime) -> Tally:
    if not lines:
        return Tally()
    return store_signups(
        session,
        [line.row for line in lines],
        lines[0].columns.columns,
        import_id=job.import_id,
        default_campaign=job.campaign_id,
        sealer=reader.sealer,
        files=reader.files,
        now=now,
    )


def _lines(job: Job, reader: Reader) -> Iterator[tuple[int, _Line]]:
    opened = reader.open(job)
    stores = StoreReader(opened.columns) if job.kind == "stores" else None
    return ((row.number, _Line(row, opened, stores.read(row) if stores else None)) for row in opened.rows())


def purge(session: Session, job: Job, files: ImportFiles) -> None:
    """Remove the file and the rejected rows for good; what was counted stays. One that never ended ends here."""
    session.execute(delete(ImportReject).where(ImportReject.import_id == job.import_id))
    if job.state == "done":
        _change(session, job, file_key=None)
    else:
        _change(session, job, file_key=None, state="refused", refusal={"code": "purged", "params": {}})
    files.delete(job.file_key)
