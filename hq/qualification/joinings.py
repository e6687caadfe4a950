"""Somebody at headquarters says that two contacts are the same person."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from hq.qualification import merges
from hq.qualification.decide import known_as
from hq.qualification.facts import ContactFacts
from hq.qualification.matching.apart import forget
from hq.qualification.matching.engine import Merge, survivor_of
from hq.qualification.matching.models import ContactMerge
from hq.qualification.partings import checked
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.leads import withdrawal
from shared.platform.errors import Conflict, Missing

# The contacts first: a worker that decides about one of them is waited for while nothing is held here, and none waits
# for a contact. It leaves out one that was changed since it was read.
_LOCK_SIGNUPS = text("SELECT 1 FROM signups WHERE contact_id IN (:one, :other) ORDER BY signup_id FOR NO KEY UPDATE")
_LOCK_CONTACTS = text("SELECT 1 FROM contacts WHERE contact_id IN (:one, :other) ORDER BY contact_id FOR NO KEY UPDATE")
_LOCK_LEADS = text(
    """
    SELECT 1 FROM leads WHERE contact_id IN (:one, :other) AND closed_at IS NULL ORDER BY lead_id FOR NO KEY UPDATE
    """
)
_TOUCH = text("UPDATE contacts SET changed_at = :now WHERE contact_id IN (:one, :other)")
_FACTS = text(
    """
    SELECT c.contact_id, c.created_at, c.changed_at, l.lead_id, l.state, l.points, a.stage,
           (SELECT max(w.closed_at) FROM leads w WHERE w.contact_id = c.contact_id AND w.state = 'won')
    FROM contacts c
    LEFT JOIN leads l ON l.contact_id = c.contact_id AND l.closed_at IS NULL
    LEFT JOIN holds h ON h.lead_id = l.lead_id
    LEFT JOIN assignments a ON a.dealer_id = h.dealer_id AND a.assignment_id = h.assignment_id
    WHERE c.contact_id IN (:one, :other) AND c.merged_into IS NULL
    """
)


class AlreadyJoined(Conflict):
    """One of the two was joined to another contact meanwhile."""

    code = "already_joined"


def join(session: Session, *, one: UUID, other: UUID, note: str, actor: Actor, now: datetime) -> ContactMerge:
    """Make two contacts one; whose lead has come farther stays. Those that are one already stay so.

    Raises:
        Missing: no such contact, or the same one twice.
        AlreadyJoined: one of them is another one's by now.
        Invalid: the note is too long.
    """
    note = checked(note)
    pair = {"one": one, "other": other, "now": now}
    if one == other or len(session.execute(_LOCK_CONTACTS, pair).all()) < 2:
        raise Missing(contact=str(other))
    session.execute(_LOCK_SIGNUPS, pair)
    session.execute(_LOCK_LEADS, pair)
    facts = facts_of(session, one, other)
    if len(facts) < 2:
        return _joined_already(session, one, other)
    session.execute(_TOUCH, pair)
    merge = between(facts)
    merges.merge(session, [merge], facts, by=actor, note=note, now=now)
    forget(session, merge.survivor)
    withdrawal.hold_to(session, contact_ids=[merge.survivor], now=now)
    audit.record(session, actor, "contact:join", merge.survivor, at=now, joined=str(merge.loser), why=note)
    return session.scalars(_live(merge.loser, merge.survivor)).one()


def _joined_already(session: Session, one: UUID, other: UUID) -> ContactMerge:
    """The joining of just these two, done before."""
    found = session.scalar(_live(one, other)) or session.scalar(_live(other, one))
    if found is None:
        raise AlreadyJoined
    return found


def _live(loser: UUID, survivor: UUID) -> Select[ContactMerge]:
    return select(ContactMerge).where(
        ContactMerge.loser == loser, ContactMerge.survivor == survivor, ContactMerge.undone_at.is_(None)
    )


def facts_of(session: Session, one: UUID, other: UUID) -> Mapping[UUID, ContactFacts]:
    """How the two stand; those that were joined to others are left out."""
    rows = session.execute(_FACTS, {"one": one, "other": other})
    return {row[0]: ContactFacts(*row) for row in rows}


def between(facts: Mapping[UUID, ContactFacts]) -> Merge:
    """Which of the two becomes the other one."""
    survivor = survivor_of(map(known_as, facts.values()))
    (loser,) = facts.keys() - {survivor}
    return Merge(loser, survivor, None)
