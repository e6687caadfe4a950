"""Uploaded spreadsheets and the rows that could not be used."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of

IMPORT_KINDS = ("signups", "stores")
IMPORT_STATES = ("waiting", "running", "done", "refused")


class Import(Base):
    """One uploaded file; `next_row` is the cursor, moved in the transaction that stores the rows before it."""

    __tablename__ = "imports"
    __table_args__ = (
        one_of("kind", IMPORT_KINDS),
        one_of("state", IMPORT_STATES),
        Index("ix_imports_due", "uploaded_at", postgresql_where=text("state IN ('waiting', 'running')")),
        Index("ix_imports_uploaded", "uploaded_at", "import_id"),
        Index("ix_imports_sha256", "sha256"),
    )

    import_id: Mapped[Key]
    kind: Mapped[str]
    state: Mapped[str]
    file_name: Mapped[str]
    file_key: Mapped[str | None]  # in the storage, sealed; NULL after the purge
    sha256: Mapped[bytes]
    size: Mapped[int]  # bytes
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaigns.campaign_id"))
    next_row: Mapped[int]
    rows: Mapped[int | None]  # data rows of the file, known once it was opened
    accepted: Mapped[int]
    repaired: Mapped[int]  # of the accepted
    rejected: Mapped[int]
    notes: Mapped[list[Any]]  # [{"code", params}] about the file as a whole, and counts per reason
    refusal: Mapped[dict[str, Any] | None]  # {"code", params}: why the file was not read at all
    uploaded_by: Mapped[UUID | None]
    uploaded_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    purge_at: Mapped[datetime]
    aside_at: Mapped[datetime | None]


class ImportReject(Base):
    """A row that was not accepted, sealed, with the reason."""

    __tablename__ = "import_rejects"

    import_id: Mapped[Key] = mapped_column(ForeignKey("imports.import_id"))
    row: Mapped[int] = mapped_column(primary_key=True)  # as the person sees it in the file
    reason: Mapped[dict[str, Any]]  # {"code", params}
    sealed: Mapped[bytes]  # JSON list of the cells
