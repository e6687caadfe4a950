"""Notices as lines of an inbox: many of a kind at once become one line. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.notifications.queries import Told

MANY: Final = 3
_AT_ONCE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Line:
    """Notices of one kind, newest first, that are told in one sentence."""

    notices: tuple[Told, ...]

    @property
    def kind(self) -> str:
        """What they all are."""
        return self.notices[0].kind

    @property
    def is_one(self) -> bool:
        """Whether it is about one matter."""
        return len(self.notices) == 1

    @property
    def at(self) -> datetime:
        """When the newest of them came."""
        return self.notices[0].at

    @property
    def read(self) -> bool:
        """Whether they have been read; a line never holds both."""
        return self.notices[0].read

    @property
    def store(self) -> str:
        """Where it all happened; empty when in several stores."""
        stores = {each.store for each in self.notices}
        return stores.pop() if len(stores) == 1 else ""

    @property
    def earliest(self) -> datetime | None:
        """The first of their deadlines."""
        return min((each.deadline for each in self.notices if each.deadline), default=None)


def lines(told: Iterable[Told]) -> list[Line]:
    """Lines out of notices, newest first: `MANY` or more of a kind that came within an hour stand in one."""
    return [line for run in _runs(told) for line in _split(run)]


def _split(run: list[Told]) -> Iterator[Line]:
    if len(run) >= MANY:
        yield Line(tuple(run))
    else:
        yield from (Line((each,)) for each in run)


def _runs(told: Iterable[Told]) -> Iterator[list[Told]]:
    run: list[Told] = []
    for each in told:
        if run and not _together(run[0], each):
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _together(first: Told, other: Told) -> bool:
    return (first.kind, first.read) == (other.kind, other.read) and first.at - other.at <= _AT_ONCE
