"""Taking in a file: sealed and stored. Workers open it, so that what is in it never meets the web's processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import PurePath
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from hq.intake.imports.files import KEPT, ImportFiles
from hq.intake.imports.models import Import
from shared.audit import service as audit
from shared.contacts.hiding import without_phones
from shared.identity.actor import Actor
from shared.platform.errors import Conflict
from shared.platform.ids import new_id
from shared.work.doorbell import ring_after_commit

DRAIN = "hq.imports"
CHECK = "hq.check_imports"
UNDO = "hq.undo_imports"
_DRAFTS = ("looking", "mapping")
#: The same file once more is no double where the first was given up or undone.
_FORGOTTEN = ("refused", "dropped", "undoing", "undone")
_LONGEST_NAME = 200  # characters


class AlreadyImported(Conflict):
    """The same file was imported before; `file_name` and `at` say which, `import_id` where it is."""

    code = "already_imported"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Upload:
    """A file as a person sends it.

    Attributes:
        kind: `signups` or `stores`.
        campaign_id: where the rows of sign-ups go that name no campaign themselves.
        again: import it although the same file was imported before.
        continues: the import whose rejected rows are in it, corrected; its rows are not taken twice.
    """

    kind: str
    file_name: str
    content: bytes
    campaign_id: UUID | None = None
    again: bool = False
    continues: UUID | None = None


@dataclass(frozen=True, slots=True)
class Twin:
    """An import of the very same file."""

    import_id: UUID
    file_name: str
    uploaded_at: datetime
    state: str


def take_in(session: Session, *, upload: Upload, files: ImportFiles, actor: Actor, now: datetime) -> Import:
    """Keep the file for the drain, unopened; it is imported as the names of its columns say, without asking.

    Raises:
        AlreadyImported: unless asked to import it again.
    """
    digest = sha256(upload.content).digest()
    twin = None if upload.again else _twin_alone(session, upload, digest)
    if twin is not None:
        raise AlreadyImported(file_name=twin.file_name, at=twin.uploaded_at, import_id=str(twin.import_id))
    return _keep(session, upload, digest, "waiting", files, actor, now)


def lay_down(session: Session, *, upload: Upload, files: ImportFiles, actor: Actor, now: datetime) -> UUID:
    """Keep the file to be looked at; nothing is imported before somebody says so.

    Returns:
        the new import, or the one that this very file is being prepared as already.
    """
    digest = sha256(upload.content).digest()
    twin = _twin_alone(session, upload, digest)
    if twin is not None and twin.state in _DRAFTS:
        return twin.import_id
    return _keep(session, upload, digest, "looking", files, actor, now).import_id


def twin_of(session: Session, row: Import) -> Twin | None:
    """The latest other import of the same file for the same campaign that took rows in."""
    taken = _same_file(row.kind, row.sha256, row.campaign_id)
    found = session.execute(
        taken.where(Import.import_id != row.import_id, Import.state.not_in(_DRAFTS)).limit(1)
    ).one_or_none()
    return None if found is None else Twin(*found)


def _twin_alone(session: Session, upload: Upload, digest: bytes) -> Twin | None:
    # a double click sends the file twice at once; the second waits here until the first is committed
    session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(digest[:8], "big", signed=True))))
    found = session.execute(
        _same_file(upload.kind, digest, upload.campaign_id)
        .where(Import.continues.is_not_distinct_from(upload.continues))
        .limit(1)
    ).one_or_none()
    return None if found is None else Twin(*found)


def _same_file(kind: str, digest: bytes, campaign_id: UUID | None) -> Select[Any]:
    columns: list[Any] = [Import.import_id, Import.file_name, Import.uploaded_at, Import.state]
    return (
        select(*columns)
        .where(
            Import.sha256 == digest,
            Import.kind == kind,
            Import.campaign_id.is_not_distinct_from(campaign_id),
            Import.state.not_in(_FORGOTTEN),
        )
        .order_by(Import.state.in_(_DRAFTS).desc(), Import.uploaded_at.desc())
    )


def _keep(
    session: Session, upload: Upload, digest: bytes, state: str, files: ImportFiles, actor: Actor, now: datetime
) -> Import:
    made = _row(upload, digest, state, actor, now)
    made.file_key = files.put(made.import_id, upload.content)
    session.add(made)
    audit.record(session, actor, "import:upload", made.import_id, at=now, kind=made.kind, size=made.size)
    ring_after_commit(session, CHECK if state == "looking" else DRAIN)
    return made


def _row(upload: Upload, digest: bytes, state: str, actor: Actor, now: datetime) -> Import:
    return Import(
        import_id=new_id(now),
        kind=upload.kind,
        state=state,
        file_name=plain_name(upload.file_name),
        file_key=None,
        sha256=digest,
        size=len(upload.content),
        campaign_id=upload.campaign_id,
        next_row=0,
        rows=None,
        accepted=0,
        repaired=0,
        rejected=0,
        skipped=0,
        continues=upload.continues,
        version=1,
        reading=None,
        check_row=None,
        checked=None,
        undo=None,
        undo_after=None,
        notes=[],
        refusal=None,
        uploaded_by=actor.user_id,
        uploaded_at=now,
        started_at=None,
        finished_at=None,
        purge_at=now + KEPT,
        aside_at=None,
    )


def plain_name(sent: str) -> str:
    """The name to show and to give back: without folders, signs that no header may hold, and phone numbers."""
    name = PurePath(sent.replace("\\", "/")).name
    return without_phones("".join(sign if sign.isprintable() else " " for sign in name))[-_LONGEST_NAME:]
