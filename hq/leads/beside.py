"""The leads before and after one, in the list that its reader came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import g, request
from sqlalchemy import select, tuple_

from hq.leads.lead_list import LEADS
from shared.leads.models import Lead
from shared.web.errors import referring_path
from shared.web.tables import reading, state
from shared.web.tables.state import State

_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Beside:
    """`query`: the list's, to hand on; `before` and `after` are None at its ends, or where it has no order here."""

    query: str
    before: UUID | None
    after: UUID | None


def of_lead(lead_id: UUID) -> Beside | None:
    """The neighbours in the list that the address names, or that the reader came from; None without such a list."""
    query = _query()
    if query is None:
        return None
    wanted = state.parse(LEADS, query)
    return Beside(query=wanted.query(), before=_next(wanted, lead_id, -1), after=_next(wanted, lead_id, 1))


def _query() -> str | None:
    given = request.args.get("list") if request.method == "GET" else request.form.get("list")
    if given is None:
        came_from = urlsplit(referring_path() or "")
        given = came_from.query if came_from.path == f"{request.script_root}/leads" else None
    return given if given is not None and len(given) <= _LONGEST and given.isprintable() else None


def _next(wanted: State, lead_id: UUID, step: int) -> UUID | None:
    """The lead one place on, or back: the first one beyond this one's place in the order."""
    column, key = wanted.sorted_by, Lead.lead_id
    down = wanted.descending == (step > 0)
    here: Any = g.session.scalar(select(column.sort).where(key == lead_id))
    if here is None:
        return None
    place = tuple_(column.sort, key)
    beyond = place < (here, lead_id) if down else place > (here, lead_id)
    order = [each.desc() if down else each.asc() for each in (column.sort, key)]
    query = reading.matching(wanted, reading.asked()).where(beyond).order_by(None).order_by(*order)
    found: UUID | None = g.session.scalar(query.with_only_columns(key, maintain_column_froms=True).limit(1))
    return found
