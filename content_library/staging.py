"""Files that authors uploaded before they save: looked into once, kept for a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import SEEK_SET
from typing import BinaryIO, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from content_library import movies, pictures
from content_library.models import StagedFile
from shared.identity.actor import Actor
from shared.platform.ids import NIL, new_id
from shared.platform.storage import Storage

KEPT: Final = timedelta(days=1)
_SWEPT_AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A stored file with what it turned out to be; sizes in px, bytes and seconds."""

    key: str
    media_type: str
    width: int | None = None
    height: int | None = None
    seconds: int | None = None
    size: int = 0


def keep_picture(storage: Storage, content: bytes, *, now: datetime) -> File:
    """Store a picture that can be used.

    Raises:
        BadPicture: it cannot.
    """
    found = pictures.examine(content)
    # The name carries chance, so that a saving that fails afterwards cannot replace a picture in use.
    key = f"content/{new_id(now)}.{found.ending}"
    storage.put(key, content)
    return File(key=key, media_type=found.media_type, width=found.width, height=found.height, size=len(content))


def keep_video(storage: Storage, content: BinaryIO, *, now: datetime) -> File:
    """Store a video that can be used.

    Raises:
        BadVideo: it cannot.
    """
    found = movies.examine(content)
    key = f"content/{new_id(now)}.mp4"
    content.seek(0, SEEK_SET)
    storage.put_from(key, content)
    return File(key=key, media_type=movies.MEDIA_TYPE, seconds=found.seconds, size=found.size)


def stage(session: Session, file: File, *, use: str, actor: Actor, now: datetime) -> UUID:
    """Remember a file until its author saves.

    Args:
        use: picture or video.
    """
    row = StagedFile(
        file_id=new_id(now),
        use=use,
        key=file.key,
        media_type=file.media_type,
        width=file.width,
        height=file.height,
        seconds=file.seconds,
        size=file.size,
        user_id=actor.user_id or NIL,
        at=now,
    )
    session.add(row)
    session.flush()  # whoever staged it may take it in the same transaction
    return row.file_id


def staged(session: Session, file_id: UUID | None, *, use: str, actor: Actor) -> File | None:
    """A file that this person uploaded and has not saved; None when there is none (any more)."""
    if file_id is None:
        return None
    row = session.scalars(
        select(StagedFile).where(
            StagedFile.file_id == file_id, StagedFile.use == use, StagedFile.user_id == (actor.user_id or NIL)
        )
    ).first()
    return _file(row) if row is not None else None


def take(session: Session, file_ids: Sequence[UUID]) -> None:
    """The files belong to a version now: no sweeping any more."""
    if file_ids:
        session.execute(delete(StagedFile).where(StagedFile.file_id.in_(file_ids)))


def sweep(session: Session, *, now: datetime) -> list[str]:
    """Forget files that nobody saved within a day.

    Returns:
        their keys, to delete from the storage.
    """
    old = select(StagedFile.file_id).where(StagedFile.at < now - KEPT).order_by(StagedFile.at).limit(_SWEPT_AT_ONCE)
    rows = session.execute(delete(StagedFile).where(StagedFile.file_id.in_(old)).returning(StagedFile.key)).scalars()
    return list(rows)


def _file(row: StagedFile) -> File:
    return File(
        key=row.key,
        media_type=row.media_type,
        width=row.width,
        height=row.height,
        seconds=row.seconds,
        size=row.size,
    )
