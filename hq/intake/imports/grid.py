"""What a spreadsheet is once it has been opened: rows of cells, each with the number the person sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import ClassVar

from shared.platform.errors import DomainError

Cell = str | int | float | bool | datetime | date | time
"""One cell; an empty one is the empty string."""

EMPTY = ""


class Refused(DomainError):
    """The file as a whole cannot be used; `reason` says what is wrong, the parameters say where.

    Attributes:
        reason: names the sentence (`hq.intake.imports.texts`).
    """

    code: ClassVar[str] = "sheet_refused"
    status: ClassVar[int] = 422

    def __init__(self, reason: str, **params: object) -> None:
        super().__init__(reason=reason, **params)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth telling about the file: a code and what its sentence needs (JSON values)."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may hold.

    Attributes:
        bytes: size of the file.
        unpacked: size of a workbook's parts together, in bytes.
        rows: rows with something in them, below the heading.
        cells: rows times columns of a workbook, empty ones included.
    """

    bytes: int = 50_000_000
    unpacked: int = 800_000_000
    rows: int = 200_000
    cells: int = 20_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        number: record number of a CSV (the first is 1, empty ones count), row number of a workbook.
        cells: as many as the row has; the heading may be wider or narrower.
        damage: what happened to the whole row: `whole_row_quoted`, `truncated_row`, `undecodable_bytes`,
            `unclosed_quote`.
        scientific: columns (from 0) of number cells that a workbook shows as 1.38E+10.
    """

    number: int
    cells: list[Cell]
    damage: frozenset[str] = frozenset()
    scientific: frozenset[int] = frozenset()

    @property
    def blank(self) -> bool:
        """True when no cell holds anything but blanks."""
        return not any(cell != EMPTY and str(cell).strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Grid:
    """All rows of one table, before anybody knows which of them is the heading.

    Attributes:
        kind: `csv` or `xlsx`.
        rows: gives the rows anew, from the first, each time it is called.
        notes: what was repaired on the way.
        name: of the workbook's sheet; empty for a CSV.
    """

    kind: str
    rows: Callable[[], Iterator[Row]]
    notes: tuple[Note, ...] = ()
    name: str = ""
