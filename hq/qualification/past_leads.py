"""What became of Koi's own leads, and what was known of each person when the lead was opened."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.facts import Said
from hq.qualification.profile import scoring_facts
from hq.qualification.scoring.scorecard import Value
from hq.routing.network import Network
from shared.db.batch import Column
from shared.leads.metrics import REACHED

_BATCH = 5_000

# A lead that a store gave up without ever reaching the person says something about the store; so does one that
# nobody claimed. Neither is a loss, and a lead that is still open is none yet.
_LEADS = text(
    f"""
    SELECT l.lead_id, l.opened_at, l.place,
           CASE WHEN l.state = 'won' THEN 1
                WHEN l.state = 'lost' AND EXISTS (
                    SELECT 1 FROM assignments a
                    JOIN follow_ups f ON f.dealer_id = a.dealer_id AND f.assignment_id = a.assignment_id
                    WHERE a.lead_id = l.lead_id AND {REACHED}) THEN 0
                ELSE -1 END
    FROM leads l
    WHERE l.opened_at >= :since AND l.opened_at < :until
    ORDER BY l.opened_at, l.lead_id
    """  # noqa: S608 (a fragment of `metrics`)
)
_SAID = ", ".join(f"s.{name}" for name in Said._fields)
_SIGNUPS = text(
    f"""
    SELECT l.lead_id, {_SAID}
    FROM leads l JOIN signups s ON s.contact_id = l.contact_id AND s.accepted_at <= l.opened_at
    WHERE l.lead_id = ANY(:leads) AND s.outcome IN ('in_lead', 'duplicate', 'nurture', 'below_threshold')
    ORDER BY l.lead_id, s.accepted_at, s.signup_id
    """  # noqa: S608 (names of this module)
)


@dataclass(frozen=True, slots=True)
class PastLead:
    """A lead whose end is known: when it was opened, whether it was won, what was known then."""

    opened_at: datetime
    won: bool
    facts: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Ended:
    """The leads of a stretch of time: those that ended, the earliest first, and how many tell nothing of the customer
    (open, closed by headquarters, or never reached by a store)."""

    leads: tuple[PastLead, ...]
    untold: int


def ended(session: Session, network: Network, *, since: datetime, until: datetime) -> Ended:
    """Read the leads opened from `since` to before `until`."""
    rows = session.execute(_LEADS, {"since": since, "until": until}).all()
    judged = [row for row in rows if row[3] >= 0]
    leads = tuple(lead for part in _parts(judged) for lead in _told(session, network, part))
    return Ended(leads, len(rows) - len(leads))


def _told(session: Session, network: Network, rows: Sequence[Any]) -> Iterator[PastLead]:
    said: dict[UUID, list[Said]] = {}
    for lead_id, *values in session.execute(_SIGNUPS, {"leads": Column(row[0] for row in rows)}):
        said.setdefault(lead_id, []).append(Said(*values))
    for lead_id, opened_at, place, won in rows:
        signups = said.get(lead_id)
        if signups:
            km = network.nearest_km(place["lng"], place["lat"]) if place else None
            yield PastLead(opened_at, won == 1, scoring_facts(signups, km, signups[-1].accepted_at))


def _parts(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(rows)
    while part := list(islice(rest, _BATCH)):
        yield part
