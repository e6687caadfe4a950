"""Lines of a lead's story at headquarters, written many at a time."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.db.batch import Rows
from shared.platform.ids import new_id

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
    rows = [(_next_id(now), event.lead_id, event.kind, dict(event.details), actor, now) for event in events]
    if rows:
        session.execute(_INSERT, _ROWS.parameters(rows))


_told = itertools.count()


def _next_id(now: datetime) -> UUID:
    """An id that sorts after the one before it, also within one moment: all lines of a transaction have its time.

    The counter fills the bits of a UUIDv7 after the time: 12, then (past the two bits of the variant) 14 more.
    """
    number = next(_told) & 0x3FFFFFF
    chance = number >> 14 << 64 | (number & 0x3FFF) << 48 | int.from_bytes(os.urandom(6), "big")
    return new_id(now, chance.to_bytes(10, "big"))
