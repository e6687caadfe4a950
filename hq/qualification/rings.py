"""Accounts that turn out to be a ring's: remembered, and the people whom they had joined are parted.

Runs before a batch is matched. A fixed number of statements, most of them only when a ring is found.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.facts import BatchFacts
from hq.qualification.links import LOOK_AGAIN
from hq.qualification.matching import crowding
from hq.qualification.matching.crowding import Part
from hq.qualification.matching.engine import ACCOUNTS, Arrival, Key, accounts_of, keys_of
from shared.db.batch import Column, Rows
from shared.leads.events import Event, tell

_Phones = dict[Key, set[bytes]]

_MOST = 200
"""Phones of one crowded account that are read; the count shown as evidence ends there."""
_CROWDED = ", ".join(
    f"CASE WHEN EXISTS (SELECT 1 FROM crowded_accounts c WHERE c.kind = '{kind}' AND c.value_bidx = s.{column})"  # noqa: S608 (names from code)
    f" THEN '{kind}' END"
    for kind, column in ACCOUNTS.items()
)
_OF_SIGNUP = " ".join(f"WHEN '{kind}' THEN s.{column}" for kind, column in ACCOUNTS.items())
# Of an account that still names a contact, the contact's own sign-ups tell the phones; of a crowded one, the record.
_KNOWN = text(
    f"""
    SELECT true, k.kind, k.value, c.phone_bidx
    FROM unnest(CAST(:kinds AS text[]), CAST(:values AS bytea[])) AS k (kind, value)
    CROSS JOIN LATERAL (
        SELECT phone_bidx FROM crowded_accounts WHERE kind = k.kind AND value_bidx = k.value
        ORDER BY phone_bidx LIMIT {_MOST}
    ) AS c
    UNION ALL
    SELECT false, k.kind, k.value, s.phone_bidx
    FROM unnest(CAST(:named_kinds AS text[]), CAST(:named AS bytea[]), CAST(:contacts AS uuid[]))
         AS k (kind, value, contact_id)
    CROSS JOIN LATERAL (
        SELECT DISTINCT s.phone_bidx FROM signups s
        WHERE s.contact_id = k.contact_id AND CASE k.kind {_OF_SIGNUP} END = k.value AND s.phone_bidx IS NOT NULL
        LIMIT {_MOST}
    ) AS s
    """  # noqa: S608 (names and numbers from code)
)
_SEEN = Rows({"kind": "text", "value_bidx": "bytea", "phone_bidx": "bytea"})
_REMEMBER = text(
    f"""
    INSERT INTO crowded_accounts ({_SEEN.names}, at) SELECT {_SEEN.names}, :now FROM {_SEEN.source}
    ORDER BY kind, value_bidx, phone_bidx ON CONFLICT DO NOTHING
    """  # noqa: S608 (names of this module)
)
# Not waited for: whoever holds one of these may wait for a sign-up that is held here. One that changed since its facts
# were read may have lost the account to somebody whom another worker has just parted from it.
_LOCK = text(
    """
    SELECT c.contact_id
    FROM unnest(CAST(:contacts AS uuid[]), CAST(:changed AS timestamptz[])) AS w (contact_id, changed_at)
    JOIN contacts c ON c.contact_id = w.contact_id AND c.changed_at = w.changed_at AND c.merged_into IS NULL
    ORDER BY c.contact_id FOR NO KEY UPDATE OF c SKIP LOCKED
    """
)
_TOUCH = text("UPDATE contacts SET changed_at = :now WHERE contact_id = ANY(CAST(:contacts AS uuid[]))")
_ALL = text(
    f"""
    SELECT s.contact_id, s.signup_id, s.lead_id, s.outcome, s.state, s.phone_bidx, {", ".join(ACCOUNTS.values())},
           ARRAY[{_CROWDED}] AS crowded
    FROM signups s WHERE s.contact_id = ANY(CAST(:contacts AS uuid[]))
    ORDER BY s.accepted_at, s.signup_id
    """  # noqa: S608 (names from code)
)
_LEADS = text(
    """
    SELECT l.lead_id, l.contact_id, l.closed_at IS NULL,
           (SELECT CAST(e.details ->> 'signup_id' AS uuid) FROM lead_events e
            WHERE e.lead_id = l.lead_id AND e.kind = 'opened' ORDER BY e.at, e.event_id LIMIT 1)
    FROM leads l WHERE l.contact_id = ANY(CAST(:contacts AS uuid[])) ORDER BY l.lead_id
    """
)
_NEW = Rows({"new_id": "uuid", "of": "uuid"})
_MAKE = text(
    f"""
    INSERT INTO contacts (contact_id, name, created_at, changed_at)
    SELECT t.new_id, s.name, :now, :now FROM {_NEW.source} JOIN signups s ON s.signup_id = t.of
    """  # noqa: S608 (names of this module)
)
_SIGNUPS = Rows({"signup_id": "uuid", "contact_id": "uuid", "lead_id": "uuid", "state": "text"})
_MOVE_SIGNUPS = text(
    f"""
    UPDATE signups s SET contact_id = t.contact_id, lead_id = t.lead_id, state = t.state
    FROM {_SIGNUPS.source} WHERE s.signup_id = t.signup_id
    """  # noqa: S608 (names of this module)
)
_MOVE_EVENTS = text(
    f"""
    UPDATE consent_events e SET contact_id = t.contact_id FROM {_SIGNUPS.source}
    WHERE e.signup_id = t.signup_id AND e.contact_id <> t.contact_id
    """  # noqa: S608 (names of this module)
)
_KEYS = Rows({"kind": "text", "value_bidx": "bytea", "contact_id": "uuid"})
_MOVE_KEYS = text(
    f"""
    UPDATE identities i SET contact_id = t.contact_id FROM {_KEYS.source}
    WHERE i.kind = t.kind AND i.value_bidx = t.value_bidx
    """  # noqa: S608 (names of this module)
)
_MOVE_PHONES = text(
    f"""
    UPDATE contact_phones p SET contact_id = t.contact_id FROM {_KEYS.source}
    WHERE t.kind = 'phone' AND p.phone_bidx = t.value_bidx
    """  # noqa: S608 (names of this module)
)
# Everybody has the consents that the own sign-ups gave and nobody took back since.
_GIVE = text(
    """
    INSERT INTO consents (contact_id, scope_id, text_id, signup_id, given_at)
    SELECT DISTINCT ON (e.contact_id, t.scope_id) e.contact_id, t.scope_id, e.text_id, e.signup_id, e.at
    FROM consent_events e JOIN consent_texts t USING (text_id)
    WHERE e.contact_id = ANY(CAST(:new AS uuid[])) AND e.what = 'given' AND t.scope_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM consent_events w JOIN consent_texts x USING (text_id)
                      WHERE w.contact_id = ANY(CAST(:all AS uuid[])) AND w.what = 'withdrawn'
                        AND x.scope_id = t.scope_id AND w.at >= e.at)
    ORDER BY e.contact_id, t.scope_id, e.at, e.event_id
    ON CONFLICT DO NOTHING
    """
)
_TAKE = text(
    """
    DELETE FROM consents c WHERE c.contact_id = ANY(CAST(:old AS uuid[]))
      AND EXISTS (SELECT 1 FROM signups s WHERE s.signup_id = c.signup_id AND s.contact_id <> c.contact_id)
      AND NOT EXISTS (SELECT 1 FROM assignments a
                      WHERE a.live_contact_id = c.contact_id AND a.live_scope_id = c.scope_id)
    """
)
_MOVED_LEADS = Rows({"lead_id": "uuid", "contact_id": "uuid"})
_MOVE_ASSIGNMENTS = text(
    f"UPDATE assignments a SET contact_id = t.contact_id FROM {_MOVED_LEADS.source} WHERE a.lead_id = t.lead_id"  # noqa: S608 (names)
)
_MOVE_LEADS = text(
    f"""
    UPDATE leads l SET contact_id = t.contact_id, changed_at = :now FROM {_MOVED_LEADS.source}
    WHERE l.lead_id = t.lead_id
    """  # noqa: S608 (names of this module)
)
# What was joined by keys can no longer be undone as one: it is parted already.
_UNDONE = text(
    """
    UPDATE contact_merges SET undone_at = :now, undone_by = 'system', why = 'openid_phones'
    WHERE survivor = ANY(CAST(:old AS uuid[])) AND undone_at IS NULL
    """
)


@dataclass(frozen=True, slots=True)
class Settled:
    """What is known of the accounts of a batch.

    Attributes:
        phones: those that name nobody, with the number of phones seen.
        fresh: those of them that are nobody's key yet.
        parted: contacts changed; read them again.
        busy: sign-ups with such an account whose joined contact somebody else works on: they stay due.
    """

    phones: Mapping[Key, int]
    fresh: frozenset[Key]
    parted: bool
    busy: frozenset[UUID]


def settle(session: Session, facts: BatchFacts, new_id: Callable[[], UUID], *, now: datetime) -> Settled:
    """Find the accounts of a batch that name nobody, and part the people whom they had joined."""
    batch = [each.said for each in facts.received]
    accounts = sorted({key for each in batch for key in accounts_of(each)})
    known, earlier = _phones(session, facts, accounts)
    crowds = crowding.crowds(batch, earlier, known)
    new = sorted((*key, phone) for key, phones in crowds.items() for phone in phones - known.get(key, set()))
    if new:
        session.execute(_REMEMBER, {**_SEEN.parameters(new), "now": now})
    named = {key: facts.identities[key] for key in crowds if key in facts.identities}
    # The key itself stays with somebody, so that nobody can bring it anew.
    joined = {key: contact_id for key, contact_id in named.items() if len(earlier[key]) > 1}
    wanted = {contact_id: facts.contacts[contact_id].changed_at for contact_id in joined.values()}
    taken, parted = _part(session, wanted, new_id, now=now) if joined else (set(), False)
    busy = {key for key, contact_id in joined.items() if contact_id not in taken}
    return Settled(
        {key: len(phones) for key, phones in crowds.items()},
        frozenset(crowds.keys() - named.keys()),
        parted,
        frozenset(each.signup_id for each in batch if not busy.isdisjoint(accounts_of(each))),
    )


def _phones(session: Session, facts: BatchFacts, accounts: Sequence[Key]) -> tuple[_Phones, _Phones]:
    """The phones seen with accounts: with those on record as crowded, and with those that name a contact."""
    named = [(key, facts.identities[key]) for key in accounts if key in facts.identities]
    values = {
        "kinds": Column(key.kind for key in accounts),
        "values": Column(key.value for key in accounts),
        "named_kinds": Column(key.kind for key, _contact in named),
        "named": Column(key.value for key, _contact in named),
        "contacts": Column(contact_id for _key, contact_id in named),
    }
    found: tuple[_Phones, _Phones] = (defaultdict(set), defaultdict(set))
    for on_record, kind, value, phone in session.execute(_KNOWN, values):
        found[0 if on_record else 1][Key(kind, bytes(value))].add(bytes(phone))
    return found


def _part(
    session: Session, contacts: Mapping[UUID, datetime], new_id: Callable[[], UUID], *, now: datetime
) -> tuple[set[UUID], bool]:
    """Part those of the contacts that nobody else works on: which they are, and whether one was several people.

    Args:
        contacts: when each was changed last, as the facts say.
    """
    values = {"contacts": Column(sorted(contacts)), "changed": Column(contacts[each] for each in sorted(contacts))}
    locked = set(session.execute(_LOCK, values).scalars())
    wanted = {"contacts": Column(sorted(locked))}
    signups = session.execute(_ALL, wanted).all() if locked else []
    leads = session.execute(_LEADS, wanted).all() if locked else []
    parts = _parts(sorted(locked), signups, leads, new_id)
    if parts:
        old = {part.contact_id for part in parts if part.stays}
        session.execute(_TOUCH, {"contacts": Column(sorted(old)), "now": now})
        _write(
            session,
            sorted(old),
            [row for row in signups if row[0] in old],
            [row for row in leads if row[1] in old],
            parts,
            now=now,
        )
    return locked, bool(parts)


def _parts(
    contacts: Sequence[UUID], signups: Sequence[Any], leads: Sequence[Any], new_id: Callable[[], UUID]
) -> list[Part]:
    openers = {contact_id: opened_by for _lead, contact_id, is_open, opened_by in leads if is_open}
    arrivals: dict[UUID, list[Arrival]] = defaultdict(list)
    for row in signups:
        keys = tuple(key for key in keys_of(row) if key.kind not in row.crowded)
        arrivals[row.contact_id].append(Arrival(row.signup_id, keys))
    scattered = [crowding.scatter(each, arrivals[each], openers.get(each), new_id) for each in contacts]
    return [part for parts in scattered if len(parts) > 1 for part in parts]


def _write(
    session: Session,
    old: Sequence[UUID],
    signups: Sequence[Any],
    leads: Sequence[Any],
    parts: Sequence[Part],
    *,
    now: datetime,
) -> None:
    """In lock order: sign-up, key, contact, lead, assignment; consents before the leads that rest on them."""
    made = [part for part in parts if not part.stays]
    owner = {signup_id: part.contact_id for part in parts for signup_id in part.signups}
    moved_leads = [
        (lead_id, owner[opened_by])
        for lead_id, contact_id, _open, opened_by in leads
        if opened_by in owner and owner[opened_by] != contact_id
    ]
    session.execute(_MAKE, {**_NEW.parameters((part.contact_id, part.signups[0]) for part in made), "now": now})
    moved = _SIGNUPS.parameters(_moved(signups, leads, owner, dict(moved_leads)))
    keys = _KEYS.parameters(sorted((*key, part.contact_id) for part in made for key in part.keys))
    session.execute(_MOVE_SIGNUPS, moved)
    session.execute(_MOVE_EVENTS, moved)
    session.execute(_MOVE_KEYS, keys)
    session.execute(_MOVE_PHONES, keys)
    new = [part.contact_id for part in made]
    session.execute(_TAKE, {"old": Column(old)})
    session.execute(_GIVE, {"new": Column([*new, *old]), "all": Column([*new, *old])})
    session.execute(_MOVE_ASSIGNMENTS, _MOVED_LEADS.parameters(moved_leads))
    session.execute(_MOVE_LEADS, {**_MOVED_LEADS.parameters(moved_leads), "now": now})
    session.execute(_UNDONE, {"old": Column(old), "now": now})
    tell(
        session,
        (Event(lead_id, "parted", {"code": "openid_phones"}) for lead_id, _of, is_open, _by in leads if is_open),
        now=now,
    )


def _moved(
    signups: Sequence[Any], leads: Sequence[Any], owner: Mapping[UUID, UUID], moved: Mapping[UUID, UUID]
) -> list[tuple[UUID, UUID, UUID | None, str]]:
    """Every sign-up with its person and its lead; what was decided as somebody else's, or may now look otherwise, is
    decided again."""
    lead_owner = {lead_id: moved.get(lead_id, contact_id) for lead_id, contact_id, *_rest in leads}
    rows = []
    for contact_id, signup_id, lead_id, outcome, state, *_keys in signups:
        person = owner.get(signup_id, contact_id)
        own_lead = lead_id if lead_owner.get(lead_id) == person else None
        rows.append((signup_id, person, own_lead, "received" if outcome in LOOK_AGAIN else state))
    return sorted(rows, key=lambda row: row[0])
