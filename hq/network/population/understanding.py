"""What a population table says: people by district, what could not be used and why, and which totals contradict. Pure.

Districts are what is kept. A row of a city or province is held against the sum of its districts' rows; it fills a
district only where exactly one has no row, as then nothing has to be guessed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from hq.intake.imports.cells import as_text
from hq.intake.imports.grid import Cell
from hq.network.population.figures import Figure, NoFigure, absurd, looks_like_wan, read_figure
from hq.network.population.places import Meant, Reader, Said
from shared.regions import divisions
from shared.regions.divisions import Division
from shared.regions.names import name_stem

_ALL = ""  # the sum of the whole file
_LONGEST = 60  # characters of a cell; no division has a longer name


class TableRow(NamedTuple):
    """A row of the file: its number as people see it, and its cells."""

    number: int
    cells: Sequence[Cell]
    torn: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row that was left out, or is worth a look; words have the keys `population_row.…`."""

    row: int
    said: str
    figure: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Above:
    """A row of a city, a province or the whole, held against its districts' rows.

    Attributes:
        code: agrees, contradicts, part (districts without a row explain it), none (no district has a row), fills.
        people: that the row states; together: of the rows of its districts, development zones among them.
        missing: districts in it without a figure.
    """

    row: int
    name: str
    code: str
    people: int
    together: int
    missing: int
    filled: Division | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """The whole table.

    Attributes:
        people: by code of the district in force (or of a city or province that has none here).
        left: rows that were left out, in their order.
        above: rows of cities, provinces and the whole.
        old: rows with a former code that were counted to today's district.
        by_name: rows found by their names.
        unit: people that one stands for; guessed: only the figures say so.
        zones: people in rows of development zones, which are in no district.
        rows: rows with something in them.
    """

    people: Mapping[str, int]
    left: Sequence[Line]
    above: Sequence[Above]
    old: int
    by_name: int
    unit: int
    guessed: bool
    zones: int
    rows: int

    @property
    def total(self) -> int:
        """All people."""
        return sum(self.people.values())

    @property
    def bare(self) -> Sequence[Division]:
        """Districts without a figure."""
        return [each for each in divisions.smallest() if each.code not in self.people]

    @property
    def contradictions(self) -> Sequence[Above]:
        """Totals that do not fit their districts."""
        return [each for each in self.above if each.code == "contradicts"]


def understand(rows: Iterable[TableRow], columns: Mapping[str, int], unit: int | None) -> Understood:
    """Read the rows.

    Args:
        columns: which column (from 0) each field is in; `people` is among them.
        unit: people that one stands for; None: nobody says so.
    """
    kept = list(rows)
    guessed = unit is None and looks_like_wan([as_text(_cell(row, columns, "people")).strip() for row in kept])
    counted_in = unit or (10_000 if guessed else 1)
    reading = _Reading(columns, counted_in)
    for row in kept:
        reading.take(row)
    above = [reading.hold_against(*each) for each in reading.stated]
    return Understood(
        people=reading.people,
        left=reading.left,
        above=above,
        old=reading.hows["old_code"],
        by_name=reading.hows["name"],
        unit=counted_in,
        guessed=guessed,
        zones=reading.zones,
        rows=len(kept),
    )


class _Reading:
    """What was read so far."""

    def __init__(self, columns: Mapping[str, int], unit: int) -> None:
        self.people: dict[str, int] = {}
        self.left: list[Line] = []
        self.stated: list[tuple[int, Division | None, str, Figure]] = []
        self.hows: Counter[str] = Counter()
        self.zones = 0
        self._columns, self._unit = columns, unit
        self._places = Reader()
        self._first: dict[tuple[str, str], tuple[int, int]] = {}
        self._sums: dict[str, float] = defaultdict(float)
        self._doubt: dict[str, float] = defaultdict(float)  # half of what rounding may have moved
        self._rows_in: Counter[str] = Counter()
        self._unread: set[str] = set()

    def take(self, row: TableRow) -> None:
        """Take one row in."""
        said = Said(*(as_text(_cell(row, self._columns, name)).strip()[:_LONGEST] for name in Said._fields))
        cell = _cell(row, self._columns, "people")
        meant, figure = self._places.read(said), read_figure(cell, self._unit)
        division = meant.division

        def leave(code: str, **params: Any) -> None:
            self.left.append(Line(row.number, said.words, as_text(cell).strip()[:_LONGEST], code, params))

        if row.torn:
            leave("torn")
        elif meant.problem == "total" and isinstance(figure, Figure):
            self.stated.append((row.number, None, said.last, figure))
        elif meant.problem == "unknown_name" and figure == NoFigure("empty"):
            leave("remark")
        elif meant.problem:
            self._leave_place(meant, figure, leave)
        elif division is None:
            leave("unknown_name")
        elif isinstance(figure, NoFigure) or (wrong := absurd(figure.people, division.level)) is not None:
            self._unread.update(_above(division))
            leave(figure.code if isinstance(figure, NoFigure) else wrong.code, level=division.level)  # type: ignore[union-attr]
        elif division.code not in _smallest():
            self.stated.append((row.number, division, division.name, figure))
        else:
            self._take_county(row.number, said, meant, division, figure, leave)

    def _leave_place(self, meant: Meant, figure: Figure | NoFigure, leave: Any) -> None:
        params: dict[str, Any] = {}
        if meant.problem == "differs" and meant.division is not None and meant.other is not None:
            params = {"by_code": meant.division.name, "by_name": f"{meant.other.name} {meant.other.code}"}
        if meant.problem == "zone" and isinstance(figure, Figure):
            self.zones += figure.people
        inside = meant.other or meant.division
        if isinstance(figure, Figure) and meant.problem in ("zone", "differs") and inside is not None:
            self._add(inside, figure)
        elif meant.problem in ("unknown_code", "unknown_name", "several"):
            self._unread.add(_ALL)
        leave(meant.problem, **params)

    def _take_county(
        self, number: int, said: Said, meant: Meant, division: Division, figure: Figure, leave: Any
    ) -> None:
        key = (division.code, said.code or name_stem(said.last))
        first = self._first.get(key) or self._first.get((division.code, name_stem(said.last)))
        if first is not None:
            leave("twice" if first[1] == figure.people else "twice_differs", first=first[0], people=f"{first[1]:,}")
            return
        self._first[key] = self._first[division.code, name_stem(said.last or division.name)] = (number, figure.people)
        self.hows[meant.how] += 1
        self.people[division.code] = self.people.get(division.code, 0) + figure.people
        self._add(division, figure)

    def _add(self, division: Division, figure: Figure) -> None:
        for code in {_ALL, *_above(division)}:
            self._sums[code] += figure.people
            self._doubt[code] += figure.quantum / 2
            self._rows_in[code] += 1

    def hold_against(self, row: int, division: Division | None, name: str, figure: Figure) -> Above:
        """Compare a stated total with its districts' rows, and fill the one that has none."""
        code = division.code if division is not None else _ALL
        together = round(self._sums[code])
        missing = [each for each in _inside().get(code, ()) if each.code not in self.people]
        found, filled = "contradicts", None
        if not self._rows_in[code]:
            found = "none"
        elif abs(figure.people - together) <= self._doubt[code] + figure.quantum / 2:
            found = "agrees"
        elif figure.people > together and (missing or {code, _ALL} & self._unread or division is None):
            found = "part"
        rest = figure.people - together
        if found in ("none", "part") and len(missing) == 1 and code not in self._unread and not absurd(rest, "county"):
            found, filled = "fills", missing[0]
            self.people[filled.code] = rest
        return Above(row, name, found, figure.people, together, len(missing), filled)


@cache
def _smallest() -> frozenset[str]:
    return frozenset(each.code for each in divisions.smallest())


@cache
def _inside() -> Mapping[str, Sequence[Division]]:
    """The districts of each city and province."""
    found: dict[str, list[Division]] = defaultdict(list)
    for each in divisions.smallest():
        for code in _above(each):
            found[code].append(each)
    return found


def _above(division: Division) -> set[str]:
    return {code for code in (division.code, division.city_code, division.province_code) if code}


def _cell(row: TableRow, columns: Mapping[str, int], name: str) -> Cell:
    i = columns.get(name, -1)
    return row.cells[i] if 0 <= i < len(row.cells) else ""
