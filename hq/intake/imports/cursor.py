"""The next rows of an import. Between two chunks the file stays open in this process; the truth is the cursor."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from hq.intake.imports.grid import Row

Item = TypeVar("Item")
Read = Callable[[Row], Item]


@dataclass(frozen=True, slots=True)
class Chunk(Generic[Item]):
    """Some rows in order.

    Attributes:
        next_row: number of the first row that is still to come; `last`: there is none.
    """

    items: list[Item]
    next_row: int
    last: bool


@dataclass(slots=True)
class _Open(Generic[Item]):
    name: Hashable
    next_row: int
    items: Iterator[tuple[int, Item]]


class OpenFiles(Generic[Item]):
    """Keeps the file that was read last open, at the row where it was left.

    Where the cursor stands further on (another worker was here), the rows between are read and thrown away; where it
    stands before (a rollback), or the file is another, it is opened again. Every row is read in order in any case,
    since one may depend on those before it.
    """

    def __init__(self) -> None:
        self._open: _Open[Item] | None = None

    def take(
        self, name: Hashable, next_row: int, size: int, opened: Callable[[], Iterator[tuple[int, Item]]]
    ) -> Chunk[Item]:
        """Up to `size` items with numbers from `next_row` on.

        Args:
            name: of the import and of the way in which it is read.
            opened: gives every item of the file with its row number, from the first.
        """
        kept = self._open
        self._open = None  # not kept while it is read: an error in the middle must not leave it half way
        if kept is None or kept.name != name or kept.next_row > next_row:
            kept = _Open(name, next_row, opened())
        found = list(islice((pair for pair in kept.items if pair[0] >= next_row), size))
        kept.next_row = found[-1][0] + 1 if found else next_row
        last = len(found) < size
        if not last:
            self._open = kept
        return Chunk([item for _, item in found], kept.next_row, last)
