"""How many rows, without counting them all: up to a limit, then "9,999+".

Counting stops at the limit, so that a chip costs the same whether its list has ten thousand rows or ten million.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import Session

LIMIT = 9_999


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows; `more` when there are more than that."""

    rows: int
    more: bool = False

    def __str__(self) -> str:
        return f"{self.rows:,}{'+' if self.more else ''}"


def several(session: Session, queries: Sequence[Select[Any]]) -> list[Count]:
    """The rows of each query, in one statement."""
    if not queries:
        return []
    found = session.execute(select(*(_limited(query) for query in queries))).one()
    return [Count(min(rows, LIMIT), rows > LIMIT) for rows in found]


def exactly(session: Session, query: Select[Any]) -> int:
    """All rows of a query; only where somebody waits for the number, such as before an export."""
    bare = _bare(query)
    return session.scalar(select(func.count()).select_from(bare.subquery())) or 0


def _limited(query: Select[Any]) -> ColumnElement[int]:
    bare = _bare(query).limit(LIMIT + 1)
    return select(func.count()).select_from(bare.subquery()).scalar_subquery()


def _bare(query: Select[Any]) -> Select[Any]:
    if query._distinct:  # what is distinct are its own columns
        return query.order_by(None)
    return query.with_only_columns(literal(1), maintain_column_froms=True).order_by(None)
