"""The population table in force, and those that are looked at."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.network.population.models import PopulationDraft
from shared.platform.errors import Missing
from shared.population.models import PopulationTable

_NONE = "none"


def in_force(session: Session) -> PopulationTable | None:
    """The table in force, if there is one."""
    return session.scalars(select(PopulationTable).execution_options(populate_existing=True)).one_or_none()


def token(table: PopulationTable | None) -> str:
    """What a page says it has seen."""
    return _NONE if table is None else str(table.table_id)


def draft(session: Session, draft_id: UUID, *, lock: bool = False) -> PopulationDraft:
    """An upload that was not taken over yet.

    Raises:
        Missing: there is none (any more).
    """
    chosen = select(PopulationDraft).where(PopulationDraft.draft_id == draft_id)
    if lock:
        chosen = chosen.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(chosen).one_or_none()
    if found is None:
        raise Missing(what="population")
    return found
