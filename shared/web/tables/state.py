"""What an address asks of a list, and the addresses that ask for something else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from werkzeug.datastructures import MultiDict

from shared.web.tables.declare import Column, Table
from shared.web.tables.filters import Values


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Filters, sort, columns and place of a list.

    Attributes:
        values: by filter; only those that are set.
        sort: a column's key, with "-" downwards.
        columns: keys chosen in the address; None: the person's last choice.
        after, before: cursors, at most one; before "end" is the last page.
        view: the saved view that the address came from.
        rows: shown as rows, also where the list has pictures.
    """

    table: Table
    values: Mapping[str, Values]
    sort: str
    columns: tuple[str, ...] | None = None
    after: str | None = None
    before: str | None = None
    view: UUID | None = None
    rows: bool = False

    @property
    def sorted_by(self) -> Column:
        """The column that sorts."""
        return self.table.by_key[self.sort.removeprefix("-")]

    @property
    def descending(self) -> bool:
        """Whether it sorts downwards."""
        return self.sort.startswith("-")

    def query(self, *, without: str = "", **changes: Any) -> str:
        """The query string of this list without its place, `without` one filter, with other fields."""
        other = replace(self, **changes) if changes else self
        pairs: list[tuple[str, str]] = [("view", str(other.view))] if other.view else []
        pairs += [(key, value) for key, values in other.values.items() if key != without for value in values]
        if other.sort != other.table.sort:
            pairs.append(("sort", other.sort))
        if other.columns is not None:
            pairs.append(("cols", ",".join(other.columns)))
        if other.rows:
            pairs.append(("as", "rows"))
        return urlencode(pairs)

    def pairs(self, *, without: str = "") -> list[tuple[str, str]]:
        """The same as fields of a form."""
        return parse_qsl(self.query(without=without))

    def pressed(self, column: Column) -> str:
        """The query string after a press on a column's head."""
        if self.sorted_by is column:
            return self.query(sort=column.key if self.descending else f"-{column.key}")
        return self.query(sort=f"-{column.key}" if column.descending else column.key)


def read(table: Table, args: MultiDict[str, str], fixed: Mapping[str, str] | None = None) -> State:
    """What the address (or a saved query string) asks for; what cannot be read asks for nothing."""
    given = MultiDict(args)
    for key, value in (fixed or {}).items():
        given.setlist(key, [value])
    values = {each.key: found for each in table.every_filter() if (found := each.read(given))}
    after, before = args.get("after") or None, args.get("before") or None
    return State(
        table=table,
        values=values,
        sort=_sort(table, args.get("sort", "")),
        columns=_columns(table, args.get("cols")),
        after=after,
        before=None if after else before,
        view=_uuid(args.get("view", "")),
        rows=table.cards is not None and args.get("as") == "rows",
    )


def parse(table: Table, query: str, fixed: Mapping[str, str] | None = None) -> State:
    """What a query string asks for."""
    return read(table, MultiDict(parse_qsl(query)), fixed)


def _sort(table: Table, wanted: str) -> str:
    column = table.by_key.get(wanted.removeprefix("-"))
    return wanted if column is not None and column.sort is not None else table.sort


def _columns(table: Table, wanted: str | None) -> tuple[str, ...] | None:
    chosen = set((wanted or "").split(","))
    known = tuple(column.key for column in table.columns if column.key in chosen)
    return known or None


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
