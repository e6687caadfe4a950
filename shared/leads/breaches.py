"""Deadlines that passed: written down once each, with the moment that they were due."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.db.batch import Rows


class Missed(NamedTuple):
    """A deadline that a store missed. `kind`: claim, contact or follow_up."""

    dealer_id: UUID
    assignment_id: UUID
    kind: str
    due_at: datetime
    store_id: UUID


_ROWS = Rows(
    {"dealer_id": "uuid", "assignment_id": "uuid", "kind": "text", "due_at": "timestamptz", "store_id": "uuid"}
)
_RECORD = text(
    f"""
    INSERT INTO breaches ({_ROWS.names}, recorded_at) SELECT {_ROWS.names}, :now FROM {_ROWS.source}
    ORDER BY dealer_id, assignment_id, kind, due_at ON CONFLICT DO NOTHING
    """  # noqa: S608 (names of this module)
)


def record(session: Session, missed: Iterable[Missed], *, now: datetime) -> None:
    """Write down missed deadlines; one statement, none without any. The assignments are locked."""
    rows = list(missed)
    if rows:
        session.execute(_RECORD, {**_ROWS.parameters(rows), "now": now})
