"""Where sign-ups become rows in bulk. (One at a time, from the API and the page: `shared.signups.acceptance`.)"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.db.accept_signup import FACTS
from shared.platform.ids import new_id
from shared.signups.rows import PAYLOAD_KEPT, Sealer
from shared.signups.submission import ImportedRow

# column of `signups` → its type; the values of a batch travel as one array per column.
_FROM_SUBMISSION = {"signup_id": "uuid", **FACTS}
_FROM_FILE = {
    "campaign_id": "uuid",
    "import_row": "integer",
    "external_id": "text",
    "occurred_at": "timestamptz",
    "marketing_text_id": "uuid",
    "share_text_id": "uuid",
}
_SENT = {**_FROM_SUBMISSION, **_FROM_FILE, "sealed": "bytea"}
_COLUMNS = ", ".join((*_FROM_SUBMISSION, *_FROM_FILE))
# bytea and jsonb have no array literal that psycopg writes by itself: the cast says what the list holds.
_ARRAYS = ", ".join(f"CAST(:{name} AS {'text' if kind == 'jsonb' else kind}[])" for name, kind in _SENT.items())
_VALUES = ", ".join(f"{name}::jsonb" if kind == "jsonb" else name for name, kind in _SENT.items() if name != "sealed")
_INSERT_MANY = text(
    f"""
    WITH sent AS MATERIALIZED (SELECT * FROM unnest({_ARRAYS}) AS t ({", ".join(_SENT)})),
    payload AS (
        INSERT INTO signup_payloads (signup_id, sealed, purge_at) SELECT signup_id, sealed, :purge_at FROM sent
    )
    INSERT INTO signups ({_COLUMNS}, source, import_id, accepted_at, state, runs)
    SELECT {_VALUES}, 'import', :import_id, :now, 'received', 0 FROM sent
    """  # noqa: S608 (column names from this module)
)


def insert_many(
    session: Session, rows: Sequence[ImportedRow], *, import_id: UUID, sealer: Sealer, now: datetime
) -> list[UUID]:
    """Store usable rows of a spreadsheet as received sign-ups, in one statement; give at most 1,000.

    Returns:
        the new ids, in the order of `rows`.
    """
    if not rows:
        return []
    # The counter before the random bytes keeps the order of the file among ids of one moment.
    ids = (new_id(now, number.to_bytes(2, "big") + os.urandom(8)) for number in range(len(rows)))
    sealed = [sealer.row(signup_id, row.submission) for signup_id, row in zip(ids, rows, strict=True)]
    arrays: dict[str, object] = {name: [getattr(row, name) for row in sealed] for name in (*_FROM_SUBMISSION, "sealed")}
    arrays |= _file_columns(rows, now)
    session.execute(_INSERT_MANY, {**arrays, "import_id": import_id, "now": now, "purge_at": now + PAYLOAD_KEPT})
    return [row.signup_id for row in sealed]


def _file_columns(rows: Sequence[ImportedRow], now: datetime) -> dict[str, object]:
    return {
        "campaign_id": [row.campaign_id for row in rows],
        "import_row": [row.row for row in rows],
        "external_id": [row.external_id for row in rows],
        "occurred_at": [row.submission.occurred_at or now for row in rows],
        "marketing_text_id": [row.marketing_text_id for row in rows],
        "share_text_id": [row.share_text_id for row in rows],
    }
