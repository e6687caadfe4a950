"""The settings of screening and routing as pages ask for them: choices, or units and sensible limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hq.qualification.screening.kinds import ALL, OFF

_A_WEEK = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Setting:
    """One number, or one word out of several.

    Attributes:
        path: its names from outside in.
        unit: km, stores, minutes, …
        choices: the words; of a number none.
        empty: what an empty field means: `` (it must be filled), `no_limit` or `as_others`.
    """

    path: tuple[str, ...]
    unit: str
    least: int
    most: int
    empty: str = ""
    choices: tuple[str, ...] = ()

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
    Setting(("price_percent",), "percent", 0, 200),
    Setting(("km_per_hour",), "km", 0, 100),
    Setting(("km_for_record",), "km", 0, 500),
    Setting(("km_when_full",), "km", 0, 500),
    Setting(("equal_km",), "km", 0, 50),
    Setting(("open_within_hours",), "hours", 1, 720, "no_limit"),
    Setting(("protect_days",), "days", 0, 730),
    Setting(("own_dealer_stores",), "stores", 0, 20),
)
SCREENING: Final = tuple(
    setting
    for code, kind in ALL.items()
    for setting in (
        Setting((code, "effect"), "", 0, 0, choices=(OFF, *kind.effects)),
        *(Setting((code, each.name), each.unit, each.least, each.most) for each in kind.params),
    )
)
