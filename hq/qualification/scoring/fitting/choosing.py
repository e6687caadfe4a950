"""Which columns a card can look at, and why the others cannot be used."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from hq.intake.imports.columns import plain
from hq.qualification.scoring.fitting.cells import Column, Sort
from hq.qualification.scoring.fitting.refusals import FitRefused


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_MANY = 0.5  # share of different words above which a column tells rows apart and not people
_NEARLY = 0.9  # the same for numbers
_FEW_ROWS = 20
_LISTED = 40  # columns that an error lists
_LONG = 8  # digits: what is all different and this long is a number of something (an order, a phone)
_NAMES = _words(
    "id no uid uuid guid key code number index rowid recordid leadid customerid contactid 编号 序号 行号 编码"
    " 客户编号 线索编号 订单号 手机号 手机 电话 phone mobile 姓名 name"
)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A column that the card cannot look at.

    Attributes:
        reason: `excluded`, `no_fact` (only facts of Koi were wanted), `constant`, `empty`, `all_different`, `day` or
            `same_as` (`other` names the column).
    """

    name: str
    reason: str
    other: str | None = None


def choose(columns: Sequence[Column], excluded: Collection[str]) -> tuple[list[Column], list[Dropped]]:
    """Sort out what tells nothing, or tells every row from every other.

    Args:
        excluded: names that somebody wants left out; compared without blanks and case.
    """
    unwanted = {plain(name) for name in excluded}
    kept: list[Column] = []
    dropped: list[Dropped] = []
    seen: dict[bytes, str] = {}
    for column in columns:
        reason = "excluded" if plain(column.name) in unwanted else _useless(column)
        if reason is None:
            print_ = _fingerprint(column)
            if print_ in seen:
                dropped.append(Dropped(column.name, "same_as", seen[print_]))
                continue
            seen[print_] = column.name
            kept.append(column)
        else:
            dropped.append(Dropped(column.name, reason))
    return kept, dropped


def check_monotone(names: Collection[str], columns: Sequence[Column]) -> None:
    """See that points which must never turn are those of numbers.

    Raises:
        FitRefused: `no_such_column`, or `no_order`: words have no order.
    """
    for name in unknown_names(names, [column.name for column in columns]):
        raise FitRefused("no_such_column", column=name, names=[column.name for column in columns][:_LISTED])
    wanted = {plain(name) for name in names}
    for column in columns:
        if plain(column.name) in wanted and column.sort is Sort.WORD:
            raise FitRefused("no_order", column=column.name)


def unknown_names(names: Collection[str], columns: Sequence[str]) -> list[str]:
    """The names that no column has."""
    known = {plain(name) for name in columns}
    return [name for name in names if plain(name) not in known]


def _useless(column: Column) -> str | None:
    filled = int((~column.missing).sum())
    if not filled:
        return "empty"
    if column.sort is Sort.DAY:
        return "day"
    distinct = column.distinct
    if distinct == 1 and filled == len(column.missing):
        return "constant"
    if column.sort is Sort.WORD:
        return "all_different" if filled > _FEW_ROWS and distinct > _MANY * filled else None
    return "all_different" if _counts_rows(column, filled, distinct) else None


def _counts_rows(column: Column, filled: int, distinct: int) -> bool:
    """Whether whole numbers are a name of the row: (nearly) all different, and in the order of the file, long, or
    called so."""
    if filled <= _FEW_ROWS or distinct < _NEARLY * filled:
        return False
    numbers = column.numbers[~np.isnan(column.numbers)]
    if not np.array_equal(numbers, np.trunc(numbers)):
        return False
    steps = np.diff(numbers)
    ordered = bool((steps > 0).all() or (steps < 0).all())
    return ordered or float(np.abs(numbers).min()) >= 10 ** (_LONG - 1) or plain(column.name) in _NAMES


def _fingerprint(column: Column) -> bytes:
    if column.sort is Sort.WORD:
        _, first, places = np.unique(column.codes, return_index=True, return_inverse=True)
        missing = np.where(column.codes < 0, -1, np.argsort(np.argsort(first))[places])
        return b"w" + missing.astype(np.int64).tobytes()
    return b"n" + column.numbers.tobytes()
