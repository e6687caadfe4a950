"""Two contacts that were joined turn out to be two people: each gets back what was its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from hq.qualification import parted_leads
from hq.qualification.joined import ConsentSaid, SignupNow, Whole, whole
from hq.qualification.matching.consents import Given, stands
from hq.qualification.matching.models import NOTE_LIMIT, ContactMerge
from hq.qualification.matching.parting import Parted, part
from shared.audit import service as audit
from shared.contacts.hiding import with_masked_phones
from shared.contacts.models import Contact
from shared.db.batch import Rows
from shared.identity.actor import Actor
from shared.platform.errors import Conflict, Invalid, Missing
from shared.platform.ids import next_id
from shared.work.doorbell import ring_after_commit

LOOKED_AGAIN = frozenset(("in_lead", "duplicate", "nurture", "below_threshold", "quarantined"))
"""Outcomes that hung on who the person was; another person's sign-up gets another decision."""


class JoinedSince(Conflict):
    """The contact was itself joined to another one since; that has to be undone first. `params`: contact, merge."""

    code = "joined_since"


# The contacts first: a worker that decides about one of them is waited for while nothing is held here, and none waits
# for a contact. It leaves out one that was changed since it was read.
_LOCK_SIGNUPS = text("SELECT 1 FROM signups WHERE contact_id = :survivor ORDER BY signup_id FOR NO KEY UPDATE")
_LOCK_CONTACTS = text("SELECT 1 FROM contacts WHERE contact_id IN (:one, :other) ORDER BY contact_id FOR NO KEY UPDATE")
_TOUCH = text("UPDATE contacts SET changed_at = :now WHERE contact_id = :survivor")
_FREE = text(
    """
    UPDATE contacts SET changed_at = :now,
           merged_into = CASE WHEN contact_id = :loser THEN NULL ELSE CAST(:loser AS uuid) END
    WHERE merged_into = :survivor AND contact_id = ANY(:contacts)
    """
)
_SIGNUPS = Rows({"signup_id": "uuid", "contact_id": "uuid", "lead_id": "uuid", "state": "text"})
_MOVE_SIGNUPS = text(
    f"""
    UPDATE signups s SET contact_id = t.contact_id, lead_id = t.lead_id, state = t.state
    FROM {_SIGNUPS.source} WHERE s.signup_id = t.signup_id
    """  # noqa: S608 (names of this module)
)
_KEYS = Rows({"kind": "text", "value_bidx": "bytea"})
_MOVE_KEYS = text(
    f"""
    UPDATE identities i SET contact_id = :loser FROM {_KEYS.source}
    WHERE i.kind = t.kind AND i.value_bidx = t.value_bidx
    """  # noqa: S608 (names of this module)
)
_MOVE_PHONES = text(
    "UPDATE contact_phones SET contact_id = :loser WHERE phone_bidx = ANY(:phones) AND contact_id = :survivor"
)
_MOVE_EVENTS = text("UPDATE consent_events SET contact_id = :loser WHERE event_id = ANY(:events)")
_TAKEN_BACK = text(
    """
    INSERT INTO consent_events (event_id, contact_id, text_id, signup_id, what, at)
    SELECT CAST(:event AS uuid), :loser, text_id, signup_id, what, at FROM consent_events WHERE event_id = :of
    """
)
_CONSENTS = Rows({"scope_id": "uuid", "text_id": "uuid", "signup_id": "uuid", "given_at": "timestamptz"})
_GIVE = text(
    f"""
    INSERT INTO consents (contact_id, {_CONSENTS.names}) SELECT CAST(:contact AS uuid), {_CONSENTS.names}
    FROM {_CONSENTS.source}
    ON CONFLICT (contact_id, scope_id) DO UPDATE
    SET text_id = excluded.text_id, signup_id = excluded.signup_id, given_at = excluded.given_at
    """  # noqa: S608 (names of this module)
)
_TAKE = text("DELETE FROM consents WHERE contact_id = :contact AND scope_id <> ALL(:scopes)")
_KEEP_APART = text(
    """
    INSERT INTO kept_apart (one, other, by, why, at) VALUES (:one, :other, :by, :why, :now) ON CONFLICT DO NOTHING
    """
)


def undo(session: Session, *, merge_id: UUID, why: str, actor: Actor, now: datetime) -> ContactMerge:
    """Take two contacts apart and keep them apart; what was undone before stays so.

    Sign-ups that were decided as somebody else's are decided again, as the next batch comes.

    Raises:
        Missing: no such joining.
        JoinedSince: what both became was joined to somebody else since.
        Invalid: the reason is too long.
    """
    why = checked(why)
    wanted = select(ContactMerge).where(ContactMerge.merge_id == merge_id)
    merge = session.scalar(wanted.with_for_update(key_share=True))
    if merge is None:
        raise Missing(merge=str(merge_id))
    if merge.undone_at is not None:
        return merge
    _lock(session, merge)
    merge.undone_at, merge.undone_by, merge.why = now, actor.name, why
    _divide(session, merge, actor, now)
    keep_apart(session, merge.loser, merge.survivor, why=why, actor=actor, now=now)
    audit.record(
        session, actor, "contact:part", merge.survivor, at=now, merge=str(merge_id), parted=str(merge.loser), why=why
    )
    for drain in ("hq.qualify", "hq.route"):
        ring_after_commit(session, drain)
    return merge


def checked(note: str) -> str:
    """A reason as it is kept, without phone numbers.

    Raises:
        Invalid: too long.
    """
    if len(note) > NOTE_LIMIT:
        raise Invalid(field="why", limit=NOTE_LIMIT)
    return with_masked_phones(note.strip())


def keep_apart(session: Session, one: UUID, other: UUID, *, why: str, actor: Actor, now: datetime) -> None:
    """Remember that two contacts are not the same person."""
    first, second = sorted((one, other))
    session.execute(_KEEP_APART, {"one": first, "other": second, "by": actor.name, "why": why, "now": now})


def _lock(session: Session, merge: ContactMerge) -> None:
    session.execute(_LOCK_CONTACTS, {"one": merge.loser, "other": merge.survivor})
    session.execute(_LOCK_SIGNUPS, {"survivor": merge.survivor})
    into = session.execute(select(Contact.merged_into).where(Contact.contact_id == merge.survivor)).scalar_one()
    if into is not None:
        later = select(ContactMerge.merge_id).where(
            ContactMerge.loser == merge.survivor, ContactMerge.undone_at.is_(None)
        )
        raise JoinedSince(contact=str(into), merge=str(session.scalar(later)))


def _divide(session: Session, merge: ContactMerge, actor: Actor, now: datetime) -> None:
    values: dict[str, Any] = {"survivor": merge.survivor, "loser": merge.loser, "now": now}
    found = whole(session, merge)
    parted = part(found.parts)
    events = _events_of(found, parted)
    consents = _consents(found, parted)
    leads = parted_leads.plan(found, parted, {given.scope_id for given in consents.leaving})
    session.execute(_TOUCH, values)
    session.execute(_FREE, {**values, "contacts": [merge.loser, *map(UUID, found.moved["contacts"])]})
    _give(session, merge.loser, consents.leaving)
    _give(session, merge.survivor, consents.staying)
    _move_signups(session, merge, found, parted, leads)
    session.execute(_MOVE_KEYS, {**values, **_KEYS.parameters(sorted(parted.keys))})
    session.execute(_MOVE_PHONES, {**values, "phones": [key.value for key in sorted(parted.keys)]})
    session.execute(_MOVE_EVENTS, {**values, "events": [each.event_id for each in events]})
    for each in consents.taken_back:
        session.execute(_TAKEN_BACK, {**values, "of": each.event_id, "event": next_id(now)})
    parted_leads.write(session, leads, merge, actor=actor, now=now)
    for contact_id, given in ((merge.loser, consents.leaving), (merge.survivor, consents.staying)):
        session.execute(_TAKE, {"contact": contact_id, "scopes": [each.scope_id for each in given]})


@dataclass(frozen=True, slots=True)
class _Consents:
    """What stands for either; `taken_back` stays with one and is told of the other too."""

    leaving: frozenset[Given]
    staying: frozenset[Given]
    taken_back: Sequence[ConsentSaid]


def _consents(found: Whole, parted: Parted) -> _Consents:
    taken_back = [each for each in found.events if each.what == "withdrawn" and each.at > found.at]
    withdrawn = {each.scope_id for each in taken_back if each.scope_id is not None}
    ended = {each.said.signup_id for each in found.signups if each.said.outcome == "undone"}
    had = [Given.of_record(row) for row in found.moved["consents"]]
    own = {UUID(event) for event in found.moved["events"]}
    given = [each for each in found.events if each.what == "given" and each.event_id not in own]
    later = _later(found)
    return _Consents(
        stands(had, _given(given, parted.signups), withdrawn=withdrawn, ended=ended),
        stands(
            map(Given.of_record, found.moved["kept_consents"]),
            _given(given, later - parted.signups),
            withdrawn=withdrawn,
            ended=ended,
        ),
        [each for each in taken_back if each.scope_id in {row.scope_id for row in had}],
    )


def _later(found: Whole) -> set[UUID]:
    """Sign-ups that the survivor did not have when the two were joined: decided since, or come with others."""
    since = {each.said.signup_id for each in found.signups if each.decided_at is None or each.decided_at >= found.at}
    return since | found.parts.other_signups


def _given(events: Iterable[ConsentSaid], by: Iterable[UUID]) -> list[Given]:
    signups = frozenset(by)
    return [
        Given(each.scope_id, each.text_id, each.signup_id, each.at)
        for each in events
        if each.scope_id is not None and each.signup_id is not None and each.signup_id in signups
    ]


def _events_of(found: Whole, parted: Parted) -> list[ConsentSaid]:
    """What was said by the one that leaves: before, and by its sign-ups since. What the joining itself took back goes
    to the one that had taken it back."""
    own = {UUID(event) for event in found.moved["events"]}
    had_taken_back = {each.scope_id for each in found.events if each.event_id in own and each.what == "withdrawn"}
    return [
        each
        for each in found.events
        if each.event_id in own
        or (each.what == "given" and each.signup_id in parted.since)
        or (each.what == "withdrawn" and each.at == found.at and each.scope_id in had_taken_back)
    ]


def _give(session: Session, contact_id: UUID, given: Iterable[Given]) -> None:
    session.execute(_GIVE, {"contact": contact_id, **_CONSENTS.parameters(sorted(given))})


def _move_signups(
    session: Session, merge: ContactMerge, found: Whole, parted: Parted, leads: parted_leads.Plan
) -> None:
    rows = []
    for each in found.signups:
        leaves = each.said.signup_id in parted.signups
        lead_id = leads.lead_of(each.said, leaves=leaves)
        again = _again(each, found, parted) or (each.said.outcome == "in_lead" and lead_id is None)
        rows.append(
            (
                each.said.signup_id,
                merge.loser if leaves else merge.survivor,
                None if again else lead_id,
                "received" if again else each.state,
            )
        )
    session.execute(_MOVE_SIGNUPS, _SIGNUPS.parameters(sorted(rows)))


def _again(each: SignupNow, found: Whole, parted: Parted) -> bool:
    """Whether a decision hung on the two being one: of what came since for the one that leaves, of what was put in
    quarantine since, and of what the joining itself took back."""
    if each.decided_at is None or each.decided_at < found.at:
        return False
    outcome = each.said.outcome
    if each.said.signup_id in parted.since:
        return outcome in LOOKED_AGAIN
    return outcome == "quarantined" or (outcome == "withdrawn" and each.decided_at == found.at)
