"""Finding the heading of a table: below a title, over two rows, or not there at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from hq.intake.imports.grid import Cell, Note, Refused, Row
from shared.contacts.hiding import without_phones

_LOOK_AT = 30  # rows with something in them
_LONGEST_LABEL = 60  # characters
_VALUE = re.compile(r"[+\d\s.,:/\-%¥$()]+|.*\d{7,}.*|\d+[-/.年].*")  # numbers, dates, phones: no name of a column

Known = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Heading:
    """The names of the columns, and the rows they were read from."""

    texts: tuple[str, ...]
    last_row: int
    notes: tuple[Note, ...]


def find_heading(rows: Iterable[Row], known: Known) -> Heading:
    """The row that names most known columns, else the first that looks like names.

    Raises:
        Refused: `empty` (nothing there, or a single line of values) or `no_heading`.
    """
    look = list(islice((row for row in rows if not row.blank), _LOOK_AT))
    if not look:
        raise Refused("empty", rows=0)
    best = max(range(len(look)), key=lambda i: (_score(look[i], known), -i))
    if _score(look[best], known) < _enough(look[best]):
        best = next((i for i, row in enumerate(look) if _looks_like_names(row, look)), -1)
    if best < 0:
        raise Refused("empty", rows=len(look)) if len(look) == 1 else Refused("no_heading", row=look[0].number)
    return _with_groups(look, best, known)


def columns_known(rows: Iterable[Row], known: Known) -> int:
    """How many known columns the best heading among the first rows names; 0 unless it names several."""
    best = max((_score(row, known) for row in islice((row for row in rows if not row.blank), _LOOK_AT)), default=0)
    return best if best > 1 else 0


def heading_at(rows: Iterable[Row], number: int) -> Heading:
    """The heading in the row that somebody says; 0: the table has none, and its columns are called A, B, C …

    Raises:
        Refused: `empty`: there is no such row, or nothing in it.
    """
    look = list(islice((row for row in rows if not row.blank and row.number >= number), _LOOK_AT))
    if number == 0 and look:
        width = max(len(row.cells) for row in look)
        return Heading(tuple(_letters(i) for i in range(width)), 0, ())
    if not look or look[0].number != number:
        raise Refused("empty", rows=len(look))
    texts = [" ".join(_text(cell).split())[:_LONGEST_LABEL] for cell in look[0].cells]
    return Heading(tuple(map(without_phones, _trimmed(texts))), number, ())


def _letters(i: int) -> str:
    """A, B … Z, AA: how spreadsheets call the column `i` (from 0)."""
    name = ""
    i += 1
    while i:
        i, rest = divmod(i - 1, 26)
        name = chr(65 + rest) + name
    return name


def _score(row: Row, known: Known) -> int:
    return sum(1 for cell in row.cells if isinstance(cell, str) and known(cell))


def _enough(row: Row) -> int:
    return 1 if sum(1 for cell in row.cells if _text(cell)) == 1 else 2


def _looks_like_names(row: Row, look: Sequence[Row]) -> bool:
    """Several short texts, all different, none a value, about as many as the rows have cells."""
    texts = [_text(cell) for cell in row.cells if _text(cell)]
    widest = max(sum(1 for cell in other.cells if _text(cell)) for other in look)
    return (
        len(texts) >= max(2, widest // 2)
        and all(isinstance(cell, str) and _is_label(_text(cell)) for cell in row.cells if _text(cell))
        and len(set(texts)) * 10 >= len(texts) * 8
        and row is not look[-1]
    )


def _is_label(text: str) -> bool:
    return len(text) <= _LONGEST_LABEL and not _VALUE.fullmatch(text)


def _with_groups(look: Sequence[Row], best: int, known: Known) -> Heading:
    """Take in a second row of the heading: names under a group (省 市 under 所在地区), or groups above names."""
    texts = [_text(cell) for cell in look[best].cells]
    last, notes = look[best].number, []
    below = look[best + 1] if best + 1 < len(look) else None
    if below and _is_second_row(texts, below, known):
        texts = _laid_over([_text(cell) for cell in below.cells], texts)
        last = below.number
        notes.append(Note("heading_two_rows", {"first": look[best].number, "second": below.number}))
    elif best and any(
        isinstance(c, str) and known(c) and not _at(texts, i) for i, c in enumerate(look[best - 1].cells)
    ):
        texts = _laid_over(texts, [_text(cell) for cell in look[best - 1].cells])
        notes.append(Note("heading_two_rows", {"first": look[best - 1].number, "second": last}))
    if best:
        notes.append(Note("title_above_heading", {"row": last}))
    empty = len(texts) - len(_trimmed(texts))
    if empty:
        notes.append(Note("empty_columns", {"count": empty}))
    # names of columns are kept in plain; the title above them may hold somebody's number
    return Heading(tuple(map(without_phones, _trimmed(texts))), last, tuple(notes))


def _is_second_row(texts: Sequence[str], below: Row, known: Known) -> bool:
    """Every cell is a known name, and none stands under one."""
    filled = [(i, cell) for i, cell in enumerate(below.cells) if _text(cell)]
    return all(isinstance(cell, str) and known(cell) and not _known_at(texts, i, known) for i, cell in filled)


def _fills_gaps(above: Row, texts: Sequence[str], known: Known) -> bool:
    """The row above names a column where this one says nothing: cells merged downwards."""
    return any(isinstance(cell, str) and known(cell) and not _at(texts, i) for i, cell in enumerate(above.cells))


def _known_at(texts: Sequence[str], i: int, known: Known) -> bool:
    # 所在地区 may be a column by itself; as a group it has nothing to its right
    return bool(_at(texts, i)) and known(texts[i]) and bool(_at(texts, i + 1))


def _laid_over(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    width = max(len(upper), len(lower))
    return [_at(upper, i) or _at(lower, i) for i in range(width)]


def _at(texts: Sequence[str], i: int) -> str:
    return texts[i] if i < len(texts) else ""


def _trimmed(texts: Sequence[str]) -> Sequence[str]:
    end = len(texts)
    while end and not texts[end - 1]:
        end -= 1
    return texts[:end]


def _text(cell: Cell) -> str:
    return str(cell).strip()
