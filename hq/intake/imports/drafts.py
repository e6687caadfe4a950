"""What a person does with an upload before, while and after it is imported: map, start, stop, go on, give up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hq.intake.imports import checking, sample
from hq.intake.imports.columns import VOCABULARIES
from hq.intake.imports.files import ImportFiles
from hq.intake.imports.models import Import, ImportMapping, ImportSample
from hq.intake.imports.reading import Reading, doubts_of, fingerprint
from hq.intake.imports.upload import CHECK, DRAIN, twin_of
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.platform.errors import Conflict, Invalid, Missing
from shared.work.doorbell import ring_after_commit


class ChangedMeanwhile(Conflict):
    """Somebody else changed how the file is read; `by` and `at` say who and when. Nothing was overwritten."""

    code = "import_changed"


class NotNow(Conflict):
    """The import is not in a state for this; `state` says in which."""

    code = "import_not_now"


class NotReady(Conflict):
    """It cannot start: `why` is `unmapped`, `unchecked`, `nothing` (no row would be taken) or `twin`."""

    code = "import_not_ready"

    def __init__(self, why: str, **params: object) -> None:
        super().__init__(reason=why, **params)


class TwoColumns(Invalid):
    """Two columns have one meaning; `fields` are the meanings."""

    code = "import_two_columns"


def change_reading(
    session: Session, *, import_id: UUID, seen: int, wanted: Reading, files: ImportFiles, actor: Actor, now: datetime
) -> Import:
    """Read the file in another way, and count anew what would become of its rows.

    Another sheet or heading is guessed afresh; of the same one the columns are taken as given.

    Args:
        seen: version of the reading that the person looked at.

    Raises:
        Missing, NotNow: there is nothing to map.
        ChangedMeanwhile: somebody was faster.
        TwoColumns: two columns have one meaning.
        Refused: the sheet holds no list.
    """
    row = lock(session, import_id, "mapping")
    _refuse_older(row, seen)
    before = Reading.from_json(row.reading)
    if (wanted.sheet, wanted.heading_row) != (before.sheet, before.heading_row):
        taken = sample.from_bytes(open_sample(session, row.import_id, files))
        wanted = checking.first_reading(session, row, taken, replace(wanted, fields=None))  # type: ignore[arg-type]
    elif (wanted.fields, wanted.claim, wanted.system) == (before.fields, before.claim, before.system):
        return row
    elif twice := doubts_of(wanted.fields or {}, ()).twice:
        raise TwoColumns(fields=list(twice))
    row.reading = replace(wanted, changed={"by": actor.name, "at": now.isoformat()}).as_json()
    row.version += 1
    for name, value in checking.unchecked(row.kind, wanted).items():
        setattr(row, name, value)
    audit.record(session, actor, "import:map", import_id, at=now, version=row.version)
    ring_after_commit(session, CHECK)
    return row


def start(
    session: Session, *, import_id: UUID, seen: int, again: bool, remember: bool, files: ImportFiles, actor: Actor,
    now: datetime,
) -> Import:  # fmt: skip
    """Import what was checked; asking twice starts it once.

    Args:
        again: although the same file was imported before.
        remember: read the next file with the same headings in the same way.

    Raises:
        Missing, NotNow, ChangedMeanwhile: as `change_reading`.
        NotReady: a needed column is missing, the rows are not counted yet, none would be taken, or a twin.
    """
    row = lock(session, import_id, "mapping", "waiting", "running", "done")
    if row.state != "mapping":
        return row  # the second press of one button
    _refuse_older(row, seen)
    reading = Reading.from_json(row.reading)
    _refuse_unready(session, row, reading, again=again)
    if remember:
        _remember(session, row, reading, files, actor, now)
    row.state = "waiting"
    audit.record(session, actor, "import:start", import_id, at=now, rows=row.rows)
    ring_after_commit(session, DRAIN)
    return row


def give_up(session: Session, *, import_id: UUID, files: ImportFiles, actor: Actor, now: datetime) -> None:
    """Throw away an upload of which nothing was written; its file goes at once.

    Raises:
        Missing, NotNow: there is none.
    """
    row = lock(session, import_id, "looking", "mapping")
    row.state, row.check_row, row.finished_at = "dropped", None, now
    session.execute(delete(ImportSample).where(ImportSample.import_id == import_id))
    if row.file_key is not None:
        files.delete(row.file_key)
        row.file_key = None
    audit.record(session, actor, "import:drop", import_id, at=now)


def stop(session: Session, *, import_id: UUID, actor: Actor, now: datetime) -> Import:
    """End an import that runs, between two chunks; what was taken stays until it is undone.

    Raises:
        Missing, NotNow: it does not run (any more).
    """
    row = lock(session, import_id, "waiting", "running", "cancelled")
    if row.state != "cancelled":
        row.state, row.finished_at = "cancelled", now
        audit.record(session, actor, "import:stop", import_id, at=now, read=row.accepted + row.rejected + row.skipped)
    return row


def go_on(session: Session, *, import_id: UUID, actor: Actor, now: datetime) -> Import:
    """Read the rest of an import that was stopped.

    Raises:
        Missing, NotNow: it was not stopped, or its file is gone.
    """
    row = lock(session, import_id, "cancelled", "waiting", "running")
    if row.file_key is None:
        raise NotNow(state="purged")
    if row.state == "cancelled":
        row.state, row.finished_at = "waiting", None
        audit.record(session, actor, "import:go_on", import_id, at=now)
        ring_after_commit(session, DRAIN)
    return row


def open_sample(session: Session, import_id: UUID, files: ImportFiles) -> bytes:
    """The first rows of an upload.

    Raises:
        Missing: they are gone.
    """
    sealed = session.scalar(select(ImportSample.sealed).where(ImportSample.import_id == import_id))
    if sealed is None:
        raise Missing(what="sample")
    return files.open_sample(import_id, sealed)


def lock(session: Session, import_id: UUID, *states: str) -> Import:
    """An import in one of these states, locked.

    Raises:
        Missing: no such import. NotNow: it is in another state.
    """
    row = session.scalars(
        select(Import)
        .where(Import.import_id == import_id)
        .with_for_update()
        .execution_options(populate_existing=True)  # what was read before the lock may be stale
    ).one_or_none()
    if row is None:
        raise Missing(what="import")
    if row.state not in states:
        raise NotNow(state=row.state)
    return row


def _refuse_older(row: Import, seen: int) -> None:
    if row.version != seen:
        changed: Mapping[str, str] = Reading.from_json(row.reading).changed or {}
        at = changed.get("at")
        raise ChangedMeanwhile(by=changed.get("by", "…"), at=datetime.fromisoformat(at) if at else "")


def _refuse_unready(session: Session, row: Import, reading: Reading, *, again: bool) -> None:
    if doubts_of(reading.fields or {}, VOCABULARIES[row.kind].needs):
        raise NotReady("unmapped")
    if row.check_row is not None or row.checked is None or row.rows is None or row.checked.get("refused"):
        raise NotReady("unchecked")
    if not row.checked["accepted"]:
        raise NotReady("nothing")
    twin = None if again else twin_of(session, row)
    if twin is not None:
        raise NotReady("twin", file_name=twin.file_name, at=twin.uploaded_at)


def _remember(session: Session, row: Import, reading: Reading, files: ImportFiles, actor: Actor, now: datetime) -> None:
    taken = sample.from_bytes(open_sample(session, row.import_id, files))
    shown = sample.sheet_of(taken, reading.sheet, reading.heading_row, VOCABULARIES[row.kind].knows)
    values = {"fields": reading.as_json()["fields"], "by": actor.name, "at": now}
    kept = insert(ImportMapping).values(kind=row.kind, fingerprint=fingerprint(shown.headings), **values)
    session.execute(kept.on_conflict_do_update(index_elements=["kind", "fingerprint"], set_=values))
