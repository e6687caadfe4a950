"""Taking in a file: sealed and stored. Workers open it, so that what is in it never meets the web's processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import PurePath
from uuid import UUID

from sqlalchemy import func, select
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
_LONGEST_NAME = 200  # characters


class AlreadyImported(Conflict):
    """The same file was imported before; `file_name` and `at` (ISO) say which, `import_id` where it is."""

    code = "already_imported"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Upload:
    """A file as a person sends it.

    Attributes:
        kind: `signups` or `stores`.
        campaign_id: where the rows of sign-ups go that name no campaign themselves.
        again: import it although the same file was imported before.
    """

    kind: str
    file_name: str
    content: bytes
    campaign_id: UUID | None = None
    again: bool = False


def take_in(session: Session, *, upload: Upload, files: ImportFiles, actor: Actor, now: datetime) -> Import:
    """Keep the file for the drain, unopened.

    Raises:
        AlreadyImported: unless asked to import it again.
    """
    digest = sha256(upload.content).digest()
    if not upload.again:
        _refuse_twin(session, upload, digest)
    made = _row(upload, digest, actor, now)
    made.file_key = files.put(made.import_id, upload.content)
    session.add(made)
    audit.record(session, actor, "import:upload", made.import_id, at=now, kind=made.kind, size=made.size)
    ring_after_commit(session, DRAIN)
    return made


def _refuse_twin(session: Session, upload: Upload, digest: bytes) -> None:
    # a double click sends the file twice at once; the second waits here until the first is committed
    session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(digest[:8], "big", signed=True))))
    twin = session.execute(
        select(Import.import_id, Import.file_name, Import.uploaded_at)
        .where(
            Import.sha256 == digest,
            Import.kind == upload.kind,
            Import.campaign_id.is_not_distinct_from(upload.campaign_id),
            Import.state != "refused",
        )
        .order_by(Import.uploaded_at.desc())
        .limit(1)
    ).one_or_none()
    if twin is not None:
        raise AlreadyImported(file_name=twin.file_name, at=twin.uploaded_at.isoformat(), import_id=str(twin.import_id))


def _row(upload: Upload, digest: bytes, actor: Actor, now: datetime) -> Import:
    return Import(
        import_id=new_id(now),
        kind=upload.kind,
        state="waiting",
        file_name=_file_name(upload.file_name),
        file_key=None,
        sha256=digest,
        size=len(upload.content),
        campaign_id=upload.campaign_id,
        next_row=0,
        rows=None,
        accepted=0,
        repaired=0,
        rejected=0,
        notes=[],
        refusal=None,
        uploaded_by=actor.user_id,
        uploaded_at=now,
        started_at=None,
        finished_at=None,
        purge_at=now + KEPT,
        aside_at=None,
    )


def _file_name(sent: str) -> str:
    """The name to show and to give back: without folders, signs that no header may hold, and phone numbers."""
    name = PurePath(sent.replace("\\", "/")).name
    return without_phones("".join(sign if sign.isprintable() else " " for sign in name))[-_LONGEST_NAME:]
