"""What somebody wants learnt, as a plain structure that is stored. No numpy here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

OUTCOME, OUT, OWN = "outcome", "out", "own"
"""What a column can be besides a fact of Koi: what became of the lead, left out, or a column of the file only."""
_TURNS = {1: "up", -1: "down", 0: "one"}


@dataclass(frozen=True, slots=True)
class Wished:
    """How to learn.

    Attributes:
        outcome: the column that says what became of the lead; empty for Koi's own.
        exclude: columns (of Koi's own: facts) that the card may not look at.
        won, unworked: words of the outcome that mean a sale, and that nobody worked on the lead.
        split: `folds` or `time`.
        since, until: of Koi's own leads, days as YYYY-MM-DD; empty: from the first, to the last.
        facts: column → which fact it is and what its answers mean (`foreign.Meaning.as_json`).
        only_facts: whether the card may look at nothing else, so that it can be put into force.
        monotone: facts or columns whose points never turn: 1 up, -1 down, 0 whichever the outcomes say.
    """

    outcome: str = ""
    exclude: tuple[str, ...] = ()
    won: tuple[str, ...] = ()
    unworked: tuple[str, ...] = ()
    split: str = "folds"
    since: str = ""
    until: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    only_facts: bool = False
    monotone: Mapping[str, int] = field(default_factory=dict)

    def meaning(self, column: str) -> str:
        """What a column of the file was said to be: `OUTCOME`, `OUT`, `OWN` or a fact."""
        if column == self.outcome:
            return OUTCOME
        if column in self.exclude:
            return OUT
        return str(self.facts[column]["fact"]) if column in self.facts else OWN

    def turn(self, column: str) -> str:
        """In which direction the points of a column may go: `up`, `down`, `one`, or "" for both."""
        name = str(self.facts[column]["fact"]) if column in self.facts else column
        return _TURNS[self.monotone[name]] if name in self.monotone else ""

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read the stored form."""
        read: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
        }
        return cls(**read)
