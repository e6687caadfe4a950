"""Which errors of the database mean that somebody else was in the way, and that the same again may go well."""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DBAPIError

#: Deadlock, serialization: PostgreSQL ended one of those who waited for each other, and the other goes on.
_IN_THE_WAY: Final = frozenset({"40P01", "40001"})


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's five-letter code; empty when the error has none (a lost connection)."""
    if not isinstance(error, DBAPIError):
        return ""
    return getattr(error.orig, "sqlstate", None) or ""


def in_the_way(error: BaseException) -> bool:
    """Whether the whole transaction, done again from its beginning, may go well."""
    return sqlstate(error) in _IN_THE_WAY
