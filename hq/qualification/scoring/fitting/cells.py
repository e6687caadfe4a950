"""What the cells of a column are: numbers, words or days, whatever way they are written."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from hq.intake.imports.grid import Cell
from hq.qualification.scoring.attributes import as_text

Floats = npt.NDArray[np.float64]

#: Written where nothing is known. Words such as 未知 or unknown are answers and stay words, except among numbers.
_EMPTY = frozenset(("", "na", "n/a", "#n/a", "nan", "null", "\\n", "nil", "?", "-", "--", "—", "/", ".", "空", "缺失"))
_NUMBERS_ENOUGH = 0.9  # share of a column's filled cells that must be numbers; the rest are marks of what is missing
_FEW_MARKS = 20  # distinct words among numbers; more, and it is a column of words
_SENTINELS = frozenset((-1, -9, -99, -999, -9999, 99, 999, 9999, 99999, 999999, 9999999, -99999, -999999))
_LARGEST = 1e100  # what is larger measures nothing
_GAP = 3.0  # a sentinel lies this many times the width of all other values away from them

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_COMMA = re.compile(r"[+-]?\d+(?:\.\d{3})*,\d+")
_AROUND = re.compile(r"^[¥￥$€£\s]+|[\s元%]+$")
_DAY = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
)
_DAY_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?")
_DAY_BARE = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


class Sort(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    WORD = "word"
    DAY = "day"


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column as it was read.

    Attributes:
        numbers: of numbers, and of days the seconds since 1970; NaN where it is missing. Empty for words.
        codes, words: of words, per row the place in `words`, -1 where it is missing. Empty for numbers.
        marks: what was read as missing besides empty cells, with how often.
    """

    name: str
    sort: Sort
    numbers: Floats
    codes: npt.NDArray[np.int64]
    words: tuple[str, ...]
    marks: dict[str, int]

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """By row, whether nothing is told."""
        return self.codes < 0 if self.sort is Sort.WORD else np.isnan(self.numbers)

    @property
    def distinct(self) -> int:
        """How many different values there are."""
        return len(self.words) if self.sort is Sort.WORD else len(np.unique(self.numbers[~np.isnan(self.numbers)]))

    def taken(self, rows: npt.NDArray[np.int64]) -> Column:
        """The same of some rows."""
        if self.sort is Sort.WORD:
            return Column(self.name, self.sort, self.numbers, self.codes[rows], self.words, self.marks)
        return Column(self.name, self.sort, self.numbers[rows], self.codes, self.words, self.marks)

    def value(self, row: int) -> str | float | None:
        """What the row says, as a scorecard takes it."""
        if self.sort is Sort.WORD:
            code = int(self.codes[row])
            return None if code < 0 else self.words[code]
        number = float(self.numbers[row])
        return None if np.isnan(number) else number


def read_column(name: str, cells: Sequence[Cell]) -> Column:
    """Find out what a column holds, and read it."""
    texts = Counter(cells)
    filled = {cell: count for cell, count in texts.items() if not _is_empty(cell)}
    marks = {str(cell): count for cell, count in texts.items() if str(cell).strip() and cell not in filled}
    days = _all_days(filled)
    if days is not None:
        return _of_numbers(name, Sort.DAY, cells, days, marks)
    numbers, odd = _all_numbers(filled)
    if numbers is not None:
        column = _of_numbers(name, Sort.NUMBER, cells, numbers, {**marks, **odd})
        return _without_sentinel(column)
    return _of_words(name, cells, marks)


def _is_empty(cell: Cell) -> bool:
    return isinstance(cell, str) and unicodedata.normalize("NFKC", cell).strip().lower() in _EMPTY


def _all_numbers(filled: dict[Cell, int]) -> tuple[dict[Cell, float] | None, dict[str, int]]:
    """The number of every cell, and the words among them that mark what is missing; None: no column of numbers."""
    comma = _decimal_comma(filled)
    read: dict[Cell, float] = {}
    odd: dict[str, int] = {}
    for cell, count in filled.items():
        number = _number(cell, comma=comma)
        if number is None:
            odd[str(cell)] = count
            if len(odd) > _FEW_MARKS:
                return None, {}
        else:
            read[cell] = number
    total = sum(filled.values())
    if not read or total - sum(odd.values()) < _NUMBERS_ENOUGH * total or len(odd) >= len(read):
        return None, {}
    return read, odd


def _decimal_comma(filled: dict[Cell, int]) -> bool:
    """Whether 3,5 means three and a half: some cell has a comma that no thousand could have, and none a point."""
    texts = [cell for cell in filled if isinstance(cell, str) and "," in cell]
    tidy = [_AROUND.sub("", text) for text in texts]
    return any(_COMMA.fullmatch(text) and not _THOUSANDS.fullmatch(text) for text in tidy) and all(
        _COMMA.fullmatch(text) for text in tidy
    )


def _number(cell: Cell, *, comma: bool) -> float | None:
    if isinstance(cell, bool | date | time):
        return None
    if isinstance(cell, int | float):
        return float(cell) if abs(cell) < _LARGEST else None
    text = _AROUND.sub("", unicodedata.normalize("NFKC", cell)).replace("−", "-")
    if comma and _COMMA.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if not _PLAIN.fullmatch(text):
        return None
    number = float(text)
    return number if abs(number) < _LARGEST else None


def _all_days(filled: dict[Cell, int]) -> dict[Cell, float] | None:
    """Seconds since 1970 of every cell, when all are days."""
    if not filled:
        return None
    month_first = any(_month_first(cell) for cell in filled)
    read: dict[Cell, float] = {}
    for cell in filled:
        moment = _moment(cell, month_first=month_first)
        if moment is None:
            return None
        read[cell] = moment
    return read


def _month_first(cell: Cell) -> bool:
    found = _DAY_LAST.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return bool(found) and int(found[2]) > 12  # type: ignore[index]  # found is a match here


def _moment(cell: Cell, *, month_first: bool) -> float | None:
    if isinstance(cell, datetime):
        return _seconds(cell.replace(tzinfo=None))
    if isinstance(cell, date):
        return _seconds(datetime(cell.year, cell.month, cell.day))  # noqa: DTZ001 (only for their order)
    text = str(cell).strip() if isinstance(cell, str | int) and not isinstance(cell, bool) else ""
    if found := _DAY.fullmatch(text):
        parts = [found[1], found[2], found[3], *found.groups()[3:]]
    elif found := _DAY_LAST.fullmatch(text):
        day, month = (found[2], found[1]) if month_first else (found[1], found[2])
        parts = [found[3], month, day, *found.groups()[3:]]
    elif _DAY_BARE.fullmatch(text):
        parts = [text[:4], text[4:6], text[6:]]
    else:
        return None
    try:
        return _seconds(datetime(*(int(part or 0) for part in parts)))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None


def _seconds(moment: datetime) -> float:
    return (moment - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 (only for their order)


def _of_numbers(name: str, sort: Sort, cells: Sequence[Cell], read: dict[Cell, float], marks: dict[str, int]) -> Column:
    numbers = np.fromiter((read.get(cell, np.nan) for cell in cells), dtype=np.float64, count=len(cells))
    return Column(name, sort, numbers, np.empty(0, np.int64), (), marks)


def _without_sentinel(column: Column) -> Column:
    """A number such as 999 that stands far from all others says that nothing is known."""
    values, counts = np.unique(column.numbers[~np.isnan(column.numbers)], return_counts=True)
    if len(values) < 4:
        return column
    for end, rest in ((0, values[1:]), (-1, values[:-1])):
        value = float(values[end])
        away = min(abs(value - rest[0]), abs(value - rest[-1]))
        if value in _SENTINELS and away > _GAP * max(float(rest[-1] - rest[0]), 1e-9):
            numbers = np.where(column.numbers == value, np.nan, column.numbers)
            marks = {**column.marks, as_text(value): int(counts[end])}
            return Column(column.name, column.sort, numbers, column.codes, column.words, marks)
    return column


def _of_words(name: str, cells: Sequence[Cell], marks: dict[str, int]) -> Column:
    places: dict[Cell, int] = {}
    words: dict[str, int] = {}
    for cell in dict.fromkeys(cells):
        if _is_empty(cell):
            places[cell] = -1
        else:
            word = as_text(cell).strip() if isinstance(cell, str | bool | int | float) else cell.isoformat()
            places[cell] = words.setdefault(word, len(words))
    codes = np.fromiter((places[cell] for cell in cells), dtype=np.int64, count=len(cells))
    return Column(name, Sort.WORD, np.empty(0), codes, tuple(words), marks)
