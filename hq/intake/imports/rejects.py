"""Rows that were not accepted: kept sealed, with their reasons, until the purge date."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.intake.imports.files import ImportFiles
from hq.intake.imports.signup_rows import RejectedRow

_INSERT = text(
    """
    INSERT INTO import_rejects (import_id, row, reason, sealed)
    SELECT :import_id, row, reason::jsonb, sealed
    FROM unnest(CAST(:rows AS integer[]), CAST(:reasons AS text[]), CAST(:sealed AS bytea[])) AS t (row, reason, sealed)
    """
)


def keep(session: Session, import_id: UUID, rejected: Sequence[RejectedRow], files: ImportFiles) -> None:
    """Store rejected rows, in one statement."""
    if not rejected:
        return
    reasons = [json.dumps({"code": row.reason, "params": dict(row.params)}, ensure_ascii=False) for row in rejected]
    sealed = [files.seal_row(import_id, row.row, row.cells) for row in rejected]
    values = {"import_id": import_id, "rows": [row.row for row in rejected], "reasons": reasons, "sealed": sealed}
    session.execute(_INSERT, values)
