"""What columns a file of past leads has, before anybody says which of them is the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hq.qualification.scoring.fitting.cells import Column, Sort, read_column
from hq.qualification.scoring.fitting.table import read_whole

_WORDS = 12  # different words up to which they are told: outcomes have few


@dataclass(frozen=True, slots=True)
class Seen:
    """One column.

    Attributes:
        sort: number, word or day, as its cells look.
        missing: share of rows without a value.
        words: of a column with few different words, these with how often, the most frequent first; else empty.
    """

    name: str
    sort: str
    missing: float
    distinct: int
    words: tuple[tuple[str, int], ...]


def look_at(path: Path) -> list[Seen]:
    """The columns of a file in its order.

    Raises:
        Refused: it is no table that can be read. FitRefused: `too_large`, `broken_gzip`.
    """
    table = read_whole(path)
    return [_seen(read_column(name, cells)) for name, cells in zip(table.names, table.columns, strict=True)]


def _seen(column: Column) -> Seen:
    if column.sort is not Sort.WORD:
        told = column.numbers[~np.isnan(column.numbers)]
        return Seen(column.name, column.sort.value, _share(len(told), len(column.numbers)), len(np.unique(told)), ())
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.words))
    words = tuple(_most(column.words, counts.tolist())) if len(column.words) <= _WORDS else ()
    missing = _share(int(counts.sum()), len(column.codes))
    return Seen(column.name, column.sort.value, missing, int((counts > 0).sum()), words)


def _share(told: int, rows: int) -> float:
    """Share of rows without a value."""
    return round(1 - told / max(rows, 1), 4)


def _most(words: tuple[str, ...], counts: list[int]) -> Iterator[tuple[str, int]]:
    yield from sorted(zip(words, counts, strict=True), key=lambda each: (-each[1], each[0]))
