"""Lines of a lead's story at headquarters, written many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.db.batch import Rows
from shared.db.sending import send
from shared.platform.ids import next_id

SYSTEM = "system"

_ROWS = Rows(
    {"event_id": "uuid", "lead_id": "uuid", "kind": "text", "details": "jsonb", "actor": "text", "at": "timestamptz"}
)
_INSERT = text(f"INSERT INTO lead_events ({_ROWS.names}) SELECT {_ROWS.names} FROM {_ROWS.source}")  # noqa: S608 (names)


@dataclass(frozen=True, slots=True)
class Event:
    """One line: what happened to a lead. `details` are codes and figures, never personal data."""

    lead_id: UUID
    kind: str
    details: Mapping[str, Any] = field(default_factory=dict)


def tell(session: Session, events: Iterable[Event], *, now: datetime, actor: str = SYSTEM) -> None:
    """Append lines to the stories of leads, in order; one statement, none when there is nothing to tell."""
    rows = [(next_id(now), event.lead_id, event.kind, dict(event.details), actor, now) for event in events]
    if rows:
        send(session, _INSERT, _ROWS.parameters(rows))
