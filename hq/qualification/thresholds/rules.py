"""The thresholds, as data with a version: a fate by grade, other fates in some campaigns, and a bar of chance.

```
{"fates": {"A": "stores", "B": "stores", "C": "nurture", "D": "close"},
 "campaigns": {"0198…": {"A": "stores", "B": "stores", "C": "stores", "D": "nurture"}},
 "bar": {"by": "none"}}
```

`bar` is `{"by": "chance", "least": 0.02}` where headquarters names the least chance of buying for a store, and
`{"by": "capacity", "fill": 100, "step": 50}` where it is reckoned from what stores can take (`reckoning`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Self
from uuid import UUID

from shared.platform.errors import Invalid

GRADES: Final = ("A", "B", "C", "D")
MOST_CAMPAIGNS: Final = 200
FILL: Final = (10, 200)
"""Percent of what stores can take that is to be filled: least and most."""
STEP: Final = (5, 900)
"""Percent by which the odds at the bar may change from one reckoning to the next: least and most."""


class Fate(StrEnum):
    """What becomes of somebody, the best first."""

    STORES = "stores"
    NURTURE = "nurture"
    CLOSE = "close"


class By(StrEnum):
    """Where the bar comes from."""

    NONE = "none"
    CHANCE = "chance"
    CAPACITY = "capacity"


Fates = Mapping[str, Fate]
"""Grade → fate; a lower grade never fares better than a higher one."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The chance of buying below which somebody whose grade goes to stores is nurtured all the same.

    Attributes:
        least: with `By.CHANCE`, the chance (more than 0, less than 1).
        fill, step: with `By.CAPACITY`, percent (see `FILL`, `STEP`).
    """

    by: By = By.NONE
    least: float | None = None
    fill: int = 100
    step: int = 50

    @classmethod
    def parse(cls, body: Any) -> Self:
        """A bar from its stored form.

        Raises:
            Invalid: `field` is `bar` or `bar.<name>`.
        """
        if not isinstance(body, Mapping) or str(body.get("by")) not in list(By):
            raise Invalid(field="bar.by")
        by = By(body["by"])
        names = {By.NONE: (), By.CHANCE: ("least",), By.CAPACITY: ("fill", "step")}[by]
        for name in body:
            if name not in ("by", *names):
                raise Invalid(field=f"bar.{name}")
        if by is By.CHANCE:
            return cls(by, _chance(body.get("least"), "bar.least"))
        if by is By.CAPACITY:
            return cls(by, None, _whole(body.get("fill"), FILL, "bar.fill"), _whole(body.get("step"), STEP, "bar.step"))
        return cls()

    def as_body(self) -> dict[str, Any]:
        """The stored form."""
        if self.by is By.CHANCE:
            return {"by": self.by.value, "least": self.least}
        return {"by": self.by.value} | ({"fill": self.fill, "step": self.step} if self.by is By.CAPACITY else {})


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What becomes of people by grade, in some campaigns otherwise, and the bar that holds in all of them."""

    fates: Fates
    campaigns: Mapping[UUID, Fates] = field(default_factory=dict)
    bar: Bar = Bar()

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """Thresholds from their stored form.

        Raises:
            Invalid: a part is missing, unknown or makes no sense: `field` is its path with dots, and `reason` one of
                `order` (a lower grade fares better than a higher one) and `nobody` (no grade goes to stores).
        """
        for name in body:
            if name not in ("fates", "campaigns", "bar"):
                raise Invalid(field=str(name))
        fates = _fates(body.get("fates"), "fates")
        if Fate.STORES not in fates.values():
            raise Invalid(field="fates.A", reason="nobody")
        campaigns = body.get("campaigns", {})
        if not isinstance(campaigns, Mapping) or len(campaigns) > MOST_CAMPAIGNS:
            raise Invalid(field="campaigns", most=MOST_CAMPAIGNS)
        others = {_campaign(key): _fates(said, f"campaigns.{key}") for key, said in campaigns.items()}
        return cls(fates, MappingProxyType(others), Bar.parse(body.get("bar")))

    def as_body(self) -> dict[str, Any]:
        """The stored form; `parse` reads the same thresholds back."""
        return {
            "fates": _stored(self.fates),
            "campaigns": {str(key): _stored(fates) for key, fates in self.campaigns.items()},
            "bar": self.bar.as_body(),
        }

    def of(self, campaign_id: UUID | None) -> Fates:
        """The fates by grade in a campaign."""
        return self.fates if campaign_id is None else self.campaigns.get(campaign_id, self.fates)

    def least(self, reckoned: float | None) -> float | None:
        """The chance that the bar asks for; None: no bar.

        Args:
            reckoned: what was last reckoned from capacity, None where nothing was yet.
        """
        return reckoned if self.bar.by is By.CAPACITY else self.bar.least


DEFAULT_THRESHOLDS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "fates": dict.fromkeys(GRADES, Fate.STORES.value),
        "campaigns": {},
        "bar": {"by": By.CHANCE.value, "least": 0.0124},
    }
)
"""What Koi starts with: somebody who says nothing of buying goes to a store, who says "no" does not (decision 204)."""


def _fates(body: Any, place: str) -> Fates:
    if not isinstance(body, Mapping):
        raise Invalid(field=place)
    for name in body:
        if name not in GRADES:
            raise Invalid(field=f"{place}.{name}")
    fates: dict[str, Fate] = {}
    worst = 0
    order = list(Fate)
    for grade in GRADES:
        if body.get(grade) not in order:
            raise Invalid(field=f"{place}.{grade}")
        fate = Fate(body[grade])
        if order.index(fate) < worst:
            raise Invalid(field=f"{place}.{grade}", reason="order")
        worst = order.index(fate)
        fates[grade] = fate
    return MappingProxyType(fates)


def _stored(fates: Fates) -> dict[str, str]:
    return {grade: fate.value for grade, fate in fates.items()}


def _campaign(key: object) -> UUID:
    try:
        return UUID(str(key))
    except ValueError:
        raise Invalid(field=f"campaigns.{key}") from None


def _chance(value: object, place: str) -> float:
    if not isinstance(value, float) or not 0 < value < 1:
        raise Invalid(field=place)
    return value


def _whole(value: object, limits: tuple[int, int], place: str) -> int:
    least, most = limits
    if type(value) is not int or not least <= value <= most:
        raise Invalid(field=place, least=least, most=most)
    return value
