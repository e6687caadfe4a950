"""Columns of another system's export as the facts of Koi that they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from hq.qualification.scoring.attributes import as_text
from hq.qualification.scoring.catalogue import CATALOGUE, Kind
from hq.qualification.scoring.fitting.cells import Column, Sort
from hq.qualification.scoring.fitting.refusals import FitRefused
from hq.qualification.scoring.foreign import SIGNED_UP, Meaning, fits
from hq.qualification.scoring.report import Remark

_DAY_S = 86_400
_WORDS = 8  # that a remark lists


def translated(
    columns: Sequence[Column], meanings: Mapping[str, Meaning]
) -> tuple[list[Column], frozenset[str], list[Remark]]:
    """Put facts in the place of the columns that are some.

    Args:
        meanings: by column; the others stay as they are.

    Returns:
        the columns (facts first), which of them are facts, and what was not understood.

    Raises:
        FitRefused: `not_this_fact`: a column's cells cannot be that fact; `fact_twice`: two columns are the same.
    """
    found: list[Column] = []
    own: list[Column] = []
    facts: dict[str, str] = {}
    remarks: list[Remark] = []
    for column in columns:
        meaning = meanings.get(column.name)
        if meaning is None:
            own.append(column)
            continue
        if not fits(meaning.fact, column.sort.value):
            raise FitRefused("not_this_fact", column=column.name, fact=meaning.fact)
        for each in _facts_of(column, meaning, remarks):
            if each.name in facts:
                raise FitRefused("fact_twice", column=column.name, other=facts[each.name], fact=each.name)
            facts[each.name] = column.name
            found.append(each)
    # a column of the file that only happens to be called like a fact is another one
    found += [replace(each, name=f"{each.name} (2)") if each.name in facts else each for each in own]
    return found, frozenset(facts), remarks


def _facts_of(column: Column, meaning: Meaning, remarks: list[Remark]) -> Iterator[Column]:
    if meaning.fact == SIGNED_UP:
        yield from _of_moments(column)
    elif CATALOGUE[meaning.fact].kind is Kind.NUMBER:
        yield Column(meaning.fact, column.sort, column.numbers, column.codes, (), column.marks)
    else:
        yield _answers(column, meaning, remarks)


def _of_moments(column: Column) -> Iterator[Column]:
    """The day of the week, and the hour where the cells tell one."""
    told = ~np.isnan(column.numbers)
    seconds = np.where(told, column.numbers, 0)
    days = [datetime.fromtimestamp(float(each), UTC).isoweekday() for each in seconds]
    codes = np.where(told, np.array(days, dtype=np.int64) - 1, -1)
    yield Column("weekday", Sort.WORD, np.empty(0), codes, tuple("1234567"), {})
    if (seconds % _DAY_S).any():
        hours = np.where(told, seconds % _DAY_S // 3600, np.nan)
        yield Column("hour", Sort.NUMBER, hours, np.empty(0, np.int64), (), {})


def _answers(column: Column, meaning: Meaning, remarks: list[Remark]) -> Column:
    words, codes = _spoken(column)
    places: dict[str, int] = {}
    table = np.full(len(words) + 1, -1, dtype=np.int64)
    unread: Counter[str] = Counter()
    counts = np.bincount(codes[codes >= 0], minlength=len(words))
    for i, word in enumerate(words):
        said = meaning.answer(word)
        if said is not None:
            table[i] = places.setdefault(said, len(places))
        elif word not in meaning.words:
            unread[word] += int(counts[i])
    if unread:
        told = [word for word, _ in unread.most_common(_WORDS)]
        remarks.append(Remark("unread", {"column": column.name, "words": told, "count": unread.total()}))
    return Column(meaning.fact, Sort.WORD, np.empty(0), table[codes], tuple(places), column.marks)


def _spoken(column: Column) -> tuple[Sequence[str], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The words of a column, numbers as they are written, and by row which."""
    if column.sort is Sort.WORD:
        return column.words, column.codes
    told = ~np.isnan(column.numbers)
    values, places = np.unique(column.numbers[told], return_inverse=True)
    codes = np.full(len(column.numbers), -1, dtype=np.int64)
    codes[told] = places
    return [as_text(float(each)) for each in values], codes
