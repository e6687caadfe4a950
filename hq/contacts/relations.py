"""Who was joined to a customer, by what, and who is kept apart from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

# Of a customer all that were joined to it, and to those; the record tells what the other one brought.
_JOINED = text(
    """
    SELECT m.merge_id, m.loser, m.survivor, c.name, c.created_at, m.at, m.signup_id, m.by, m.note,
           jsonb_array_length(m.moved -> 'signups') AS signups,
           (SELECT jsonb_agg(p.masked ORDER BY p.created_at, p.phone_bidx) FROM contact_phones p
            WHERE p.phone_bidx IN (SELECT decode(jsonb_array_elements_text(m.moved -> 'phones'), 'hex'))) AS phones,
           m.undone_at, m.undone_by, m.why
    FROM contact_merges m JOIN contacts c ON c.contact_id = m.loser
    WHERE m.survivor = :contact
       OR (m.undone_at IS NULL AND m.survivor IN (SELECT contact_id FROM contacts WHERE merged_into = :contact))
    ORDER BY m.at DESC, m.merge_id DESC LIMIT :most
    """
)
_APART = text(
    """
    SELECT coalesce(c.merged_into, c.contact_id) AS contact_id, c.name, k.by, k.why, k.at,
           (SELECT p.masked FROM contact_phones p WHERE p.contact_id = coalesce(c.merged_into, c.contact_id)
            ORDER BY p.created_at, p.phone_bidx LIMIT 1) AS phone
    FROM kept_apart k
    JOIN contacts c ON c.contact_id = CASE WHEN k.one = ANY(:mine) THEN k.other ELSE k.one END
    WHERE k.one = ANY(:mine) OR k.other = ANY(:mine)
    ORDER BY k.at DESC, k.one, k.other LIMIT :most
    """
)
_MOST = 50


@dataclass(frozen=True, slots=True)
class Joining:
    """One that was joined to the customer, directly or to one that was. `phones` masked; `by` None: keys did it."""

    merge_id: UUID
    loser: UUID
    survivor: UUID
    name: str | None
    created_at: datetime
    at: datetime
    signup_id: UUID | None
    by: str | None
    note: str
    signups: int
    phones: Sequence[str]
    undone_at: datetime | None
    undone_by: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Apart:
    """Somebody who is not the same person; who said so, why and when."""

    contact_id: UUID
    name: str | None
    by: str
    why: str
    at: datetime
    phone: str | None


def joinings(session: Session, contact_id: UUID) -> list[Joining]:
    """The latest first."""
    rows = session.execute(_JOINED, {"contact": contact_id, "most": _MOST})
    return [Joining(**_values(row)) for row in rows]


def _values(row: Any) -> dict[str, Any]:
    return {**row._mapping, "phones": row.phones or ()}


def apart(session: Session, contact_id: UUID, joined: Sequence[Joining]) -> list[Apart]:
    """Those who are kept apart from the customer or from one that was joined to it."""
    mine = [contact_id, *(each.loser for each in joined if each.undone_at is None)]
    rows = session.execute(_APART, {"mine": mine, "most": _MOST})
    return [Apart(**row._mapping) for row in rows]
