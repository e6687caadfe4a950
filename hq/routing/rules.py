"""The routing rules, as data with a version."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from shared.platform.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRules:
    """How far, how often and how fast.

    Attributes:
        max_km: farthest store a lead is offered to by distance, kilometres; None means no limit. A store
            whose code was scanned has no such limit: the person was there.
        max_hops: stores that may let a lead go before a person at headquarters looks.
        sla_minutes: working minutes a store has to claim, in its own hours.
        sla_by_grade: other minutes for a grade.
        first_contact_minutes: working minutes from the claim to the first follow-up.
        idle_minutes: working minutes without a follow-up after which a claimed lead is taken back.
        price_percent: how much of the price of its room counts as a cost of a store (`prices`); 0: prices are not used.
        km_per_hour: kilometres that an hour's wait until the store opens is worth.
        km_for_record: kilometres between a store that claims in time and sells, and one that never does.
        km_when_full: kilometres between a store with all its room of the day, and one with none left.
        equal_km: stores whose costs differ by no more take turns, kilometres.
        open_within_hours: hours within which a store must open to be offered a lead; None: however late.
        protect_days: days after its last move for which somebody goes back to the dealer they were with.
        own_dealer_stores: further stores that are asked after `max_hops`, of the dealers that had the lead.
    """

    max_km: float | None = 300
    max_hops: int = 3
    sla_minutes: int = 30
    sla_by_grade: Mapping[str, int] = field(default_factory=dict)
    first_contact_minutes: int = 9 * 60
    idle_minutes: int = 5 * 9 * 60
    price_percent: float = 0
    km_per_hour: float = 0
    km_for_record: float = 0
    km_when_full: float = 0
    equal_km: float = 0.1
    open_within_hours: float | None = None
    protect_days: int = 0
    own_dealer_stores: int = 0

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """Rules from their stored form.

        Raises:
            Invalid: an unknown name or a number that makes no sense; `field` names it.
        """
        names = {part.name for part in fields(cls)}
        for name, value in body.items():
            if name not in names or not _sensible(name, value):
                raise Invalid(field=name)
        return cls(**body)

    def as_body(self) -> dict[str, Any]:
        """The stored form."""
        return asdict(self)

    def claim_minutes(self, grade: str) -> int:
        """Working minutes a store has to claim a lead of this grade."""
        return self.sla_by_grade.get(grade, self.sla_minutes)


_NO_LIMIT = frozenset(("max_km", "open_within_hours"))
_FROM_ZERO = frozenset(
    ("price_percent", "km_per_hour", "km_for_record", "km_when_full", "equal_km", "protect_days", "own_dealer_stores")
)


def _sensible(name: str, value: object) -> bool:
    if name == "sla_by_grade":
        return isinstance(value, dict) and all(map(_positive, value.values()))
    if value is None:
        return name in _NO_LIMIT
    return _positive(value) or (name in _FROM_ZERO and value == 0 and not isinstance(value, bool))


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
