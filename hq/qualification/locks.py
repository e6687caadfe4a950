"""Making sure that nobody was faster: locks on what a batch has read, and the keys that it is first to bring.

Another worker may have met the same person since the facts were read. Such a person is left out: the sign-ups stay
due, and the next batch sees what the other worker wrote. Nobody waits for a contact, so nobody can be waited for in
a circle; new keys are inserted in order of key.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.facts import ContactFacts, Received
from hq.qualification.matching.engine import Identity
from shared.db.batch import Column, Rows

_LOCK_CONTACTS = text(
    """
    UPDATE contacts c SET changed_at = :now
    FROM (
        SELECT o.contact_id
        FROM unnest(CAST(:ids AS uuid[]), CAST(:changed AS timestamptz[])) AS w (contact_id, changed_at)
        JOIN contacts o ON o.contact_id = w.contact_id AND o.changed_at = w.changed_at AND o.merged_into IS NULL
        ORDER BY o.contact_id
        FOR NO KEY UPDATE OF o SKIP LOCKED
    ) AS mine
    WHERE c.contact_id = mine.contact_id
    RETURNING c.contact_id
    """
)
_LOCK_LEADS = text(
    """
    SELECT lead_id FROM leads WHERE lead_id = ANY(:ids) AND closed_at IS NULL ORDER BY lead_id FOR NO KEY UPDATE
    """
)
_KEYS = Rows({"kind": "text", "value_bidx": "bytea", "contact_id": "uuid", "signup_id": "uuid"})
_PEOPLE = Rows({"new_id": "uuid", "name": "text"})
# One statement: the contacts' rows come after the keys', but foreign keys are checked at its end. A contact whose
# keys were all taken by somebody else is not made.
_CLAIM_KEYS = text(
    f"""
    WITH added AS (
        INSERT INTO identities (kind, value_bidx, contact_id, signup_id, created_at)
        SELECT kind, value_bidx, contact_id, signup_id, :now FROM {_KEYS.source} ORDER BY kind, value_bidx
        ON CONFLICT DO NOTHING
        RETURNING kind, value_bidx, contact_id
    ), made AS (
        INSERT INTO contacts (contact_id, name, created_at, changed_at)
        SELECT new_id, name, :now, :now FROM {_PEOPLE.source}
        WHERE new_id IN (SELECT contact_id FROM added)
    )
    SELECT kind, value_bidx FROM added
    """  # noqa: S608 (names of this module)
)
_GIVE_UP = text(
    f"""
    WITH gone AS (
        DELETE FROM identities i USING {_KEYS.source} WHERE i.kind = t.kind AND i.value_bidx = t.value_bidx
    )
    DELETE FROM contacts WHERE contact_id = ANY(:created)
    """  # noqa: S608 (names of this module)
)


def lock_contacts(session: Session, contacts: Collection[ContactFacts], *, now: datetime) -> set[UUID]:
    """The contacts that are ours until the commit, still as they were read; they count as changed now."""
    if not contacts:
        return set()
    ordered = sorted(contacts, key=lambda contact: contact.contact_id)
    values = {
        "ids": Column(contact.contact_id for contact in ordered),
        "changed": Column(contact.changed_at for contact in ordered),
        "now": now,
    }
    return set(session.execute(_LOCK_CONTACTS, values).scalars())


def lock_leads(session: Session, lead_ids: Collection[UUID]) -> set[UUID]:
    """The leads of these that are still open, locked."""
    return set(session.execute(_LOCK_LEADS, {"ids": Column(sorted(lead_ids))}).scalars()) if lead_ids else set()


def claim_keys(
    session: Session,
    identities: Iterable[Identity],
    created: Mapping[UUID, Received],
    *,
    now: datetime,
) -> set[UUID]:
    """Bring new keys into the world, with the contacts that they name; returns the contacts whose keys somebody
    else brought first.

    Nothing is left of those: two numbers that only a lost key had joined may be two people's.
    """
    wanted = list(identities)
    if not wanted:
        return set()
    keys = _KEYS.parameters((each.key.kind, each.key.value, each.contact_id, each.signup_id) for each in wanted)
    people = _PEOPLE.parameters((contact_id, by.name) for contact_id, by in created.items())
    rows = session.execute(_CLAIM_KEYS, {**keys, **people, "now": now}).all()
    added = {(kind, bytes(value)) for kind, value in rows}
    taken = {each.contact_id for each in wanted if (each.key.kind, each.key.value) not in added}
    left = [each for each in wanted if each.contact_id in taken and (each.key.kind, each.key.value) in added]
    if left:
        keys = _KEYS.parameters((each.key.kind, each.key.value, each.contact_id, each.signup_id) for each in left)
        session.execute(_GIVE_UP, {**keys, "created": sorted(taken & created.keys())})
    return taken


def leads_of(leads: Sequence[UUID | None]) -> set[UUID]:
    """Those that exist."""
    return {lead_id for lead_id in leads if lead_id is not None}
