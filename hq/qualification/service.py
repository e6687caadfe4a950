"""All writes of `qualify`: a handful of statements, whatever the size of the batch."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification import lead_rows, locks, merges, people, suspicions
from hq.qualification.decisions import BatchDecisions, Decided, PersonDecisions, Rulebook
from hq.qualification.facts import BatchFacts
from hq.qualification.matching.engine import Matching
from shared.contacts.sealing import SealedPhone
from shared.db.batch import Rows
from shared.db.sending import send
from shared.leads import withdrawal

_DECIDED = Rows(
    {
        "signup_id": "uuid",
        "outcome": "text",
        "contact_id": "uuid",
        "lead_id": "uuid",
        "steps": "jsonb",
    }
)
_DECIDE = text(
    f"""
    WITH sent AS (SELECT * FROM {_DECIDED.source}),
    moved AS (
        UPDATE signups s SET state = 'decided', outcome = t.outcome, contact_id = t.contact_id, lead_id = t.lead_id,
               runs = s.runs + 1, decided_at = :now
        FROM sent t WHERE s.signup_id = t.signup_id
        RETURNING s.signup_id, s.runs
    )
    INSERT INTO signup_decisions (signup_id, run, outcome, contact_id, lead_id, steps, rules, at)
    SELECT t.signup_id, m.runs, t.outcome, t.contact_id, t.lead_id, t.steps, CAST(:rules AS jsonb), :now
    FROM sent t JOIN moved m USING (signup_id)
    """  # noqa: S608 (names of this module)
)
_RELOOK = text(
    """
    UPDATE signups s SET state = 'received'
    FROM (
        SELECT signup_id FROM signups
        WHERE (signup_id = ANY(:ids) OR contact_id = ANY(:contacts) AND inviter_bidx IS NOT NULL)
          AND state = 'decided' AND outcome IN ('in_lead', 'nurture', 'below_threshold', 'duplicate', 'loyalty')
        ORDER BY signup_id FOR NO KEY UPDATE SKIP LOCKED
    ) AS again
    WHERE s.signup_id = again.signup_id
    """
)


def write(
    session: Session,
    decisions: BatchDecisions,
    facts: BatchFacts,
    rules: Rulebook,
    phones: Mapping[bytes, SealedPhone],
    *,
    now: datetime,
) -> None:
    """Write what was decided, except about people whom somebody else changed meanwhile: those stay due.

    Args:
        phones: the numbers that are new, sealed for their contacts, by blind index.
    """
    mine = _mine(session, decisions, facts, now=now)
    matching = decisions.matching
    kept = {person.contact_id for person in mine}
    people.add_phones(session, matching, mine, phones, now=now)
    joined = [each for each in matching.merges if each.survivor in kept]
    merges.merge(session, joined, facts.contacts, now=now)
    people.give_consent(session, mine)
    suspicions.write(session, [each.suspicion for each in mine if each.suspicion], now=now)
    lead_rows.write(session, [each.change for each in mine if each.change], now=now)
    _write_signups(session, [each for person in mine for each in person.decided], rules, matching, now=now)
    relook = decisions.relook.union(*(person.relook for person in mine))
    if relook or decisions.relook_contacts:
        send(session, _RELOOK, {"ids": sorted(relook), "contacts": sorted(decisions.relook_contacts)})
    withdrawal.hold_to(session, contact_ids={each.survivor for each in joined}, now=now)


def _mine(session: Session, decisions: BatchDecisions, facts: BatchFacts, *, now: datetime) -> list[PersonDecisions]:
    """The people that nobody else is busy with, locked: contacts, then new keys, then leads."""
    members = _members(decisions.matching)
    wanted = {
        contact_id
        for person in decisions.people
        if person.contact_id is not None
        for contact_id in members.get(person.contact_id, (person.contact_id,))
        if contact_id in facts.contacts
    }
    locked = locks.lock_contacts(session, [facts.contacts[each] for each in wanted], now=now)
    gone = {survivor for survivor, contacts in members.items() if not locked.issuperset(contacts & wanted)}
    gone |= wanted - locked
    mine = [person for person in decisions.people if person.contact_id not in gone]
    mine = _with_own_keys(session, mine, decisions.matching, now=now)
    leads = {
        lead_id
        for person in mine
        if person.contact_id is not None and (person.change or person.suspicion or person.contact_id in members)
        for contact_id in members.get(person.contact_id, {person.contact_id})
        if contact_id in facts.contacts and (lead_id := facts.contacts[contact_id].lead_id) is not None
    }
    closed = leads - locks.lock_leads(session, leads)
    late = {each.contact_id for each in facts.contacts.values() if each.lead_id in closed}
    return [person for person in mine if late.isdisjoint(members.get(person.contact_id, {person.contact_id}))]


def _members(matching: Matching) -> dict[UUID | None, set[UUID]]:
    """Per surviving contact of a merge: all the contacts that become it."""
    members: dict[UUID | None, set[UUID]] = {}
    for each in matching.merges:
        members.setdefault(each.survivor, {each.survivor}).add(each.loser)
    return members


def _with_own_keys(
    session: Session, mine: Sequence[PersonDecisions], matching: Matching, *, now: datetime
) -> list[PersonDecisions]:
    kept = {person.contact_id for person in mine}
    received = {each.received.signup_id: each.received for person in mine for each in person.decided}
    created = {each.contact_id: received[each.signup_id] for each in matching.created if each.contact_id in kept}
    new = (each for each in matching.identities if each.contact_id in kept)
    taken = locks.claim_keys(session, new, created, now=now)
    return [person for person in mine if person.contact_id not in taken]


def _write_signups(
    session: Session, decided: Sequence[Decided], rules: Rulebook, matching: Matching, *, now: datetime
) -> None:
    if not decided:
        return
    told = _told_of_matching(matching)
    rows = _DECIDED.parameters(
        (
            each.received.signup_id,
            each.outcome,
            each.contact_id,
            each.lead_id,
            {"matching": told.get(each.received.signup_id, {"contact": "known"}), **each.steps},
        )
        for each in sorted(decided, key=lambda each: each.received.signup_id)
    )
    send(session, _DECIDE, {**rows, "rules": rules.versions_text, "now": now})


def _told_of_matching(matching: Matching) -> dict[UUID, dict[str, Any]]:
    """Per sign-up what it did to contacts: made one, added keys, joined two."""
    told: dict[UUID, dict[str, Any]] = {}
    for made in matching.created:
        told[made.signup_id] = {"contact": "new"}
    for identity in matching.identities:
        entry = told.setdefault(identity.signup_id, {"contact": "known"})
        entry.setdefault("keys", []).append(identity.key.kind)
    for each in matching.merges:
        if each.signup_id is not None:
            entry = told.setdefault(each.signup_id, {"contact": "known"})
            entry.setdefault("merged", []).append(str(each.loser))
    for signup_id in matching.contact_of:
        told.setdefault(signup_id, {"contact": "known"})
    return told
