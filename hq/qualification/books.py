"""The books: every accepted sign-up is in exactly one place, counted from two sides in one snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

PLACES = (
    "pending",
    "aside",
    "rejected",
    "quarantined",
    "no_consent",
    "loyalty",
    "nurture",
    "below_threshold",
    "duplicate",
    "withdrawn",
    "undone",
    "in_lead",
)

# One statement, one snapshot. Left: what intake acknowledged (202s given, rows imported). Right: what decisions and
# leads say; a sign-up counts as decided only by the decision of its last run, and as in a lead only by a lead.
_BALANCE = text(
    """
    SELECT side, place, sum(count)::bigint
    FROM (
        SELECT 'accepted' AS side, 'receipts' AS place, count(*) FROM receipts
        UNION ALL
        SELECT 'accepted', 'imports', coalesce(sum(accepted), 0) FROM imports WHERE kind = 'signups'
        UNION ALL
        SELECT 'found', place, count(*)
        FROM (
            SELECT CASE WHEN s.aside_at IS NOT NULL THEN 'aside'
                        WHEN s.state = 'received' THEN 'pending'
                        WHEN d.outcome = 'in_lead' AND l.lead_id IS NULL THEN 'unaccounted'
                        ELSE coalesce(d.outcome, 'unaccounted') END AS place
            FROM signups s
            LEFT JOIN signup_decisions d ON d.signup_id = s.signup_id AND d.run = s.runs AND d.outcome = s.outcome
            LEFT JOIN leads l ON l.lead_id = s.lead_id
        ) AS placed
        GROUP BY place
    ) AS books
    GROUP BY side, place
    """
)


@dataclass(frozen=True, slots=True)
class Balance:
    """What was accepted and where it is now.

    Attributes:
        accepted: acknowledged by the API and the public page, and rows imported.
        places: sign-ups by place; `unaccounted` only when something is wrong.
    """

    accepted: int
    places: Mapping[str, int]

    @property
    def difference(self) -> int:
        """Accepted sign-ups that are nowhere (or, negative, found but never accepted); 0 at any moment."""
        return self.accepted - sum(self.places[place] for place in PLACES)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"accepted": self.accepted, **self.places, "difference": self.difference}


def balance(session: Session) -> Balance:
    """Count both sides."""
    places = dict.fromkeys(PLACES, 0)
    accepted = 0
    for side, place, count in session.execute(_BALANCE):
        if side == "accepted":
            accepted += count
        else:
            places[place] = count
    return Balance(accepted, places)
