"""Whom headquarters judges: the people of sign-ups, locked, and what they were stopped for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from hq.qualification.quarantine.rulings import FOLLOWS, REJECTED
from shared.platform.errors import Missing

_SIGNUPS = "SELECT signup_id, contact_id FROM signups WHERE signup_id = ANY(CAST(:ids AS uuid[])) ORDER BY signup_id"
_READ = text(_SIGNUPS)
_LOCK = text(f"{_SIGNUPS} FOR NO KEY UPDATE")
# `qualify` leaves a person alone whose contact was changed after it read the facts.
_LOCK_CONTACTS = text(
    """
    UPDATE contacts c SET changed_at = :now
    FROM (
        SELECT contact_id FROM contacts WHERE contact_id = ANY(CAST(:ids AS uuid[]))
        ORDER BY contact_id FOR NO KEY UPDATE
    ) AS mine
    WHERE c.contact_id = mine.contact_id
    """
)
_REASONS = text(
    """
    SELECT coalesce(s.contact_id, s.signup_id) AS person,
           array_agg(DISTINCT r ->> 'code' ORDER BY r ->> 'code') AS codes
    FROM signups s
    JOIN signup_decisions d ON d.signup_id = s.signup_id AND d.run = s.runs
    CROSS JOIN LATERAL jsonb_array_elements(d.steps -> 'screening' -> 'reasons') AS r
    WHERE (s.contact_id = ANY(CAST(:contacts AS uuid[])) OR s.signup_id = ANY(CAST(:alone AS uuid[])))
      AND r ->> 'effect' = 'quarantine' AND r ->> 'code' <> ALL(:derived)
    GROUP BY 1
    """
)


#: Of people, the sign-ups that a verdict may move: all but those of leads that are over. Rows `t`.
DUE_AGAIN = """
    (t.contact_id = ANY(CAST(:contacts AS uuid[])) OR t.signup_id = ANY(CAST(:alone AS uuid[])))
    AND t.state = 'decided' AND t.aside_at IS NULL
    AND (t.outcome IN ('quarantined', 'rejected', 'loyalty', 'nurture', 'below_threshold', 'duplicate')
         OR EXISTS (SELECT 1 FROM leads l WHERE l.lead_id = t.lead_id AND l.closed_at IS NULL))
"""


class Judged(NamedTuple):
    """A person, by the earliest of the sign-ups that were named."""

    signup_id: UUID
    contact_id: UUID | None

    @property
    def key(self) -> UUID:
        """What names the person."""
        return self.contact_id or self.signup_id


def lock(session: Session, signup_ids: Collection[UUID]) -> list[Judged]:
    """As `of`, with the sign-ups locked."""
    return _people(session, _LOCK, signup_ids)


def of(session: Session, signup_ids: Collection[UUID]) -> list[Judged]:
    """The people of sign-ups, each once, in order of their earliest one.

    Raises:
        Missing: one of the sign-ups does not exist.
    """
    return _people(session, _READ, signup_ids)


def _people(session: Session, statement: TextClause, signup_ids: Collection[UUID]) -> list[Judged]:
    wanted = set(signup_ids)
    rows = session.execute(statement, {"ids": sorted(wanted)}).all()
    if missing := wanted - {row.signup_id for row in rows}:
        raise Missing(signup=str(min(missing)))
    found: dict[UUID, Judged] = {}
    for row in rows:
        judged = Judged(row.signup_id, row.contact_id)
        found.setdefault(judged.key, judged)
    return list(found.values())


def lock_contacts(session: Session, named: Sequence[Judged], *, now: datetime) -> None:
    """Lock the contacts of people; they count as changed now."""
    session.execute(_LOCK_CONTACTS, {"ids": keys_of(named)["contacts"], "now": now})


def keys_of(named: Sequence[Judged]) -> dict[str, list[UUID]]:
    """Parameters that name people: their contacts, and the sign-ups of those who have none."""
    return {
        "contacts": sorted(each.contact_id for each in named if each.contact_id is not None),
        "alone": sorted(each.signup_id for each in named if each.contact_id is None),
    }


def reasons_known(session: Session, named: Sequence[Judged]) -> Mapping[UUID, list[str]]:
    """By person the codes of everything that asked for quarantine in the last decision of any of their sign-ups."""
    rows = session.execute(_REASONS, {**keys_of(named), "derived": [FOLLOWS, REJECTED]})
    return {row.person: row.codes for row in rows}
