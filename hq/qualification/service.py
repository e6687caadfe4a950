"""All writes of `qualify`: a handful of statements, whatever the size of the batch."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification import locks, merges, suspicions, withdrawal
from hq.qualification.decide import BatchDecisions, Decided, LeadChange, PersonDecisions, Rulebook
from hq.qualification.facts import BatchFacts
from hq.qualification.matching.engine import PHONE, Matching
from shared.contacts.sealing import SealedPhone
from shared.db.batch import Rows
from shared.leads.events import Event, tell
from shared.platform.ids import new_id

_PHONES = Rows(
    {
        "phone_bidx": "bytea",
        "contact_id": "uuid",
        "last4_bidx": "bytea",
        "sealed": "bytea",
        "masked": "text",
        "verified": "text",
    }
)
_ADD_PHONES = text(
    f"""
    INSERT INTO contact_phones ({_PHONES.names}, created_at) SELECT {_PHONES.names}, :now FROM {_PHONES.source}
    ORDER BY phone_bidx ON CONFLICT DO NOTHING
    """  # noqa: S608 (names of this module)
)
_GIVEN = Rows(
    {
        "event_id": "uuid",
        "contact_id": "uuid",
        "scope_id": "uuid",
        "text_id": "uuid",
        "signup_id": "uuid",
        "given_at": "timestamptz",
    }
)
_GIVE_CONSENT = text(
    f"""
    WITH said AS (SELECT * FROM {_GIVEN.source}),
    given AS (
        INSERT INTO consents (contact_id, scope_id, text_id, signup_id, given_at)
        SELECT DISTINCT ON (contact_id, scope_id) contact_id, scope_id, text_id, signup_id, given_at
        FROM said s WHERE scope_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM consent_events e
            WHERE e.contact_id = s.contact_id AND e.what = 'withdrawn' AND e.at >= s.given_at)
        ORDER BY contact_id, scope_id, given_at
        ON CONFLICT DO NOTHING
    )
    INSERT INTO consent_events (event_id, contact_id, text_id, signup_id, what, at)
    SELECT event_id, contact_id, text_id, signup_id, 'given', given_at FROM said
    ON CONFLICT DO NOTHING
    """  # noqa: S608 (names of this module)
)
_OPENED = Rows(
    {
        "lead_id": "uuid",
        "contact_id": "uuid",
        "campaign_id": "uuid",
        "scope_id": "uuid",
        "grade": "text",
        "points": "integer",
        "probability": "double precision",
        "reasons": "jsonb",
        "wish": "jsonb",
        "place": "jsonb",
        "store_code": "text",
    }
)
_OPEN = text(
    f"""
    INSERT INTO leads ({_OPENED.names}, state, state_reason, hops, due_at, opened_at, changed_at)
    SELECT {_OPENED.names}, 'waiting', '{{"code": "new"}}', 0, :now, :now, :now FROM {_OPENED.source}
    """  # noqa: S608 (names of this module)
)
_STRONGER = Rows(
    {
        "lead_id": "uuid",
        "grade": "text",
        "points": "integer",
        "probability": "double precision",
        "reasons": "jsonb",
        "wish": "jsonb",
        "place": "jsonb",
        "store_code": "text",
    }
)
# A lead that waits for room is looked at again: the person may have named another place.
_STRENGTHEN = text(
    f"""
    UPDATE leads l SET grade = t.grade, points = t.points, probability = t.probability, reasons = t.reasons,
           wish = t.wish, place = t.place, store_code = t.store_code, changed_at = :now,
           due_at = CASE WHEN l.state = 'waiting' THEN :now ELSE l.due_at END
    FROM {_STRONGER.source} WHERE l.lead_id = t.lead_id
    """  # noqa: S608 (names of this module)
)
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
        WHERE signup_id = ANY(:ids) AND state = 'decided' AND outcome IN ('in_lead', 'below_threshold', 'duplicate')
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
    _add_phones(session, matching, mine, phones, now=now)
    joined = [each for each in matching.merges if each.survivor in kept]
    merges.merge(session, joined, facts.contacts, now=now)
    _give_consent(session, mine)
    suspicions.write(session, [each.suspicion for each in mine if each.suspicion], now=now)
    _write_leads(session, [each.change for each in mine if each.change], now=now)
    _write_signups(session, [each for person in mine for each in person.decided], rules, matching, now=now)
    relook = decisions.relook.union(*(person.relook for person in mine))
    if relook:
        session.execute(_RELOOK, {"ids": sorted(relook)})
    withdrawal.hold_to(session, contact_ids={each.survivor for each in joined}, now=now)


def _mine(session: Session, decisions: BatchDecisions, facts: BatchFacts, *, now: datetime) -> list[PersonDecisions]:
    """The people that nobody else is busy with, locked: contacts, then new keys, then leads."""
    people = decisions.people
    members = _members(decisions.matching)
    wanted = {
        contact_id
        for person in people
        if person.contact_id is not None
        for contact_id in members.get(person.contact_id, (person.contact_id,))
        if contact_id in facts.contacts
    }
    locked = locks.lock_contacts(session, [facts.contacts[each] for each in wanted], now=now)
    gone = {survivor for survivor, contacts in members.items() if not locked.issuperset(contacts & wanted)}
    gone |= wanted - locked
    mine = [person for person in people if person.contact_id not in gone]
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
    session: Session, people: Sequence[PersonDecisions], matching: Matching, *, now: datetime
) -> list[PersonDecisions]:
    kept = {person.contact_id for person in people}
    received = {each.received.signup_id: each.received for person in people for each in person.decided}
    created = {each.contact_id: received[each.signup_id] for each in matching.created if each.contact_id in kept}
    new = (each for each in matching.identities if each.contact_id in kept)
    taken = locks.claim_keys(session, new, created, now=now)
    return [person for person in people if person.contact_id not in taken]


def _add_phones(
    session: Session,
    matching: Matching,
    people: Iterable[PersonDecisions],
    phones: Mapping[bytes, SealedPhone],
    *,
    now: datetime,
) -> None:
    verified = {
        each.received.said.phone_bidx: each.received.said.phone_verified for person in people for each in person.decided
    }
    rows = [
        (phone.phone_bidx, each.contact_id, phone.last4_bidx, phone.sealed, phone.masked, verified[each.key.value])
        for each in matching.identities
        if each.key.kind == PHONE and each.key.value in verified and (phone := phones.get(each.key.value))
    ]
    if rows:
        session.execute(_ADD_PHONES, {**_PHONES.parameters(rows), "now": now})


def _give_consent(session: Session, people: Iterable[PersonDecisions]) -> None:
    """Write down the consents of sign-ups decided for the first time; one looked at again gives none anew."""
    rows = []
    for person in people:
        for each in person.decided:
            said, received = each.received.said, each.received
            if person.contact_id is None or received.runs:
                continue
            for text_id, scope_id in ((said.share_text_id, received.scope_id), (received.marketing_text_id, None)):
                if text_id is not None:
                    given = (person.contact_id, scope_id, text_id, said.signup_id, said.accepted_at)
                    rows.append((new_id(said.accepted_at), *given))
    if rows:
        session.execute(_GIVE_CONSENT, _GIVEN.parameters(rows))


def _write_leads(session: Session, changes: Sequence[LeadChange], *, now: datetime) -> None:
    opened = [each for each in changes if each.points_before is None]
    stronger = [each for each in changes if each.points_before is not None]
    if opened:
        rows = _OPENED.parameters(
            (each.lead_id, each.contact_id, each.by.said.campaign_id, each.by.scope_id, *_columns(each))
            for each in opened
        )
        session.execute(_OPEN, {**rows, "now": now})
    if stronger:
        rows = _STRONGER.parameters((each.lead_id, *_columns(each)) for each in stronger)
        session.execute(_STRENGTHEN, {**rows, "now": now})
    tell(session, map(_event, changes), now=now)


def _columns(change: LeadChange) -> tuple[Any, ...]:
    score = change.score
    return (
        score.grade,
        score.points,
        score.probability,
        list(score.reasons),
        dict(change.wish),
        dict(change.place),
        change.store_code,
    )


def _event(change: LeadChange) -> Event:
    details = {"signup_id": str(change.by.signup_id), "points": change.score.points, "grade": change.score.grade}
    if change.points_before is None:
        return Event(change.lead_id, "opened", details)
    return Event(change.lead_id, "strengthened", details | {"points_before": change.points_before})


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
    session.execute(_DECIDE, {**rows, "rules": rules.versions_text, "now": now})


def _told_of_matching(matching: Matching) -> dict[UUID, dict[str, Any]]:
    """Per sign-up what it did to contacts: made one, added keys, joined two."""
    told: dict[UUID, dict[str, Any]] = {}
    for made in matching.created:
        told[made.signup_id] = {"contact": "new"}
    for identity in matching.identities:
        entry = told.setdefault(identity.signup_id, {"contact": "known"})
        entry.setdefault("keys", []).append(identity.key.kind)
    for each in matching.merges:
        entry = told.setdefault(each.signup_id, {"contact": "known"})
        entry.setdefault("merged", []).append(str(each.loser))
    for signup_id in matching.contact_of:
        told.setdefault(signup_id, {"contact": "known"})
    return told
