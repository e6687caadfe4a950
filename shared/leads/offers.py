"""What a store may see of a lead before it claims it: enough to decide, and nothing that names the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The facts of an offer, kept as JSON on the assignment (`assignments.offer`).

    Attributes:
        name: masked, `陈**`; empty when unknown.
        phone: masked, `138****0000`.
        district: where the person lives, as far as it is known; empty when unknown.
        rough: `city` or `province` where no more than that is known; `km` then leads to its middle.
        km: great-circle distance to the store, None when unknown.
        wish: model, purchase_horizon, current_vehicle, budget, booked_test_ride (those that are known).
        campaign: its name.
        touchpoint: code, such as store_qr.
        signed_up_at: the latest sign-up.
        signups: how many sign-ups of this person count for the lead.
        reasons: of the score: `{"fact", "bin", "points"}`.
        probability: of buying, 0 to 1; None when it is not known.
        why: `{"code": scanned | nearest | desk, …}`: why this store.
        stores: how many stores got the lead at the same time.
    """

    phone: str
    name: str = ""
    district: str = ""
    rough: str = ""
    km: float | None = None
    wish: Mapping[str, Any] = field(default_factory=dict)
    campaign: str = ""
    touchpoint: str | None = None
    signed_up_at: datetime | None = None
    signups: int = 1
    reasons: tuple[Mapping[str, Any], ...] = ()
    probability: float | None = None
    why: Mapping[str, Any] = field(default_factory=dict)
    stores: int = 1

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        stored = {part.name: getattr(self, part.name) for part in _PARTS}  # asdict would copy every reason deeply
        stored["signed_up_at"] = None if self.signed_up_at is None else self.signed_up_at.isoformat()
        stored["reasons"] = list(self.reasons)
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read the stored form; what is missing is unknown, what is new is passed over."""
        known = {part.name for part in fields(cls)}
        values = {name: value for name, value in stored.items() if name in known}
        if text := values.get("signed_up_at"):
            values["signed_up_at"] = datetime.fromisoformat(text)
        values["reasons"] = tuple(values.get("reasons") or ())
        return cls(**{"phone": "", **values})


_PARTS = fields(Offer)
