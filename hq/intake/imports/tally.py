"""What an import counts as it goes: rows by their end, and how often each code was given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

COUNTED = ("reasons", "repairs", "remarks")


@dataclass(slots=True)
class Tally:
    """Counts of one chunk, or of a whole import.

    Attributes:
        repaired: of the accepted.
        skipped: taken already by the import that this one continues.
        reasons: rejected rows by reason. repairs, remarks: accepted rows by code.
    """

    accepted: int = 0
    repaired: int = 0
    rejected: int = 0
    skipped: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)

    def accept(self, repairs: Iterable[str], remarks: Iterable[str]) -> None:
        """Count a row that was taken in."""
        before = self.repairs.total()
        self.repairs.update(repairs)
        self.remarks.update(remarks)
        self.accepted += 1
        self.repaired += self.repairs.total() > before

    def reject(self, reason: str) -> None:
        """Count a row that was not."""
        self.rejected += 1
        self.reasons[reason] += 1

    def added_to(self, notes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The notes of an import (`{"code", "params"}`) with these counts added to those they hold."""
        counts = counts_in(notes)
        for name in COUNTED:
            counts[name].update(getattr(self, name))
        others = [note for note in notes if note["code"] not in COUNTED]
        return [*others, *({"code": name, "params": dict(counts[name])} for name in COUNTED if counts[name])]


def counts_in(notes: Sequence[Mapping[str, Any]]) -> dict[str, Counter[str]]:
    """The counts by code that an import's notes hold: `reasons`, `repairs`, `remarks`."""
    held = {note["code"]: note["params"] for note in notes}
    return {name: Counter(held.get(name, {})) for name in COUNTED}
