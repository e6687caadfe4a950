"""The people of lately, as a card sees them: facts without persons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped

from shared.db.base import Base, Key


class LatelyPeople(Base):
    """What was known of the latest people when they were decided; the latest row counts, older ones are deleted."""

    __tablename__ = "lately_people"

    lately_id: Mapped[Key]
    taken_at: Mapped[datetime]
    since: Mapped[datetime | None]  # the earliest of the latest people; NULL: there are none
    people: Mapped[int]  # the latest people
    ended: Mapped[int]  # people whose end is known; many of them are none of the latest
    facts: Mapped[dict[str, Any]]  # fact → {"values": each once, "codes": by person the place}
    marks: Mapped[list[Any]]  # by person: is one of the latest (1 or 0), and won 1, lost 0, not known -1
