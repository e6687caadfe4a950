"""What a check has counted so far, as the import keeps it between two chunks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from hq.intake.imports.tally import COUNTED, Tally

_ROWS = ("accepted", "repaired", "rejected", "skipped")  # the first fields of a tally
_EXAMPLES = 3  # per code
_MISFITS = 300


@dataclass(slots=True)
class Counted:
    """Rows by what would become of them.

    Attributes:
        tally: counts as of an import.
        claims: accepted sign-ups by the consent text that they would agree to; "" for none.
        campaigns: accepted sign-ups by campaign.
        new, known: stores that are not there yet, and those that would be changed.
        examples: by `family.code`: up to three pairs of row number and the cell, masked.
        misfits: points of stores that do not fit, the first 300: `{"row", "store", "name", "code", "params"}`.
        misfit_count: how many there are in all.
        refused: why the rows cannot be read at all, `{"code", "params"}`.
    """

    tally: Tally = field(default_factory=Tally)
    claims: Counter[str] = field(default_factory=Counter)
    campaigns: Counter[str] = field(default_factory=Counter)
    new: int = 0
    known: int = 0
    examples: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    misfits: list[Mapping[str, Any]] = field(default_factory=list)
    misfit_count: int = 0
    refused: Mapping[str, Any] | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> Self:
        """Read the stored form; NULL is nothing yet."""
        values = stored or {}
        tally = Tally(*(values.get(name, 0) for name in _ROWS))
        for name in COUNTED:
            setattr(tally, name, Counter(values.get(name, {})))
        examples = {code: [(row, text) for row, text in pairs] for code, pairs in values.get("examples", {}).items()}
        return cls(
            tally,
            Counter(values.get("claims", {})),
            Counter(values.get("campaigns", {})),
            values.get("new", 0),
            values.get("known", 0),
            examples,
            list(values.get("misfits", ())),
            values.get("misfit_count", 0),
            values.get("refused"),
        )

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        tally = self.tally
        return {
            **{name: getattr(tally, name) for name in _ROWS},
            **{name: dict(getattr(tally, name)) for name in COUNTED},
            "claims": dict(self.claims),
            "campaigns": dict(self.campaigns),
            "new": self.new,
            "known": self.known,
            "examples": self.examples,
            "misfits": self.misfits,
            "misfit_count": self.misfit_count,
            "refused": self.refused,
        }

    def misfit(self, found: Mapping[str, Any]) -> None:
        """Count a point that does not fit, and keep the first ones."""
        self.misfit_count += 1
        if len(self.misfits) < _MISFITS:
            self.misfits.append(found)

    def wants(self, family: str, code: str) -> bool:
        """Whether a code has too few examples."""
        return len(self.examples.get(f"{family}.{code}", ())) < _EXAMPLES

    def example(self, family: str, code: str, row: int, text: str) -> None:
        """Keep a row as an example of a code, while there are few."""
        if self.wants(family, code):
            self.examples.setdefault(f"{family}.{code}", []).append((row, text))
