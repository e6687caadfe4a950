"""How a file is to be read: which sheet, which heading, which column is which, and which words people agreed to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Self
from uuid import UUID

from hq.intake.imports.columns import Vocabulary, plain
from hq.intake.imports.grid import Cell, Row
from hq.intake.imports.store_places import DEFAULT_SYSTEM
from shared.contacts.phones import PhoneProblem, parse_phone

AS_OF_TIME, NOBODY = "time", "nobody"
_PHONES_ENOUGH = 0.6  # share of a column's values above which it is a column of phones
#: What a file of rejected rows has before its own columns, in both languages: no part of the list itself.
ADDED = frozenset(("row", "rownumber", "whyitwasnotimported", "行号", "条目", "没有导入的原因"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an operator may decide about a file.

    Attributes:
        sheet: name of the workbook's sheet; None: the first with something in it.
        heading_row: number of the row with the names of the columns, 0: there is none; None: find it.
        fields: column (from 0) → meaning; None: as the names of the columns say.
        system: what coordinates of stores are of where a row does not say it, as `coords.to_wgs` knows them.
        claim: which words a yes of the list is to: `time` (those of the moment of each sign-up), `nobody` (no yes
            counts), or the id of a consent text.
        guessed: columns that only their values gave away.
        remembered: when and by whom the columns were given before, `{"by", "at"}`; None: they are guessed.
        changed: who changed this last, and when, `{"by", "at"}`.
    """

    sheet: str | None = None
    heading_row: int | None = None
    fields: Mapping[int, str] | None = None
    claim: str = AS_OF_TIME
    system: str = DEFAULT_SYSTEM
    guessed: tuple[int, ...] = ()
    remembered: Mapping[str, str] | None = None
    changed: Mapping[str, str] | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> Self:
        """Read the stored form; NULL means that nobody decided anything."""
        values = dict(stored or {})
        if values.get("fields") is not None:
            values["fields"] = {int(column): meaning for column, meaning in values["fields"].items()}
        values["guessed"] = tuple(values.get("guessed") or ())
        return cls(**values)

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        fields = None if self.fields is None else {str(i): meaning for i, meaning in sorted(self.fields.items())}
        return {
            "sheet": self.sheet,
            "heading_row": self.heading_row,
            "fields": fields,
            "claim": self.claim,
            "system": self.system,
            "guessed": list(self.guessed),
            "remembered": self.remembered,
            "changed": self.changed,
        }

    @property
    def text_id(self) -> UUID | None:
        """The consent text that every yes is to, where one was chosen."""
        return None if self.claim in (AS_OF_TIME, NOBODY) else UUID(self.claim)


@dataclass(frozen=True, slots=True)
class Doubts:
    """What keeps a mapping from being used: meanings that two columns have, and needed ones that none has."""

    twice: Sequence[str] = ()
    missing: Sequence[str] = field(default_factory=tuple)

    def __bool__(self) -> bool:
        return bool(self.twice or self.missing)


def doubts_of(fields: Mapping[int, str], needs: Sequence[str]) -> Doubts:
    """What is wrong with a mapping."""
    uses = Counter(fields.values())
    return Doubts([name for name, count in uses.items() if count > 1], [name for name in needs if name not in uses])


def fingerprint(headings: Sequence[str]) -> bytes:
    """Names a row of headings: the same words in the same order, whatever their case and blanks."""
    return sha256("\x1f".join(map(plain, headings)).encode()).digest()


def guess(vocabulary: Vocabulary, headings: Sequence[str], rows: Sequence[Row], reading: Reading) -> Reading:
    """What the columns mean, by their names; a column of phones without a name that says so by its values."""
    fields = vocabulary.guess([_own(heading) for heading in headings])
    guessed: tuple[int, ...] = ()
    if "phone" in vocabulary.fields and "phone" not in fields.values():
        free = [i for i in range(len(headings)) if i not in fields]
        found = next((i for i in free if _are_phones([_at(row, i) for row in rows])), None)
        if found is not None:
            fields, guessed = {**fields, found: "phone"}, (found,)
    return replace(reading, fields=fields, guessed=guessed)


def carried_over(before: Sequence[str], fields: Mapping[int, str], headings: Sequence[str]) -> dict[int, str]:
    """The mapping of one file for another: a column of the same name means the same."""
    named = {plain(before[i]): meaning for i, meaning in fields.items() if i < len(before)}
    found: dict[int, str] = {}
    for i, heading in enumerate(headings):
        meaning = named.get(plain(heading))
        if meaning and meaning not in found.values() and _own(heading):
            found[i] = meaning
    return found


def _own(heading: str) -> str:
    return "" if plain(heading) in ADDED else heading


def _are_phones(cells: Sequence[Cell]) -> bool:
    filled = [cell for cell in cells if isinstance(cell, str | int | float) and str(cell).strip()]
    good = sum(1 for cell in filled if not isinstance(parse_phone(cell), PhoneProblem))
    return len(filled) > 0 and good >= _PHONES_ENOUGH * len(filled)


def _at(row: Row, i: int) -> Cell:
    return row.cells[i] if i < len(row.cells) else ""
