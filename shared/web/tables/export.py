"""Export of what a list shows: the same filters, order and columns, sent while it is read.

Numbers and names are masked. Whoever has `exports:phones` may ask for them in plain, with a reason; both are on record
before the first byte leaves. The rows come through a cursor of the server, in a transaction of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, current_app, g, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Select

from shared.audit import service as audit
from shared.contacts.hiding import with_masked_phones
from shared.contacts.names import mask_name
from shared.identity.permissions import Permission
from shared.platform.clock import BEIJING
from shared.web import transaction
from shared.web.access import may
from shared.web.tables import counting, keyset, saved, sheets, state
from shared.web.tables.declare import Column, Table
from shared.web.tables.reading import asked, chosen_columns, counted, matching, order_of, ticked
from shared.web.tables.state import State

_AT_ONCE = 2_000
_REASON_LENGTH = 200
_FORMATS: dict[str, tuple[str, Callable[..., Iterator[bytes]]]] = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheets.as_xlsx),
    "csv": ("text/csv; charset=utf-8", sheets.as_csv),
}


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asks for. `ids`: only these rows, which were ticked."""

    table: Table
    wanted: State
    ids: Sequence[Any]
    columns: Sequence[Column]
    kind: str
    plain: bool
    reason: str

    @property
    def rows(self) -> Select[Any]:
        """The rows, without order."""
        return self._of_ids(matching(self.wanted, asked()))

    @property
    def counted(self) -> Select[Any]:
        """The same rows, for counting."""
        return self._of_ids(counted(self.wanted, asked()))

    def _of_ids(self, query: Select[Any]) -> Select[Any]:
        return query.where(self.table.key.in_(self.ids)) if self.ids else query


def form(table: Table) -> ResponseReturnValue:
    """What is about to be exported: of the address, or of ticked rows that a form names."""
    return _form(_order(table))


def send(table: Table) -> ResponseReturnValue:
    """Send the file; a wish for plain numbers without a right or a reason is answered by the form."""
    order = _order(table)
    count = counting.exactly(g.session, order.counted)
    problem = _problem(order, count)
    if problem:
        return _form(order, problem=problem), 422
    _put_on_record(order, count)
    mimetype, write = _FORMATS[order.kind]
    name = f"koi-{table.name}-{g.now.astimezone(BEIJING):%Y%m%d-%H%M}.{order.kind}"
    heads = [str(column.label) for column in order.columns]
    body = stream_with_context(write(heads, _cells(order)))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, mimetype=mimetype, headers=headers)


def _order(table: Table) -> Order:
    posted = request.method == "POST"
    wanted = state.parse(table, request.form.get("query", "") if posted else request.query_string.decode("latin-1"))
    kept = saved.of_list(g.session, table.name, g.actor.user_id)
    kind = request.form.get("kind", "xlsx")
    return Order(
        table=table,
        wanted=wanted,
        ids=ticked(table) if posted and "id" in request.form and request.form.get("all") != "1" else (),
        columns=[column for column in chosen_columns(table, wanted, kept) if column.text is not None],
        kind=kind if kind in _FORMATS else "xlsx",
        plain=request.form.get("numbers") == "plain",
        reason=" ".join(request.form.get("reason", "").split())[:_REASON_LENGTH],
    )


def _problem(order: Order, count: int) -> str:
    if order.plain and (order.table.phones is None or not may(Permission.EXPORTS_PHONES)):
        return str(_("Only administrators export plain numbers."))
    if order.plain and not order.reason:
        return str(_("Say what the numbers are needed for. It is written into the audit log."))
    if order.kind == "xlsx" and count >= sheets.MOST_ROWS:
        return str(_("A worksheet holds about a million rows. Choose CSV, or narrow the filters."))
    return ""


def _form(order: Order, problem: str = "") -> str:
    return render_template(
        "web/export.html",
        order=order,
        count=counting.exactly(g.session, order.counted),
        words=_words(order),
        problem=problem,
        may_plain=order.table.phones is not None and may(Permission.EXPORTS_PHONES),
        typed=request.form,
        layout=current_app.config["KOI_LAYOUT"],
    )


def _words(order: Order, *, for_record: bool = False) -> list[tuple[str, str]]:
    """The filters as a person says them; `for_record` without whole names that were searched for."""
    using, said = asked(), []
    for each in order.table.every_filter():
        values = order.wanted.values.get(each.key)
        if values:
            words = each.words(values, using)
            hide = for_record and each.key == "q"
            said.append((str(each.label), mask_name(with_masked_phones(words)) if hide else words))
    return said


def _put_on_record(order: Order, count: int) -> None:
    filters = [f"{label} {words}".strip() for label, words in _words(order, for_record=True)]
    audit.record(
        g.session,
        g.actor,
        "export:phones" if order.plain else "export:take",
        f"export:{order.table.name}",
        at=g.now,
        rows=count,
        filter=filters or None,
        sort=order.wanted.sort,
        columns=[column.key for column in order.columns],
        format=order.kind,
        reason=with_masked_phones(order.reason) or None,
    )


def _cells(order: Order) -> Iterator[list[object]]:
    """The rows, cell by cell, read in a transaction that begins when the answer does."""
    actor = g.actor
    session = transaction.begin(actor.dealer_id)
    try:
        for query in keyset.whole(order.rows, order_of(order.wanted)):
            result = session.execute(query.execution_options(yield_per=_AT_ONCE))
            for rows in result.partitions():
                yield from _lines(order, rows)
                session.expunge_all()
    finally:
        transaction.end(keep=False)


def _lines(order: Order, rows: Sequence[Any]) -> Iterator[list[object]]:
    lines = order.table.lines(g.session, rows)
    phones = order.table.phones(g.session, lines) if order.plain and order.table.phones else {}
    for row, line in zip(rows, lines, strict=True):
        yield [_cell(column, line, phones.get(row.koi_key), plain=order.plain) for column in order.columns]


def _cell(column: Column, line: Any, phone: str | None, *, plain: bool) -> object:
    if plain and column.phone:
        return phone
    text = column.plain if plain and column.plain else column.text
    value = text(line) if text else None
    return value if value is None or isinstance(value, str | int | float | datetime) else str(value)
