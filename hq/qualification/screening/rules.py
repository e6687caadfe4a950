"""The limits of screening, as data with a version."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from shared.platform.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningRules:
    """How many people may share something before somebody looks at them.

    A limit is the number of people at which the sign-ups are quarantined; None turns the rule off. Why these
    numbers: docs/decisions/0070-screening-limits.md.

    Attributes:
        device_people: people on one device within `device_minutes`, those at a store's own tablet left out.
        address_people: people at one address with the same browser within `address_minutes`.
        bare_address_people: the same where the browser is not known (a spreadsheet), within `bare_address_minutes`.
        many_draws: draws from which a sign-up is flagged.
        flags: number of flags that together quarantine; one alone never does.
    """

    device_people: int | None = 4
    device_minutes: int = 72 * 60
    address_people: int | None = 4
    address_minutes: int = 3 * 60
    bare_address_people: int | None = 6
    bare_address_minutes: int = 60
    many_draws: int | None = 6
    flags: int | None = 2

    @property
    def widest_minutes(self) -> int:
        """How far before and after a sign-up its neighbours matter, in minutes."""
        return max(self.device_minutes, self.address_minutes, self.bare_address_minutes)

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """Rules from their stored form.

        Raises:
            Invalid: an unknown name, or something that is not a positive whole number.
        """
        names = {field.name for field in fields(cls)}
        for name, value in body.items():
            optional = value is None and not name.endswith("_minutes")
            if name not in names or not (optional or (type(value) is int and value > 0)):
                raise Invalid(field=name)
        return cls(**body)

    def as_body(self) -> dict[str, int | None]:
        """The stored form."""
        return asdict(self)
