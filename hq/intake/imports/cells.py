"""Reading one row's cells by field: as text, number or tick, remembering what had to be put right."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime

from hq.intake.imports.columns import Columns
from hq.intake.imports.grid import Cell, Row
from hq.intake.imports.words import squeezed, yes_or_no

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # PostgreSQL refuses NUL; nobody means the others
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LINE_ENDS = re.compile(r"\r\n?")


class RowCells:
    """The cells of one row.

    Attributes:
        repairs: codes of what was put right, in order, each once.
        remarks: codes of what the row says that could not be used or is worth knowing; nothing was changed for them.
        marks: (field, code) of each of them, where it happened.
    """

    __slots__ = ("columns", "marks", "remarks", "repairs", "row")

    def __init__(self, row: Row, columns: Columns) -> None:
        self.row = row
        self.columns = columns
        self.repairs: dict[str, None] = dict.fromkeys(sorted(row.damage - {"truncated_row"}))
        self.remarks: dict[str, None] = {}
        self.marks: list[tuple[str, str]] = []

    def repaired(self, code: str, field: str) -> None:
        """Remember a repair of a field."""
        self.repairs[code] = None
        self.marks.append((field, code))

    def remark(self, code: str, field: str) -> None:
        """Remember something about a field that is worth telling."""
        self.remarks[code] = None
        self.marks.append((field, code))

    def raw(self, field: str) -> Cell:
        """The cell as it is."""
        return self.columns.cell(self.row.cells, field)

    def text(self, field: str, longest: int) -> str:
        """The cell as text without blanks around it; what is longer than `longest` characters is cut off."""
        cell = self.raw(field)
        if cell == "":
            return ""
        text = as_text(cell)
        stripped = text.strip()
        if stripped != text:
            self.repaired("trimmed", field)
        clean = stripped if stripped.isprintable() else _CONTROL.sub("", _LINE_ENDS.sub("\n", stripped))
        if clean.startswith(_FORMULA):
            self.remark("kept_as_text", field)
        if len(clean) > longest:
            self.repaired("shortened", field)
        return clean[:longest]

    def code(self, field: str, longest: int) -> str:
        """An identifier: blanks around it mean nothing, so taking them off is no repair."""
        text = as_text(self.raw(field)).strip()
        return (text if text.isprintable() else _CONTROL.sub("", text))[:longest]

    def word(self, field: str, codes: Mapping[str, str]) -> str | None:
        """The code for the cell's word; None for an empty cell and for words that nobody knows."""
        text = self.text(field, 100)
        if not text:
            return None
        code = codes.get(text) or codes.get(squeezed(text))
        if code is None:
            self.remark(f"{field}_unknown", field)
        return code

    def tick(self, field: str) -> bool | None:
        """Yes or no; None for an empty cell and for anything that is neither."""
        text = self.text(field, 100)
        answer = yes_or_no(text) if text else None
        if text and answer is None:
            self.remark(f"{field}_unknown", field)
        return answer

    def number(self, field: str) -> float | None:
        """A finite number; None for an empty cell and for anything else."""
        cell = self.raw(field)
        if cell == "":
            return None
        try:
            number = float(as_text(cell).strip())
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return number
        self.remark(f"{field}_unknown", field)
        return None

    def count(self, field: str, most: int) -> int | None:
        """A whole number from 0 to `most`."""
        number = self.number(field)
        if number is None:
            return None
        if number.is_integer() and 0 <= number <= most:
            return int(number)
        self.remark(f"{field}_unknown", field)
        return None


def as_text(cell: Cell) -> str:
    """What a cell says; days as YYYY-MM-DD, ticks as 是 and 否."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes")
    return cell.isoformat() if isinstance(cell, date) else str(cell)
