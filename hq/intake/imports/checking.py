"""What comes before an import, in the background: a look at the file, and a count of what would become of its rows.

Nothing but the import's own row is written: a check can be run any number of times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hq.intake.imports import masking, sample
from hq.intake.imports.cells import RowCells, as_text
from hq.intake.imports.columns import VOCABULARIES
from hq.intake.imports.counted import Counted
from hq.intake.imports.deciding import Deciding, Usable, taken_before, without
from hq.intake.imports.grid import Grid, Refused
from hq.intake.imports.models import Import, ImportMapping, ImportSample
from hq.intake.imports.reading import Reading, carried_over, doubts_of, fingerprint, guess
from hq.intake.imports.service import Job, Line, Reader, change, notes_of, refuse
from hq.intake.imports.sheet import Sheet, open_tables
from hq.intake.imports.signup_rows import RejectedRow
from hq.intake.imports.store_checks import StoreCheck

CHUNK = 2_000  # rows per transaction


def step(session: Session, job: Job, reader: Reader, *, now: datetime) -> None:
    """The next step: look at the file, count its rows, or decide about a chunk of them.

    Args:
        job: columns of `imports`, locked by this transaction.
    """
    if job.state == "looking":
        _look(session, job, reader, now)
    elif job.rows is None:
        _survey(session, job, reader)
    else:
        _check_chunk(session, job, reader, now)


def _look(session: Session, job: Job, reader: Reader, now: datetime) -> None:
    """Keep the first rows for the mapping page, and guess what the columns mean."""
    try:
        taken = sample.take(open_tables(reader.files.get(job.import_id, job.file_key), job.file_name))
        reading = first_reading(session, job, taken)
    except Refused as refused:
        refuse(session, job, reader.files, refused, now=now)
        return
    sealed = reader.files.seal_sample(job.import_id, sample.to_bytes(taken))
    kept = insert(ImportSample).values(import_id=job.import_id, sealed=sealed)
    session.execute(kept.on_conflict_do_update(index_elements=["import_id"], set_={"sealed": sealed}))
    change(session, job, state="mapping", reading=reading.as_json(), **unchecked(job.kind, reading))


def unchecked(kind: str, reading: Reading) -> dict[str, Any]:
    """The columns of an import whose rows are to be counted (again); not while a needed column is missing."""
    ready = not doubts_of(reading.fields or {}, VOCABULARIES[kind].needs)
    return {"rows": None, "checked": None, "notes": [], "check_row": 0 if ready else None}


def first_reading(session: Session, job: Job, taken: Sequence[Grid], sheet: Reading | None = None) -> Reading:
    """How a file, or another sheet or heading of it, is read until somebody says otherwise.

    As the file that it continues; else as the last one with the same headings; else by the names of its columns.

    Raises:
        Refused: there is no list in it.
    """
    vocabulary, reading = VOCABULARIES[job.kind], sheet or Reading()
    try:
        shown = sample.sheet_of(taken, reading.sheet, reading.heading_row, vocabulary.knows)
    except Refused as refused:
        if refused.reason != "no_heading":
            raise
        reading = replace(reading, heading_row=0)
        shown = sample.sheet_of(taken, reading.sheet, 0, vocabulary.knows)
    rows = list(shown.rows())
    if not rows:
        raise Refused("only_heading", row=shown.heading_row)
    reading = replace(reading, sheet=shown.name or None)
    guessed = guess(vocabulary, shown.headings, rows, reading)
    if job.continues is not None:
        return _as_before(session, job, shown, guessed)
    return _remembered(session, job, shown, guessed)


def _as_before(session: Session, job: Job, shown: Sheet, guessed: Reading) -> Reading:
    row = session.execute(select(Import.reading, Import.notes).where(Import.import_id == job.continues)).one()
    before = Reading.from_json(row.reading)
    headings: list[str] = next((note["params"]["texts"] for note in row.notes if note["code"] == "headings"), [])
    fields = carried_over(headings, before.fields or VOCABULARIES[job.kind].guess(headings), shown.headings)
    if doubts_of(fields, VOCABULARIES[job.kind].needs):
        return guessed
    return Reading(
        sheet=guessed.sheet, heading_row=guessed.heading_row, fields=fields, claim=before.claim, system=before.system
    )


def _remembered(session: Session, job: Job, shown: Sheet, guessed: Reading) -> Reading:
    key = {"kind": job.kind, "fingerprint": fingerprint(shown.headings)}
    known = session.execute(
        select(ImportMapping.fields, ImportMapping.by, ImportMapping.at).filter_by(**key)
    ).one_or_none()
    if known is None:
        return guessed
    stored = {"fields": known.fields, "remembered": {"by": known.by, "at": known.at.isoformat()}}
    return Reading.from_json({**guessed.as_json(), **stored, "guessed": []})


def _survey(session: Session, job: Job, reader: Reader) -> None:
    try:
        survey = reader.open(job).survey()
    except Refused as refused:
        params = {name: value for name, value in refused.params.items() if name != "reason"}
        change(session, job, check_row=None, checked={"refused": {"code": refused.reason, "params": params}})
        return
    change(session, job, rows=survey.rows, notes=notes_of(survey), checked=Counted().as_json())


def _check_chunk(session: Session, job: Job, reader: Reader, now: datetime) -> None:
    chunk = reader.take(session, job, job.check_row, CHUNK)
    counted = Counted.from_json(job.checked)
    if job.kind == "signups":
        _count_signups(session, job, chunk.items, counted, reader, now)
    else:
        _count_stores(session, chunk.items, counted, reader)
    change(session, job, checked=counted.as_json(), check_row=None if chunk.last else chunk.next_row)
    if chunk.last:
        reader.lists.clear()


def _count_signups(
    session: Session, job: Job, lines: Sequence[Line], counted: Counted, reader: Reader, now: datetime
) -> None:
    deciding = Deciding(session, campaign_id=job.campaign_id, reading=Reading.from_json(job.reading), now=now)
    usable: list[Usable] = []
    cells_of: dict[int, RowCells] = {}
    for line in lines:
        found = deciding.decide(line.cells)
        if isinstance(found, RejectedRow):
            _reject(counted, "signups", line.cells, found)
        else:
            usable.append(found)
            cells_of[found.said.row] = line.cells
    imported = [row.imported for row in usable]
    taken = taken_before(session, imported, own=job.import_id, family=job.continues, blind_key=reader.blind_key)
    counted.tally.skipped += len(taken)
    for row in without(usable, taken):
        counted.tally.accept(row.said.repairs, row.said.remarks)
        counted.claims[str(row.imported.share_text_id or "")] += 1
        counted.campaigns[str(row.imported.campaign_id)] += 1
        _examples(counted, "signups", cells_of[row.said.row], row.said.repairs)


def _count_stores(session: Session, lines: Sequence[Line], counted: Counted, reader: Reader) -> None:
    cells_of = {line.cells.row.number: line.cells for line in lines}
    outcomes = [line.store for line in lines if line.store is not None]
    checked = StoreCheck.of(session, outcomes, blind_key=reader.blind_key)
    for gone in checked.rejected:
        _reject(counted, "stores", cells_of[gone.row], gone)
    for row in checked.rows:
        remarks = (*row.remarks, "manager_elsewhere") if row.row in checked.elsewhere else row.remarks
        counted.tally.accept(row.repairs, remarks)
        _examples(counted, "stores", cells_of[row.row], row.repairs)
        for code, params in row.place.doubts:
            counted.misfit({"row": row.row, "store": row.code, "name": row.name, "code": code, "params": dict(params)})
    counted.new += len(checked.rows) - checked.known
    counted.known += checked.known


def _reject(counted: Counted, kind: str, cells: RowCells, rejected: RejectedRow) -> None:
    counted.tally.reject(rejected.reason)
    if counted.wants("reason", rejected.reason):
        counted.example("reason", rejected.reason, rejected.row, _shown(kind, cells, masking.about(rejected.reason)))


def _examples(counted: Counted, kind: str, cells: RowCells, repairs: Iterable[str]) -> None:
    if not repairs:
        return
    for field, code in cells.marks:
        if counted.wants("repair", code):
            counted.example("repair", code, cells.row.number, _shown(kind, cells, field))


def _shown(kind: str, cells: RowCells, field: str) -> str:
    return masking.shown(kind, field, as_text(cells.raw(field))) if field else ""
