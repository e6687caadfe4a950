"""What columns a file of past leads has, before anybody says which of them is the outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hq.qualification.scoring.attributes import as_text
from hq.qualification.scoring.fitting.cells import Column, Sort, read_column
from hq.qualification.scoring.fitting.table import read_whole
from shared.contacts.hiding import without_phones

_WORDS = 12  # different answers up to which they are told in any case: outcomes have few
_MORE, _ROWS_EACH = 60, 10  # up to which they are told where so many rows share each


@dataclass(frozen=True, slots=True)
class Seen:
    """One column.

    Attributes:
        sort: number, word or day, as its cells look.
        missing: share of rows without a value.
        words: of a column with few different answers, these with how often, the most frequent first; else empty.
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
        values, many = np.unique(told, return_counts=True)
        few = column.sort is Sort.NUMBER and len(values) <= _WORDS
        numbers = tuple(_most([as_text(float(each)) for each in values], many.tolist())) if few else ()
        return Seen(column.name, column.sort.value, _share(len(told), len(column.numbers)), len(values), numbers)
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.words))
    words = tuple(_most(column.words, counts.tolist())) if _are_few(column.words, int(counts.sum())) else ()
    missing = _share(int(counts.sum()), len(column.codes))
    return Seen(column.name, column.sort.value, missing, int((counts > 0).sum()), words)


def _are_few(words: Sequence[str], rows: int) -> bool:
    """Whether the answers can be told: they are few and none holds a number of somebody's."""
    few = len(words) <= _WORDS or len(words) <= min(_MORE, rows // _ROWS_EACH)
    return few and all(without_phones(word) == word for word in words)


def _share(told: int, rows: int) -> float:
    """Share of rows without a value."""
    return round(1 - told / max(rows, 1), 4)


def _most(words: Sequence[str], counts: list[int]) -> Iterator[tuple[str, int]]:
    yield from sorted(zip(words, counts, strict=True), key=lambda each: (-each[1], each[0]))
