"""What every list needs besides its page: searching by number, columns, row height, saved views.

They live under the list's own address, `…/list/…`, behind the list's own permission.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial, update_wrapper
from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from shared.identity.permissions import Permission
from shared.web import notes
from shared.web.access import requires
from shared.web.notes import Undo
from shared.web.tables import export, saved, search, state
from shared.web.tables.declare import HOMES, Table
from shared.web.tables.reading import asked, back_to
from shared.web.tables.state import State

Answer = Callable[..., ResponseReturnValue]


def serve(bp: Blueprint, table: Table, *, at: str = "") -> None:
    """Add a list's endpoints to a blueprint; `at`: the list's own address below the blueprint's.

    They are called `{table.name}_find`, `_columns`, `_view_save`, …
    """
    HOMES[table.name] = bp.name
    views: dict[str, Answer] = {
        "find": _find,
        "columns": _columns,
        "density": _density,
        "views": _save,
        "views/<uuid:view_id>": _change,
        "views/<uuid:view_id>/delete": _delete,
        "views/<uuid:view_id>/restore": _restore,
    }
    for path, view in views.items():
        _add(bp, table, f"{at}/list/{path}", view.__name__.strip("_"), view, table.permission)
    if table.export:
        allowed = (table.permission, Permission.EXPORTS_TAKE)
        _add(bp, table, f"{at}/list/export", "export_form", export.form, *allowed, methods=("GET",))
        _add(bp, table, f"{at}/list/export", "export_send", export.send, *allowed)
        _add(bp, table, f"{at}/list/export/ticked", "export_ticked", export.form, *allowed)


def _add(
    bp: Blueprint,
    table: Table,
    path: str,
    name: str,
    view: Answer,
    *needed: Permission,
    methods: Sequence[str] = ("POST",),
) -> None:
    bound = requires(*needed)(update_wrapper(partial(view, table), view))
    bp.add_url_rule(path, f"{table.name}_{name}", bound, methods=list(methods))


def _find(table: Table) -> ResponseReturnValue:
    """Look for what was typed; a whole number becomes a token on its way into the address."""
    return _go(_sought(table, _wanted(table), request.form.get("q", "").strip()))


def _sought(table: Table, wanted: State, typed: str) -> State:
    token = search.token_of(typed, asked().blind)
    given = MultiDict({"phone": token} if token else {"q": typed})
    values = {key: value for key, value in wanted.values.items() if key not in ("q", "phone")}
    found = {each.key: each.read(given) for each in (table.search.filters() if table.search else ())}
    return replace(wanted, values=values | {key: value for key, value in found.items() if value})


def _columns(table: Table) -> ResponseReturnValue:
    """Remember the columns that were ticked; `reset`: as the list comes."""
    known = [] if "reset" in request.form else request.form.getlist("column")
    chosen = [column.key for column in table.columns if column.key in known]
    saved.choose(g.session, table.name, actor=g.actor, columns=chosen, now=g.now)
    return _go(replace(_wanted(table), columns=None))


def _density(table: Table) -> ResponseReturnValue:
    """Remember how high rows are."""
    saved.set_dense(g.session, table.name, actor=g.actor, dense=request.form.get("dense") == "1", now=g.now)
    return _go(_wanted(table))


def _save(table: Table) -> ResponseReturnValue:
    """Keep filters, sort and columns under a name."""
    wanted = _to_keep(table)
    columns = wanted.columns or saved.of_list(g.session, table.name, g.actor.user_id).columns or None
    wanted = replace(wanted, columns=columns)
    view = saved.save(
        g.session,
        table.name,
        name=request.form.get("name", ""),
        query=wanted.query(),
        shared=request.form.get("shared") == "1",
        actor=g.actor,
        now=g.now,
    )
    notes.done(_("The view %(name)s is saved.", name=view.name))
    return _go(replace(wanted, view=view.view_id))


def _change(table: Table, view_id: UUID) -> ResponseReturnValue:
    """Rename a view, share it, or (with `take`) give it the filters, sort and columns of the address."""
    wanted = _to_keep(table)
    view = saved.change(
        g.session,
        table.name,
        view_id,
        name=request.form.get("name"),
        query=wanted.query() if "take" in request.form else None,
        shared=request.form.get("shared") == "1" if "name" in request.form else None,
        actor=g.actor,
        now=g.now,
    )
    notes.done(_("The view %(name)s is saved.", name=view.name))
    return _go(replace(wanted, view=view_id))


def _delete(table: Table, view_id: UUID) -> ResponseReturnValue:
    """Take a view away; its filters stay in the address."""
    name = saved.delete(g.session, table.name, view_id, actor=g.actor, now=g.now)
    back = Undo(
        url_for(f"{HOMES[table.name]}.{table.name}_restore", view_id=view_id), {"list": request.form.get("list", "")}
    )
    notes.done(_("The view %(name)s is deleted.", name=name), undo=back)
    return _go(replace(_wanted(table), view=None))


def _restore(table: Table, view_id: UUID) -> ResponseReturnValue:
    """Bring a view back."""
    view = saved.restore(g.session, table.name, view_id, actor=g.actor, now=g.now)
    notes.done(_("The view %(name)s is back.", name=view.name))
    return _go(replace(state.parse(table, view.query), view=view_id))


def _to_keep(table: Table) -> State:
    """What a view is made of: a number that somebody wrote into the address is kept as its token."""
    wanted = replace(_wanted(table), view=None)
    return _sought(table, wanted, wanted.values["q"][0]) if "q" in wanted.values else wanted


def _wanted(table: Table) -> State:
    return state.parse(table, request.form.get("query", ""))


def _go(wanted: State) -> ResponseReturnValue:
    return redirect(back_to(wanted), 303)
