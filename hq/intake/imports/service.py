"""Reading an import in the background: a chunk of rows and the cursor behind it in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row as Record
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from hq.intake.imports.cursor import OpenFiles
from hq.intake.imports.files import ImportFiles
from hq.intake.imports.grid import Row
from hq.intake.imports.lists import OpenList, open_list
from hq.intake.imports.models import Import, ImportReject
from hq.intake.imports.signup_chunks import store_signups
from hq.intake.imports.signup_rows import RejectedRow
from hq.intake.imports.store_chunks import store_stores
from hq.intake.imports.store_rows import StoreReader, StoreRow
from hq.intake.imports.tally import Tally
from shared.signups.rows import Sealer

CHUNK = 1_000  # rows per transaction


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
    open_files: OpenFiles[_Line] = field(default_factory=OpenFiles)


def read_chunk(session: Session, job: Record[tuple[object, ...]], reader: Reader, *, now: datetime) -> None:
    """Write the next rows of an import and move its cursor behind them.

    Args:
        job: columns of `imports`, locked by this transaction.
    """
    chunk = reader.open_files.take(job.import_id, job.next_row, CHUNK, lambda: _lines(job, reader))
    lines = chunk.items
    if job.kind == "signups":
        tally = _signups(session, job, lines, reader, now)
    else:
        outcomes = (line.store for line in lines if line.store is not None)
        tally = store_stores(
            session, outcomes, import_id=job.import_id, blind_key=reader.blind_key, files=reader.files, now=now
        )
    session.execute(
        update(Import)
        .where(Import.import_id == job.import_id)
        .values(
            state="done" if chunk.last else "running",
            next_row=chunk.next_row,
            accepted=Import.accepted + tally.accepted,
            repaired=Import.repaired + tally.repaired,
            rejected=Import.rejected + tally.rejected,
            notes=tally.added_to(job.notes),
            started_at=job.started_at or now,
            finished_at=now if chunk.last else None,
        )
        .execution_options(synchronize_session=False)
    )


def _signups(
    session: Session, job: Record[tuple[object, ...]], lines: list[_Line], reader: Reader, now: datetime
) -> Tally:
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


def _lines(job: Record[tuple[object, ...]], reader: Reader) -> Iterator[tuple[int, _Line]]:
    opened = open_list(job.kind, reader.files.get(job.import_id, job.file_key), job.file_name)
    stores = StoreReader(opened.columns) if job.kind == "stores" else None
    return ((row.number, _Line(row, opened, stores.read(row) if stores else None)) for row in opened.rows())


def purge(session: Session, import_id: UUID, file_key: str, files: ImportFiles) -> None:
    """Remove the file and the rejected rows for good; what was counted stays."""
    session.execute(delete(ImportReject).where(ImportReject.import_id == import_id))
    session.execute(update(Import).where(Import.import_id == import_id).values(file_key=None))
    files.delete(file_key)
