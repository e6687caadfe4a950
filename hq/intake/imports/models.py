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
IMPORT_STATES = (
    "looking",  # uploaded; a worker opens it
    "mapping",  # somebody says which column is which; a worker counts what would become of the rows
    "waiting",
    "running",
    "done",
    "cancelled",  # stopped while it ran: what was read stays
    "refused",
    "dropped",  # given up before anything was written
    "undoing",
    "undone",
)


class Import(Base):
    """One uploaded file; `next_row` is the cursor, moved in the transaction that stores the rows before it."""

    __tablename__ = "imports"
    __table_args__ = (
        one_of("kind", IMPORT_KINDS),
        one_of("state", IMPORT_STATES),
        Index(
            "ix_imports_due",
            "uploaded_at",
            postgresql_where=text("state IN ('looking', 'mapping', 'waiting', 'running', 'undoing')"),
        ),
        Index("ix_imports_uploaded", "uploaded_at", "import_id"),
        Index("ix_imports_sha256", "sha256"),
        Index("ix_imports_continues", "continues", postgresql_where=text("continues IS NOT NULL")),
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
    skipped: Mapped[int]  # taken already by the import that this one continues
    continues: Mapped[UUID | None] = mapped_column(ForeignKey("imports.import_id"))  # the first of the family
    version: Mapped[int]  # of `reading`; who changes it names the one that was seen
    reading: Mapped[dict[str, Any] | None]  # see `hq.intake.imports.reading`; NULL: as the names of the columns say
    check_row: Mapped[int | None]  # cursor of the check; NULL: nothing to check, or done
    checked: Mapped[dict[str, Any] | None]  # see `hq.intake.imports.check`: what would become of the rows
    undo: Mapped[dict[str, Any] | None]  # who undid it, why, and what that did
    undo_after: Mapped[UUID | None]  # cursor of the undoing
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


class ImportSample(Base):
    """The first rows of every sheet, sealed: what the mapping page shows without opening the file."""

    __tablename__ = "import_samples"

    import_id: Mapped[Key] = mapped_column(ForeignKey("imports.import_id"))
    sealed: Mapped[bytes]


class ImportMapping(Base):
    """Which column was which the last time, by kind and the file's headings."""

    __tablename__ = "import_mappings"
    __table_args__ = (one_of("kind", IMPORT_KINDS),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(primary_key=True)  # SHA-256 of the headings
    fields: Mapped[dict[str, Any]]  # column number (from 0) → meaning; what is not named is not taken
    by: Mapped[str]
    at: Mapped[datetime]


class ImportChange(Base):
    """What a dealer list did to a store, so that it can be undone. `dealer` is not a tenant here: HQ only."""

    __tablename__ = "import_changes"
    __table_args__ = (Index("ix_import_changes_store", "store_id"),)

    import_id: Mapped[Key] = mapped_column(ForeignKey("imports.import_id"))
    store_id: Mapped[Key]
    before: Mapped[dict[str, Any] | None]  # the columns a list writes; NULL: the list brought the store
    after: Mapped[dict[str, Any]]
    closed_at: Mapped[datetime | None]  # by undoing; a list that names the store again opens it
