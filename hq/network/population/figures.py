"""A cell as a number of people: 1,112,992, 111.3万, 1 112 992 人. Pure."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from hq.intake.imports.cells import as_text
from hq.intake.imports.grid import Cell

_NOTHING = frozenset(
    ("", "-", "--", "—", "——", "–", "…", "......", "...", "/", "\\", "na", "n/a", "null", "none", "无", "*")
)
_BLANKS = re.compile(r"[\s\u00a0_'’]+")
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+|\d{1,4}(,\d{4})+")
_FIGURE = re.compile(r"([+-]?)(\d[\d,]*(?:\.\d+)?|\.\d+)(?:e\+?(\d{1,2}))?(亿|百万|万|千)?人?")
_WORDS = {"亿": 100_000_000, "百万": 1_000_000, "万": 10_000, "千": 1_000, "": 0}
_LONGEST = 60  # characters
_MOST_OF_ALL = 10_000_000_000
FEWEST, MOST = 100, 12_000_000
"""Of a district. 东莞 and 中山 have no districts and are the largest; the fewest live in 南沙, some 600."""
_MOST_ABOVE = {"city": 40_000_000, "province": 200_000_000}


class Figure(NamedTuple):
    """So many people, and how exactly: ± half of `quantum`."""

    people: int
    quantum: float


class NoFigure(NamedTuple):
    """What is wrong with a cell: empty, number, negative, nobody, fraction, few, many."""

    code: str


def read_figure(cell: Cell, unit: int) -> Figure | NoFigure:
    """The people that a cell counts; a unit in the cell itself goes before the column's.

    Args:
        unit: people that one stands for.
    """
    text = _BLANKS.sub("", unicodedata.normalize("NFKC", as_text(cell)[:_LONGEST])).lower()
    if text in _NOTHING:
        return NoFigure("empty")
    match = _FIGURE.fullmatch(text.replace("\N{MINUS SIGN}", "-"))
    if (
        match is None
        or isinstance(cell, bool)
        or ("," in match[2] and not _GROUPED.fullmatch(match[2].partition(".")[0]))
    ):
        return NoFigure("number")
    size = _WORDS[match[4] or ""] or unit
    value = Decimal(match[2].replace(",", "")).scaleb(int(match[3] or 0)) * size
    if match[1] == "-" and value:
        return NoFigure("negative")
    if not value:
        return NoFigure("nobody")
    if value > _MOST_OF_ALL:
        return NoFigure("many")
    people = int(value.to_integral_value())
    if size == 1 and people != value:
        return NoFigure("fraction")
    decimals = len(match[2].partition(".")[2])
    return Figure(people, 0.0 if size == 1 else size / 10**decimals)


def absurd(people: int, level: str) -> NoFigure | None:
    """Whether nobody would believe the figure of a division of this level."""
    if people > _MOST_ABOVE.get(level, MOST):
        return NoFigure("many")
    return NoFigure("few") if people < FEWEST else None


def looks_like_wan(figures: list[str]) -> bool:
    """Whether figures without a unit are probably in 万: most have decimals, and most are below a thousand."""
    numbers = [float(text) for text in figures if re.fullmatch(r"\d+(\.\d+)?", text)]
    if len(numbers) < 3:
        return False
    whole = sum(number.is_integer() for number in numbers)
    small = sum(number < 1_000 for number in numbers)
    return whole * 2 < len(numbers) and small * 10 >= len(numbers) * 7
