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
    """

    max_km: float | None = 300
    max_hops: int = 3
    sla_minutes: int = 30
    sla_by_grade: Mapping[str, int] = field(default_factory=dict)
    first_contact_minutes: int = 9 * 60
    idle_minutes: int = 5 * 9 * 60

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """Rules from their stored form.

        Raises:
            Invalid: an unknown name or a number that makes no sense; `field` names it.
        """
        names = {part.name for part in fields(cls)}
        for name, value in body.items():
            by_grade = name == "sla_by_grade" and isinstance(value, dict) and all(map(_positive, value.values()))
            if name not in names or not (by_grade or _positive(value) or (name == "max_km" and value is None)):
                raise Invalid(field=name)
        return cls(**body)

    def as_body(self) -> dict[str, Any]:
        """The stored form."""
        return asdict(self)

    def claim_minutes(self, grade: str) -> int:
        """Working minutes a store has to claim a lead of this grade."""
        return self.sla_by_grade.get(grade, self.sla_minutes)


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
