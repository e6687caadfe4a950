"""One definition per figure: what became of the sign-ups, from first contact to sale.

The fragments are SQL over `assignments a` and `follow_ups f`. Totals group by them, lists ask for them lead by lead,
so a number and the list behind it cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

#: A store took the lead. There is no claim after a deadline: the offer has ended by then.
CLAIM: Final = "f.kind = 'claim'"
#: The store has spoken with the person; a call that nobody answered is a try.
REACHED: Final = (
    "(f.kind IN ('visit', 'won')"
    " OR f.kind IN ('call', 'message', 'appointment') AND f.result IS DISTINCT FROM 'no_answer')"
)
#: The person came to the store.
VISIT: Final = "(f.kind = 'visit' OR f.result = 'visited')"
#: A try that nobody answered.
UNANSWERED: Final = "(f.kind IN ('call', 'message') AND f.result = 'no_answer')"
#: The store has given up because nobody ever answers.
GAVE_UP: Final = "(f.kind = 'lost' AND f.result = 'unreachable')"
#: Tries after which somebody who never answered counts as silent.
SILENT_AFTER: Final = 3

_DONE: Final = "follow_ups f JOIN assignments a ON a.dealer_id = f.dealer_id AND a.assignment_id = f.assignment_id"
_OF_LEAD: Final = "a.lead_id = leads.lead_id AND (CAST(:at_store AS uuid) IS NULL OR a.store_id = :at_store)"


def _some(what: str) -> str:
    return f"EXISTS (SELECT 1 FROM {_DONE} WHERE {_OF_LEAD} AND {what})"  # noqa: S608 (names of this module)


def _given(what: str) -> str:
    return f"EXISTS (SELECT 1 FROM assignments a WHERE {_OF_LEAD} AND {what})"  # noqa: S608 (names of this module)


_SOLD: Final = _given("a.stage = 'won'")

#: How far a lead came, as a condition on a row of `leads` with the parameter `at_store` (NULL: at any store).
STEPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "offered": _given("true"),
        "claimed": _some(CLAIM),
        "in_time": _some(
            f"{CLAIM} AND NOT EXISTS (SELECT 1 FROM assignments e WHERE e.lead_id = a.lead_id"  # noqa: S608 (as above)
            " AND e.stage = 'expired' AND e.ended_at < f.at)"
        ),
        "contacted": _some(REACHED),
        "visited": _some(VISIT),
        "won": f"leads.state = 'won' AND (CAST(:at_store AS uuid) IS NULL OR {_SOLD})",
        "late": _given("a.stage = 'expired'"),
        "silent": (
            f"{_some(CLAIM)} AND NOT {_some(REACHED)} AND ({_some(GAVE_UP)} OR {SILENT_AFTER} <="  # noqa: S608 (as above)
            f" (SELECT count(*) FROM {_DONE} WHERE {_OF_LEAD} AND {UNANSWERED}))"
        ),
    }
)

#: The way in of the first sign-up that led to a lead, as a scalar for a row of `leads`.
FIRST_TOUCHPOINT: Final = (
    "(SELECT s.touchpoint FROM signups s WHERE s.lead_id = leads.lead_id ORDER BY s.accepted_at, s.signup_id LIMIT 1)"
)
#: Two digits of the province that a lead's person lives in, as far as it is known.
PROVINCE: Final = "left(leads.place ->> 'code', 2)"

_OUTCOMES = """
SELECT CASE WHEN aside_at IS NOT NULL THEN 'aside' WHEN state = 'received' THEN 'pending' ELSE outcome END AS became,
       count(*) AS signups
FROM signups
WHERE (CAST(:campaign_id AS uuid) IS NULL OR campaign_id = :campaign_id)
  AND (CAST(:import_id AS uuid) IS NULL OR import_id = :import_id)
GROUP BY became
"""

#: Where every accepted sign-up is, in the order they are shown.
BECAME = (
    "in_lead",
    "duplicate",
    "nurture",
    "below_threshold",
    "no_consent",
    "loyalty",
    "quarantined",
    "rejected",
    "withdrawn",
    "undone",
    "pending",
    "aside",
)
#: Of these, the ones that screening does not believe.
FAKE = ("quarantined", "rejected")


def became(session: Session, campaign_id: UUID | None = None, *, import_id: UUID | None = None) -> Mapping[str, int]:
    """How many sign-ups (all, or of a campaign or import) are where; every key of `BECAME`, the sum is their number."""
    rows = session.execute(text(_OUTCOMES), {"campaign_id": campaign_id, "import_id": import_id}).all()
    found = {row.became: row.signups for row in rows}
    return {name: found.get(name, 0) for name in BECAME}
