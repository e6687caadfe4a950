"""The settings of routing as pages ask for them: unit and sensible limits; words under `rule.routing.<name>`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_A_WEEK = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Setting:
    """One number.

    Attributes:
        path: its names from outside in.
        unit: km, stores, minutes.
        empty: what an empty field means: `` (it must be filled), `no_limit` or `as_others`.
    """

    path: tuple[str, ...]
    unit: str
    least: int
    most: int
    empty: str = ""

    @property
    def name(self) -> str:
        """Its name in a form."""
        return ".".join(self.path)


ROUTING: Final = (
    Setting(("max_km",), "km", 1, 5_000, "no_limit"),
    Setting(("max_hops",), "stores", 1, 20),
    Setting(("sla_minutes",), "minutes", 1, _A_WEEK),
    *(Setting(("sla_by_grade", grade), "minutes", 1, _A_WEEK, "as_others") for grade in "ABC"),
    Setting(("first_contact_minutes",), "minutes", 1, 4 * _A_WEEK),
    Setting(("idle_minutes",), "minutes", 1, 12 * _A_WEEK),
)
