"""The leads before and after one, in the list that its reader came from: all leads, the desk's or the open pool's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from flask import request, url_for

from hq.leads.desk_list import DESK
from hq.leads.lead_list import LEADS
from hq.leads.pool_list import POOL
from shared.web import tables
from shared.web.errors import referring_path
from shared.web.tables import Table

_LONGEST = 1000
_LISTS: Mapping[str, tuple[Table, str]] = {
    "": (LEADS, "leads.index"),
    "desk": (DESK, "desk.index"),
    "pool": (POOL, "desk.pooled"),
}
_PATHS = {"/leads": "", "/desk": "desk", "/desk/pool": "pool"}


@dataclass(frozen=True, slots=True)
class Beside:
    """`query`: the list and its order, to hand on; `before` and `after` are None at its ends, or where it has no order
    here; `address` and `title` are the list's."""

    query: str
    address: str
    title: object
    before: UUID | None
    after: UUID | None


def of_lead(lead_id: UUID) -> Beside | None:
    """The neighbours in the list that the address names, or that the reader came from; None without such a list."""
    given = _given()
    if given is None:
        return None
    name, query = given
    table, endpoint = _LISTS[name]
    # who has just acted on a lead of the desk goes on from where it was in the list
    before, after = tables.beside(table, query, lead_id, among=LEADS.query() if table is DESK else None)
    return Beside(
        query=f"{name}?{query}" if name else query,
        address=url_for(endpoint) + (f"?{query}" if query else ""),
        title=table.title,
        before=before,
        after=after,
    )


def _given() -> tuple[str, str] | None:
    handed = request.args.get("list") if request.method == "GET" else request.form.get("list")
    if handed is None:
        came_from = urlsplit(referring_path() or "")
        name, query = _PATHS.get(came_from.path.removeprefix(request.script_root)), came_from.query
    else:
        name, mark, query = handed.partition("?")
        name, query = (name, query) if mark and name in _LISTS else ("", handed)
    return (name, query) if name is not None and len(query) <= _LONGEST and query.isprintable() else None
