"""Drains: work is rows that are due; a drain takes a batch of them, decides, writes and commits in one transaction.

A drain declares what is due as one SELECT. The rest (taking rows that nobody else has, trying again, putting poison
aside, breadcrumbs) is the same for all: see `runs`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Table
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.work.aside import Aside

Batch = Sequence[Row[*tuple[Any, ...]]]
Rows = Select[*tuple[Any, ...]]
Due = Callable[[datetime], Rows]
Work = Callable[[Session, Batch, datetime], Aside]

_NAME = re.compile(r"[a-z_]+\.[a-z_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """One kind of work.

    Attributes:
        name: `side.verb`, such as `hq.qualify`.
        function: does a batch; returns the rows that it could not decide, with their reasons.
        due: the rows that wait at a moment, in the order in which they should be done; its columns are what the
            function gets, and the key is among them.
        key: the column that names a row.
        since: the column that says since when a row waits; None when nobody would understand it.
        batch: rows taken at once.
        single_flight: only one batch at a time in the whole installation.
        aside: the column that is set when a row is put aside, and that `due` leaves out; None when rows never are.
    """

    name: str
    function: Work
    due: Due
    key: InstrumentedAttribute[UUID]
    since: InstrumentedAttribute[Any] | None
    batch: int
    single_flight: bool
    aside: InstrumentedAttribute[datetime | None] | None

    @property
    def table(self) -> Table:
        """The table whose rows are taken."""
        table: Table = self.key.class_.__table__
        return table

    def ids(self, batch: Batch) -> tuple[UUID, ...]:
        """The keys of a batch."""
        name = self.key.key
        return tuple(getattr(row, name) for row in batch)


class UnknownDrain(LookupError):
    """No drain of that name was declared in this process."""


_DRAINS: dict[str, Drain] = {}


def drain(
    name: str,
    *,
    due: Due,
    key: InstrumentedAttribute[UUID],
    since: InstrumentedAttribute[Any] | None = None,
    batch: int = 500,
    single_flight: bool = False,
) -> Callable[[Work], Work]:
    """Declare a drain; the function stays as it is and can be called by itself in a test.

    Args:
        name: `side.verb`, lower case.
        due: see `Drain`; it is given the time and returns a SELECT of columns, ordered, without limit and lock.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"a drain is called side.verb, not {name!r}")

    def declare(function: Work) -> Work:
        known = _DRAINS.get(name)
        if known is not None and known.function.__module__ != function.__module__:
            raise ValueError(f"{name} is declared by {known.function.__module__} already")
        _DRAINS[name] = Drain(
            name=name,
            function=function,
            due=due,
            key=key,
            since=since,
            batch=batch,
            single_flight=single_flight,
            aside=getattr(key.class_, "aside_at", None),
        )
        return function

    return declare


def find(name: str) -> Drain:
    """The drain of that name.

    Raises:
        UnknownDrain: its module was not imported, or there is none.
    """
    try:
        return _DRAINS[name]
    except KeyError:
        raise UnknownDrain(name) from None


def all_drains() -> tuple[Drain, ...]:
    """Every drain that this process knows, by name."""
    return tuple(_DRAINS[name] for name in sorted(_DRAINS))
