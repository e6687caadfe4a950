"""Which contacts headquarters keeps apart."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.matching.engine import Arrival, Key, Pair, people
from shared.db.batch import Column

# Two contacts that were joined to others since are kept apart as those. Few pairs are ever kept apart, so that they
# are read, not the contacts of a batch.
_APART = text(
    """
    SELECT coalesce(a.merged_into, a.contact_id), coalesce(b.merged_into, b.contact_id)
    FROM kept_apart k JOIN contacts a ON a.contact_id = k.one JOIN contacts b ON b.contact_id = k.other
    WHERE coalesce(a.merged_into, a.contact_id) = ANY(CAST(:contacts AS uuid[]))
      AND coalesce(b.merged_into, b.contact_id) = ANY(CAST(:contacts AS uuid[]))
    """
)
_FORGET = text(
    """
    DELETE FROM kept_apart k USING contacts a, contacts b
    WHERE a.contact_id = k.one AND b.contact_id = k.other
      AND coalesce(a.merged_into, a.contact_id) = :contact AND coalesce(b.merged_into, b.contact_id) = :contact
    """
)


def kept_apart_of(session: Session, arrivals: Sequence[Arrival], identities: Mapping[Key, UUID]) -> frozenset[Pair]:
    """The pairs that matter for a batch: among known contacts that its keys would join."""
    if not any(_bridges(each, identities) for each in arrivals):
        return frozenset()
    joined = (person.contacts for person in people(arrivals, identities, ()) if len(person.contacts) > 1)
    return kept_apart(session, frozenset().union(*joined))


def _bridges(arrival: Arrival, identities: Mapping[Key, UUID]) -> bool:
    """Whether a sign-up may tie one contact to another: its keys are not all one contact's, nor all new."""
    return len({identities.get(key) for key in arrival.keys}) > 1


def kept_apart(session: Session, contacts: Collection[UUID]) -> frozenset[Pair]:
    """The pairs among these contacts (one statement, none for fewer than two)."""
    if len(contacts) < 2:
        return frozenset()
    pairs = session.execute(_APART, {"contacts": Column(sorted(contacts))})
    return frozenset((min(one, other), max(one, other)) for one, other in pairs)


def forget(session: Session, contact_id: UUID) -> None:
    """Somebody says that people who were kept apart are one after all: `contact_id`."""
    session.execute(_FORGET, {"contact": contact_id})
