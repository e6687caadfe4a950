"""What headquarters does with a population table: lay it down, say how it is read, take it over, take it away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from hq.intake.imports.files import ImportFiles
from hq.intake.imports.grid import Refused
from hq.intake.imports.upload import plain_name
from hq.network.population import queries
from hq.network.population.models import PopulationDraft
from hq.network.population.opening import open_table
from hq.network.population.understanding import Understood, understand
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.platform.errors import Conflict, Invalid, Missing
from shared.platform.ids import new_id
from shared.population.models import DivisionPeople, PopulationTable

KEPT = timedelta(days=1)
"""How long an upload waits to be taken over."""
_LOCK = 0x706F_7075  # one table is in force: who brings one waits for who brings another


class Replaced(Conflict):
    """Another table came into force, or it was taken away, since the page was opened."""

    code = "population_replaced"


class NothingRead(Invalid):
    """No row names a district and a figure."""

    code = "population_nothing"


def lay_down(
    session: Session, *, content: bytes, file_name: str, files: ImportFiles, actor: Actor, now: datetime
) -> UUID:
    """Keep a file to be looked at; nothing is in force of it.

    Raises:
        Refused: it is no table.
    """
    opened = open_table(content, file_name)
    if not opened.rows:
        raise Refused("only_heading", row=opened.heading_row)
    chosen, name = opened.guess(), plain_name(file_name)
    draft_id = new_id(now)
    session.add(
        PopulationDraft(
            draft_id=draft_id,
            file_key=files.put(draft_id, content),
            file_name=name,
            columns=dict(chosen),
            unit=opened.unit(chosen),
            source="",
            as_of=opened.year(chosen, name),
            uploaded_by=actor.name,
            uploaded_at=now,
            purge_at=now + KEPT,
            aside_at=None,
        )
    )
    audit.record(session, actor, "population:upload", f"population:{draft_id}", at=now, rows=len(opened.rows))
    return draft_id


def read_as(
    session: Session,
    *,
    draft_id: UUID,
    columns: Mapping[str, int],
    unit: int | None,
    source: str,
    as_of: int | None,
) -> bool:
    """Say how a draft is read and whose it is; whether its figures may be others now.

    Raises:
        Missing: there is no such draft any more.
    """
    draft = queries.draft(session, draft_id, lock=True)
    draft.source, draft.as_of = source, as_of
    if (draft.columns, draft.unit) == (columns, unit):
        return False
    draft.columns, draft.unit = dict(columns), unit
    return True


def take_over(
    session: Session, *, draft_id: UUID, seen: str, files: ImportFiles, actor: Actor, now: datetime
) -> Understood:
    """Put a draft in force instead of the table there was.

    Args:
        seen: the table in force as the page knew it, see `queries.token`.

    Raises:
        Missing: there is no such draft any more.
        Replaced: another table came into force meanwhile.
        NothingRead: it has no district with a figure.
    """
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    draft = queries.draft(session, draft_id, lock=True)
    before = queries.in_force(session)
    if queries.token(before) != seen:
        raise Replaced
    opened = open_table(files.get(draft_id, draft.file_key), draft.file_name)
    understood = understand(opened.rows, draft.columns, draft.unit)
    if not understood.people or draft.as_of is None:
        raise NothingRead
    _clear(session)
    table_id = new_id(now)
    session.add(
        PopulationTable(
            table_id=table_id,
            source=draft.source,
            as_of=draft.as_of,
            file_name=draft.file_name,
            counties=len(understood.people),
            people=understood.total,
            left_out=len(understood.left),
            brought_by=actor.name,
            brought_at=now,
        )
    )
    session.flush()  # the figures refer to it
    figures = [{"table_id": table_id, "code": code, "people": people} for code, people in understood.people.items()]
    session.execute(insert(DivisionPeople), figures)
    details = {
        "source": draft.source,
        "as_of": str(draft.as_of),
        "districts": len(figures),
        "left_out": len(understood.left),
    }
    if before is not None:
        details["replaced"] = f"{before.source} {before.as_of}"
    audit.record(session, actor, "population:take_over", f"population:{table_id}", at=now, details=details)
    purge(session, draft_id, draft.file_key, files)
    return understood


def drop(session: Session, *, draft_id: UUID, files: ImportFiles, actor: Actor, now: datetime) -> None:
    """Throw an upload away.

    Raises:
        Missing: there is none.
    """
    draft = queries.draft(session, draft_id, lock=True)
    purge(session, draft_id, draft.file_key, files)
    audit.record(session, actor, "population:drop", f"population:{draft_id}", at=now)


def remove(session: Session, *, seen: str, actor: Actor, now: datetime) -> None:
    """Take the table in force away.

    Raises:
        Missing: there is none.
        Replaced: it is another one by now.
    """
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    before = queries.in_force(session)
    if before is None:
        raise Missing(what="population")
    if queries.token(before) != seen:
        raise Replaced
    details = {"source": before.source, "as_of": str(before.as_of), "districts": before.counties}
    _clear(session)
    audit.record(session, actor, "population:remove", f"population:{before.table_id}", at=now, details=details)


def purge(session: Session, draft_id: UUID, file_key: str, files: ImportFiles) -> None:
    """Remove an upload with its file."""
    session.execute(delete(PopulationDraft).where(PopulationDraft.draft_id == draft_id))
    files.delete(file_key)


def _clear(session: Session) -> None:
    session.execute(delete(DivisionPeople))
    session.execute(delete(PopulationTable))
