"""Fine bins: the first, many small ones, from which the card's few are put together later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hq.qualification.scoring.fitting.cells import Column, Floats, Sort

Codes = npt.NDArray[np.int64]

_BINS, _FEWEST = 64, 8  # of a number: at most about so many, and as few when there is little to learn from
_TOGETHER = 1200  # bins of all numbers together: what is learnt at once grows with their cube
_OUTCOMES = 12  # of the rarer kind, that a bin should have
_SMALLEST = 15  # rows of a bin
_SHARE = 0.004  # of the rows, where that is more
_WORD_ROWS, _WORD_SHARE = 10, 0.001  # the same for a word; what is rarer counts as other
_WORDS = 120  # of a column, the most frequent


@dataclass(frozen=True, slots=True, eq=False)
class Fine:
    """How one column is cut.

    Attributes:
        cuts: of a number, ascending; bin `i` is below `cuts[i]` and not below the one before.
        words: of words, those with a bin of their own; after them comes the bin of all others.
        size: bins, with that of the missing, which is the last.
    """

    name: str
    ordered: bool
    cuts: Floats
    words: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.cuts) + 2 if self.ordered else len(self.words) + 2

    def codes(self, column: Column) -> Codes:
        """By row the bin."""
        if self.ordered:
            found = np.searchsorted(self.cuts, column.numbers, side="right")
            return np.where(column.missing, self.size - 1, found).astype(np.int64)
        places = {word: place for place, word in enumerate(self.words)}
        other = len(self.words)
        table = np.array([*(places.get(word, other) for word in column.words), self.size - 1], dtype=np.int64)
        return table[column.codes]  # -1, nothing told, is the table's last


def bins_for(numbers: int, rarer: int) -> int:
    """How many bins to cut a number into.

    Args:
        numbers: how many columns of numbers there are.
        rarer: outcomes of the rarer kind.
    """
    return max(_FEWEST, min(_BINS, _TOGETHER // max(numbers, 1), rarer // _OUTCOMES))


def cut(column: Column, bins: int = _BINS) -> Fine:
    """Cut a column by how often its values occur; outcomes are not looked at."""
    rows = len(column.missing)
    if column.sort is Sort.WORD:
        counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.words))
        least = max(_WORD_ROWS, int(_WORD_SHARE * rows))
        order = sorted(range(len(column.words)), key=lambda i: (-int(counts[i]), column.words[i]))
        words = tuple(column.words[i] for i in order[:_WORDS] if counts[i] >= least)
        return Fine(column.name, ordered=False, cuts=np.empty(0), words=words)
    return Fine(column.name, ordered=True, cuts=_cuts(column.numbers[~column.missing], bins), words=())


def _cuts(numbers: Floats, bins: int) -> Floats:
    """Bounds between values that occur, so that each bin has about as many rows; a frequent value has its own bin."""
    if not len(numbers):
        return np.empty(0)
    values, counts = np.unique(numbers, return_counts=True)
    least = max(_SMALLEST, int(_SHARE * len(numbers)))
    target = max(least, len(numbers) // bins)
    cuts: list[float] = []
    inside = 0
    for i, count in enumerate(counts):
        if inside >= target or (count >= target and inside >= least):
            cuts.append(between(float(values[i - 1]), float(values[i])))
            inside = 0
        inside += int(count)
    if cuts and inside < least:
        cuts.pop()
    return np.array(cuts, dtype=np.float64)


def between(low: float, high: float) -> float:
    """The shortest number above `low` and not above `high`: bounds that people can read."""
    for digits in range(1, 18):
        middle = float(f"{(low + high) / 2:.{digits}g}")
        if low < middle <= high:
            return middle
    return high
