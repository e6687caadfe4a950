"""Telling stores something, many at a time; the same thing only once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.db.batch import Rows
from shared.platform.ids import next_id

_ROWS = Rows(
    {
        "dealer_id": "uuid",
        "notification_id": "uuid",
        "store_id": "uuid",
        "kind": "text",
        "details": "jsonb",
        "idempotency_key": "text",
        "at": "timestamptz",
    }
)
_INSERT = text(
    f"INSERT INTO notifications ({_ROWS.names}) SELECT {_ROWS.names} FROM {_ROWS.source}"  # noqa: S608 (names)
    " ORDER BY dealer_id, idempotency_key ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something for everybody at a store about one assignment. `details` never holds personal data."""

    kind: str  # offered, taken, recalled, expired, recycled, strengthened
    dealer_id: UUID
    store_id: UUID
    assignment_id: UUID
    details: Mapping[str, Any] = field(default_factory=dict)
    occasion: str = ""  # tells apart what may happen to one assignment more than once


def notify(session: Session, notices: Iterable[Notice], *, now: datetime) -> None:
    """Tell stores; one statement, none when there is nothing to tell. Not for the dealer's role."""
    rows = [
        (
            each.dealer_id,
            next_id(now),
            each.store_id,
            each.kind,
            {"assignment_id": str(each.assignment_id), **each.details},
            f"{each.kind}:{each.assignment_id}{each.occasion}",
            now,
        )
        for each in notices
    ]
    if rows:
        session.execute(_INSERT, _ROWS.parameters(rows))
