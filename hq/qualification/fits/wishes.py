"""What somebody wants learnt, as a plain structure that is stored. No numpy here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Wished:
    """How to learn.

    Attributes:
        outcome: the column that says what became of the lead; empty for Koi's own.
        exclude: columns (of Koi's own: facts) that the card may not look at.
        won, unworked: words of the outcome that mean a sale, and that nobody worked on the lead.
        split: `folds` or `time`.
        since, until: of Koi's own leads, days as YYYY-MM-DD; empty: from the first, to the last.
    """

    outcome: str = ""
    exclude: tuple[str, ...] = ()
    won: tuple[str, ...] = ()
    unworked: tuple[str, ...] = ()
    split: str = "folds"
    since: str = ""
    until: str = ""

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
