"""Numbers and consents of the people of a batch."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.decisions import PersonDecisions
from hq.qualification.facts import Said
from hq.qualification.matching.engine import PHONE, Matching
from shared.contacts.sealing import SealedPhone
from shared.db.batch import Rows
from shared.db.sending import send
from shared.platform.ids import next_id
from shared.signups.submission import VERIFICATIONS

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
_VERIFIED = Rows({"known_bidx": "bytea", "now_verified": "text"})
_BY_STRENGTH = f"CAST('{{{','.join(VERIFICATIONS)}}}' AS text[])"
# What a number was verified by before stays unless this is stronger.
_ADD_PHONES = text(
    f"""
    WITH raised AS (
        UPDATE contact_phones p SET verified = t.now_verified FROM {_VERIFIED.source}
        WHERE p.phone_bidx = t.known_bidx
          AND array_position({_BY_STRENGTH}, t.now_verified) < array_position({_BY_STRENGTH}, p.verified)
    )
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
            SELECT 1 FROM consent_events e JOIN consent_texts t USING (text_id)
            WHERE e.contact_id = s.contact_id AND e.what = 'withdrawn' AND t.kind = 'share' AND e.at >= s.given_at)
        ORDER BY contact_id, scope_id, given_at
        ON CONFLICT DO NOTHING
    )
    INSERT INTO consent_events (event_id, contact_id, text_id, signup_id, what, at)
    SELECT event_id, contact_id, text_id, signup_id, 'given', given_at FROM said
    ON CONFLICT DO NOTHING
    """  # noqa: S608 (names of this module)
)


def add_phones(
    session: Session,
    matching: Matching,
    people: Iterable[PersonDecisions],
    phones: Mapping[bytes, SealedPhone],
    *,
    now: datetime,
) -> None:
    """Store the numbers that are new, sealed for their contacts, and how the others are verified now."""
    verified = _verified(each.received.said for person in people for each in person.decided)
    rows = [
        (phone.phone_bidx, each.contact_id, phone.last4_bidx, phone.sealed, phone.masked, verified[each.key.value])
        for each in matching.identities
        if each.key.kind == PHONE and each.key.value in verified and (phone := phones.get(each.key.value))
    ]
    new = {row[0] for row in rows}
    known = sorted(each for each in verified.items() if each[0] not in new and each[1] != VERIFICATIONS[-1])
    if rows or known:
        send(session, _ADD_PHONES, {**_PHONES.parameters(rows), **_VERIFIED.parameters(known), "now": now})


def _verified(signups: Iterable[Said]) -> dict[bytes, str]:
    """How each number is verified best by these sign-ups."""
    best: dict[bytes, str] = {}
    for said in signups:
        if said.phone_bidx is not None:
            ways = best.get(said.phone_bidx, said.phone_verified), said.phone_verified
            best[said.phone_bidx] = min(ways, key=VERIFICATIONS.index)
    return best


def give_consent(session: Session, people: Iterable[PersonDecisions]) -> None:
    """Write down the consents of sign-ups decided for the first time; one looked at again gives none anew."""
    rows = []
    for person in people:
        for each in person.decided:
            said, received = each.received.said, each.received
            if person.contact_id is None or received.runs:
                continue
            for text_id, scope_id in ((said.share_text_id, received.scope_id), (received.marketing_text_id, None)):
                if text_id is not None:
                    # said when the person sent it: an old list must not undo what was taken back since
                    said_at = min(said.occurred_at, said.accepted_at)
                    given = (person.contact_id, scope_id, text_id, said.signup_id, said_at)
                    rows.append((next_id(said.accepted_at), *given))
    if rows:
        send(session, _GIVE_CONSENT, _GIVEN.parameters(rows))
