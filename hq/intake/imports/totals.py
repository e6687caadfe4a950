"""The line under a table that adds it up: no row of its own, but worth comparing."""

from __future__ import annotations

import re

from hq.intake.imports.cells import as_text
from hq.intake.imports.grid import Row
from hq.intake.imports.words import squeezed

_WORDS = re.compile(r"(合计|总计|小计|总数|共计|汇总|total|sum|subtotal)[::]?(.*)")
_MOST_CELLS = 4  # a row with more is somebody called 合计
_COUNT = re.compile(r"\d+")


def is_total(row: Row) -> bool:
    """True for a row that begins with 合计 or the like and says little else."""
    said = [text for cell in row.cells if (text := as_text(cell).strip())]
    return 0 < len(said) <= _MOST_CELLS and _WORDS.match(squeezed(said[0])) is not None


def stated_count(row: Row) -> int | None:
    """The number of rows that a total row states (合计 573家), if it states one."""
    found = _COUNT.search(" ".join(as_text(cell) for cell in row.cells))
    return int(found[0]) if found else None
