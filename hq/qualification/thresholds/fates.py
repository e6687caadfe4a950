"""The one place that decides what becomes of a scored person. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from hq.qualification.thresholds.rules import Fate, Thresholds


class Fated(NamedTuple):
    """What becomes of somebody, and why.

    Attributes:
        because: `grade`, `campaign` (its own fate for the grade), or `bar` (the chance is below the bar).
    """

    fate: Fate
    because: str

    @property
    def outcome(self) -> str | None:
        """The outcome of the sign-up; None: it goes to a store."""
        return OUTCOMES.get(self.fate)


OUTCOMES = {Fate.NURTURE: "nurture", Fate.CLOSE: "below_threshold"}
"""How a sign-up that does not go to a store is booked."""


def fate(
    grade: str, chance: float, campaign_id: UUID | None, rules: Thresholds, reckoned: float | None = None
) -> Fated:
    """Decide by grade, campaign and bar.

    Args:
        chance: the probability of buying, 0 to 1.
        campaign_id: of the sign-up that is decided.
        reckoned: the bar that was last reckoned from capacity; None: none was, and the grade alone decides.
    """
    because = "campaign" if campaign_id in rules.campaigns else "grade"
    said = rules.of(campaign_id)[grade]
    least = rules.least(reckoned)
    if said is Fate.STORES and least is not None and chance < least:
        return Fated(Fate.NURTURE, "bar")
    return Fated(said, because)


@dataclass(frozen=True, slots=True)
class Standing:
    """Thresholds as they stand at a moment.

    Attributes:
        version: of the rules; 0 is what Koi comes with.
        reckoned: the bar that was last reckoned from capacity, and the row that says how.
    """

    rules: Thresholds
    version: int
    reckoned: float | None = None
    reckoning_id: UUID | None = None

    def fate(self, grade: str, chance: float, campaign_id: UUID | None) -> Fated:
        """See `fate`."""
        return fate(grade, chance, campaign_id, self.rules, self.reckoned)

    @property
    def least(self) -> float | None:
        """The bar; None: there is none."""
        return self.rules.least(self.reckoned)


def told(fated: Fated, standing: Standing) -> dict[str, Any]:
    """What a decision or a lead's story says of it; `least` and `reckoning` where the bar decided."""
    said: dict[str, Any] = {"fate": fated.fate.value, "because": fated.because}
    if fated.because == "bar":
        said["least"] = standing.least
        said |= {"reckoning": str(standing.reckoning_id)} if standing.reckoning_id else {}
    return said
