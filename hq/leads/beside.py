"""The leads before and after one, in the list that its reader came from."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from flask import request

from hq.leads.lead_list import LEADS
from shared.web import tables
from shared.web.errors import referring_path

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
    before, after = tables.beside(LEADS, query, lead_id)
    return Beside(query=query, before=before, after=after)


def _query() -> str | None:
    given = request.args.get("list") if request.method == "GET" else request.form.get("list")
    if given is None:
        came_from = urlsplit(referring_path() or "")
        given = came_from.query if came_from.path == f"{request.script_root}/leads" else None
    return given if given is not None and len(given) <= _LONGEST and given.isprintable() else None
