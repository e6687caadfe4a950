"""How many people live in each district, where headquarters has said so."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.population.models import DivisionPeople, PopulationTable

_NOBODY: Mapping[str, int] = MappingProxyType({})


def people_by_county(session: Session) -> Mapping[str, int]:
    """People by the code of the county (or of the city or province that has none here); empty without a table.

    One statement, two after a change. Codes without a figure are not in it.
    """
    return PEOPLE.people(session)


class PeopleKeeper:
    """Keeps the last table, so that a page reads it only after a change."""

    def __init__(self) -> None:
        self._seen: UUID | None = None
        self._people = _NOBODY

    def people(self, session: Session) -> Mapping[str, int]:
        """See `people_by_county`."""
        seen = session.scalar(select(PopulationTable.table_id))
        if seen is None:
            return _NOBODY
        if seen != self._seen:
            chosen = select(DivisionPeople.code, DivisionPeople.people).where(DivisionPeople.table_id == seen)
            self._people = MappingProxyType({row.code: row.people for row in session.execute(chosen)})
            self._seen = seen
        return self._people


PEOPLE = PeopleKeeper()
"""Of this process. What it keeps never changes under one id: another table has another id."""
