"""One page of a query by key, in any order, forward or back.

Rows are ordered by the sort expression and, among equals, by the key in the same direction, so that one row
comparison finds the place and one index `(expression, key)` serves both directions. Rows whose expression is NULL
stand last whatever the direction, the highest key first. The two kinds of rows are read apart, the second only where
the first does not fill the page: a condition over both would read the list from its beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import Session

from shared.web import paging
from shared.web.paging import BadCursor

END = "end"
_VALUED, _EMPTY = 0, 1


@dataclass(frozen=True, slots=True)
class Order:
    """An order of rows. `name` is the sort's, so that a cursor of another sort is refused."""

    name: str
    by: ColumnElement[Any]
    key: ColumnElement[Any]
    descending: bool
    nullable: bool


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a page, each with its key; cursors where there is more on that side."""

    rows: Sequence[Any]
    keys: Sequence[Any]
    after: str | None
    before: str | None
    first: int | None  # place of the first row in the list, from 1; None when it was reached from the end


@dataclass(frozen=True, slots=True)
class _Place:
    part: int
    values: tuple[Any, ...]  # sort value and key, or the key alone among the empty ones
    number: int | None  # of the row in the list


def page(
    session: Session, query: Select[Any], order: Order, *, size: int, after: str | None, before: str | None
) -> Rows:
    """A page after or before a cursor; without either the first.

    Raises:
        BadCursor: made up, or of another sort.
    """
    backward = before is not None
    cursor = None if before == END else (after or before)
    place = _place(cursor, order) if cursor else None
    wide = query.add_columns(order.by.label("koi_sort"), order.key.label("koi_key"))
    rows = _read(session, wide, order, place, size + 1, backward=backward)
    more, rows = len(rows) > size, rows[:size]
    if backward:
        rows.reverse()
    first = _first_number(place, len(rows), backward=backward, more=more)
    has_before, has_after = (more, place is not None) if backward else (place is not None, more)
    return Rows(
        rows,
        [row.koi_key for row in rows],
        after=_cursor(order, rows[-1], first + len(rows) - 1 if first else None) if rows and has_after else None,
        before=_cursor(order, rows[0], first) if rows and has_before else None,
        first=first,
    )


def whole(query: Select[Any], order: Order) -> list[Select[Any]]:
    """All rows in this order: one query, or two where some rows have no value, each with the row's key as `koi_key`."""
    wide = query.add_columns(order.key.label("koi_key"))
    parts = (_VALUED, _EMPTY) if order.nullable else (_VALUED,)
    return [_part(wide, order, part, None, backward=False) for part in parts]


def _first_number(place: _Place | None, count: int, *, backward: bool, more: bool) -> int | None:
    if place is None:
        return None if backward else 1
    if backward and not more:
        return 1
    if place.number is None:
        return None
    return max(1, place.number - count) if backward else place.number + 1


def _read(
    session: Session, query: Select[Any], order: Order, place: _Place | None, limit: int, *, backward: bool
) -> list[Any]:
    found: list[Any] = []
    parts = (_VALUED, _EMPTY) if order.nullable else (_VALUED,)
    for part in reversed(parts) if backward else parts:
        if place is not None and (part > place.part if backward else part < place.part):
            continue
        here = place if place is not None and place.part == part else None
        narrowed = _part(query, order, part, here, backward=backward)
        found += session.execute(narrowed.limit(limit - len(found))).all()
        if len(found) >= limit:
            break
    return found


def _part(query: Select[Any], order: Order, part: int, place: _Place | None, *, backward: bool) -> Select[Any]:
    columns = (order.by, order.key) if part == _VALUED else (order.key,)
    down = (order.descending if part == _VALUED else True) != backward
    if order.nullable:
        query = query.where(order.by.is_not(None) if part == _VALUED else order.by.is_(None))
    if place is not None:
        here = tuple_(*columns)
        query = query.where(here < place.values if down else here > place.values)
    return query.order_by(None).order_by(*(column.desc() if down else column.asc() for column in columns))


def beside(session: Session, query: Select[Any], order: Order, row: Any) -> tuple[Any, Any]:
    """The keys of the rows before and after one, None at the ends; `row` has its `koi_sort` and `koi_key`."""
    wide = query.add_columns(order.by.label("koi_sort"), order.key.label("koi_key"))
    empty = order.nullable and row.koi_sort is None
    place = _Place(_EMPTY if empty else _VALUED, (row.koi_key,) if empty else (row.koi_sort, row.koi_key), None)
    found = [_read(session, wide, order, place, 1, backward=backward) for backward in (True, False)]
    before, after = (rows[0].koi_key if rows else None for rows in found)
    return before, after


def _cursor(order: Order, row: Any, number: int | None) -> str:
    values = (row.koi_key,) if order.nullable and row.koi_sort is None else (row.koi_sort, row.koi_key)
    return paging.encode((order.name, number, *values), paging.secret())


def _place(cursor: str, order: Order) -> _Place:
    parts = paging.decode(cursor, paging.secret())
    if len(parts) not in (3, 4) or parts[0] != order.name:
        raise BadCursor
    return _Place(_VALUED if len(parts) == 4 else _EMPTY, parts[2:], parts[1])
