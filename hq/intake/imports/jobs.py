"""The drains of imports: a look and a check before, one chunk after the other, and the purge of what is too old."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from hq.intake.imports import checking, service, undoing
from hq.intake.imports.files import ImportFiles
from hq.intake.imports.models import Import
from hq.intake.imports.service import Reader
from hq.intake.imports.upload import CHECK, DRAIN, UNDO
from shared.contacts.phone_city import city_of
from shared.platform.settings import WorkerSettings
from shared.signups.rows import Sealer
from shared.work.aside import NOTHING, Aside
from shared.work.drains import Batch, drain
from shared.work.place import settings_of

_PURGED_AT_ONCE = 20
# The file that this process has open between two chunks. Its content never changes, and the cursor is in the row.
_READERS: dict[tuple[str, str], Reader] = {}


def _jobs(*more: Any) -> Select[Any]:
    columns: list[Any] = [
        Import.import_id,
        Import.kind,
        Import.state,
        Import.file_name,
        Import.file_key,
        Import.campaign_id,
        Import.continues,
        Import.version,
        Import.reading,
        Import.next_row,
        Import.rows,
        Import.notes,
        Import.started_at,
        *more,
    ]
    return select(*columns).where(Import.aside_at.is_(None)).order_by(Import.uploaded_at, Import.import_id)


def waiting_imports(_now: datetime) -> Select[Any]:
    """Imports with rows still to read, the oldest first."""
    return _jobs().where(Import.state.in_(("waiting", "running")))


def unchecked_imports(_now: datetime) -> Select[Any]:
    """Uploads to look at, and those whose rows are still to be counted for their mapping."""
    to_check = and_(Import.state == "mapping", Import.check_row.is_not(None))
    return _jobs(Import.check_row, Import.checked).where(or_(Import.state == "looking", to_check))


@drain(DRAIN, due=waiting_imports, key=Import.import_id, since=Import.uploaded_at, batch=1)
def read_imports(session: Session, batch: Batch, now: datetime) -> Aside:
    """Do the next step of an import: look it through, or read a chunk."""
    for job in batch:
        service.step(session, job, _reader(session), now=now)
    return NOTHING


@drain(CHECK, due=unchecked_imports, key=Import.import_id, since=Import.uploaded_at, batch=1)
def check_imports(session: Session, batch: Batch, now: datetime) -> Aside:
    """Do the next step of what comes before an import: look at the file, or count a chunk of its rows."""
    for job in batch:
        checking.step(session, job, _reader(session), now=now)
    return NOTHING


def undoing_imports(_now: datetime) -> Select[Any]:
    """Imports that are being undone, the oldest first."""
    return _jobs(Import.undo, Import.undo_after).where(Import.state == "undoing")


@drain(UNDO, due=undoing_imports, key=Import.import_id, since=Import.uploaded_at, batch=1)
def undo_imports(session: Session, batch: Batch, now: datetime) -> Aside:
    """Undo a batch of an import's sign-ups."""
    for job in batch:
        undoing.step(session, job, now=now)
    return NOTHING


def past_purge(now: datetime) -> Select[Any]:
    """Imports whose file has been kept long enough, also those that were put aside."""
    columns: list[Any] = [Import.import_id, Import.file_key, Import.state]
    return (
        select(*columns)
        .where(Import.file_key.is_not(None), Import.purge_at <= now)
        .order_by(Import.purge_at, Import.import_id)
    )


@drain("hq.purge_imports", due=past_purge, key=Import.import_id, since=Import.purge_at, batch=_PURGED_AT_ONCE)
def purge_imports(session: Session, batch: Batch, _now: datetime) -> Aside:
    """Remove files and rejected rows past their date."""
    for job in batch:
        service.purge(session, job, _reader(session).files)
    return NOTHING


def _reader(session: Session) -> Reader:
    settings = settings_of(session)
    place = (settings.database_url, str(settings.var))
    if place not in _READERS:
        _READERS.clear()
        _READERS[place] = reader_for(settings)
    return _READERS[place]


def reader_for(settings: WorkerSettings) -> Reader:
    """A reader with the installation's keys and files."""
    files = ImportFiles.below(settings.var, settings.keys)
    return Reader(files, Sealer(settings.keys, phone_city=_city_code), settings.keys.blind)


def _city_code(phone: str) -> str | None:
    city = city_of(phone)
    return city.code if city else None
