"""All reads of `qualify`: a handful of statements, whatever the size of the batch."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select, text
from sqlalchemy.orm import Session

from hq.qualification import near
from hq.qualification.facts import BatchFacts, ContactFacts, Received, Said
from hq.qualification.lists import queries as listed
from hq.qualification.matching.apart import kept_apart_of
from hq.qualification.matching.engine import Arrival, Key
from hq.qualification.quarantine.standing import words_of
from hq.qualification.screening.rules import ScreeningRules
from shared.campaigns.models import ConsentText
from shared.db.batch import Column
from shared.leads.words import INVALID
from shared.signups.models import Signup, SignupPayload

_HISTORY = 50
"""Sign-ups of one contact that are looked at; nobody real has more."""

_SAID = (
    "s.signup_id, s.campaign_id, s.occurred_at, s.accepted_at, s.touchpoint, s.store_code, s.phone_bidx, s.openid_bidx,"
    " s.phone_verified, s.region, s.interest, s.actions, s.share_text_id, s.outcome, s.lead_id, s.contact_id, s.source,"
    " s.unionid_bidx"
)
_SAID_COLUMNS = len(Said._fields)
OWN = (
    "name",
    "phone_problem",
    "phone_virtual",
    "device_bidx",
    "inviter_bidx",
    "user_agent",
    "marketing_text_id",
    "runs",
)

_CONTACTS = text(
    """
    SELECT k.kind, k.value, c.contact_id, c.created_at, c.changed_at, l.lead_id, l.state, l.points, a.stage,
           (SELECT max(w.closed_at) FROM leads w WHERE w.contact_id = c.contact_id AND w.state = 'won'),
           (SELECT count(DISTINCT b.store_id) FROM leads r JOIN assignments b ON b.lead_id = r.lead_id
            JOIN follow_ups f ON f.dealer_id = b.dealer_id AND f.assignment_id = b.assignment_id
            WHERE r.contact_id = c.contact_id AND f.kind IN ('decline', 'lost') AND f.result = ANY(:invalid)),
           (SELECT max(e.at) FROM consent_events e JOIN consent_texts t USING (text_id)
            WHERE e.contact_id = c.contact_id AND e.what = 'withdrawn' AND t.kind = 'share')
    FROM unnest(CAST(:kinds AS text[]), CAST(:values AS bytea[])) AS k (kind, value)
    JOIN identities i ON i.kind = k.kind AND i.value_bidx = k.value
    JOIN contacts c ON c.contact_id = i.contact_id
    LEFT JOIN leads l ON l.contact_id = c.contact_id AND l.closed_at IS NULL
    LEFT JOIN holds h ON h.lead_id = l.lead_id
    LEFT JOIN assignments a ON a.dealer_id = h.dealer_id AND a.assignment_id = h.assignment_id
    """
)
_EARLIER = text(
    f"""
    SELECT {_SAID}
    FROM unnest(CAST(:contacts AS uuid[])) AS c (contact_id)
    CROSS JOIN LATERAL (
        SELECT * FROM signups s
        WHERE s.contact_id = c.contact_id AND s.outcome IS NOT NULL AND s.signup_id <> ALL(:batch)
        ORDER BY s.accepted_at DESC, s.signup_id DESC LIMIT {_HISTORY}
    ) AS s
    ORDER BY s.accepted_at, s.signup_id
    """  # noqa: S608 (names and numbers of this module)
)


def received(_now: datetime) -> Select[Any]:
    """The sign-ups that wait, the longest first, each with the scope of its consent and its sealed payload."""
    return (
        readable()
        .where(Signup.state == "received", Signup.aside_at.is_(None))
        .order_by(Signup.accepted_at, Signup.signup_id)
    )


def readable() -> Select[Any]:
    """Every sign-up as a decision reads it; rows for `as_received`."""
    said = (getattr(Signup, name) for name in Said._fields)
    other = (getattr(Signup, name) for name in OWN)
    return (
        select(*said, *other, func.host(Signup.ip), ConsentText.scope_id, SignupPayload.sealed)
        .outerjoin(ConsentText, ConsentText.text_id == Signup.share_text_id)
        .outerjoin(SignupPayload, SignupPayload.signup_id == Signup.signup_id)
    )


def as_received(row: Row[Any]) -> Received:
    """A row of `readable`, as facts."""
    return Received(Said(*row[:_SAID_COLUMNS]), *row[_SAID_COLUMNS:])


def facts_of(session: Session, batch: Sequence[Received], rules: ScreeningRules, *, now: datetime) -> BatchFacts:
    """What is known about the people of a batch and about who was near them (seven statements)."""
    identities, contacts = _contacts(session, batch)
    history = _history(session, contacts, [each.signup_id for each in batch])
    return BatchFacts(
        tuple(batch),
        identities,
        contacts,
        history,
        near.neighbours(session, batch, rules),
        near.invitations(session, batch, rules),
        listed.found(session, batch, now=now),
        words_of(session, contacts, [each.signup_id for each in batch]),
        kept_apart_of(session, [Arrival(each.signup_id, each.said.keys) for each in batch], identities),
    )


def _contacts(session: Session, batch: Sequence[Received]) -> tuple[dict[Key, UUID], dict[UUID, ContactFacts]]:
    keys = sorted({key for each in batch for key in each.said.keys})
    rows = session.execute(_CONTACTS, {**_columns(keys), "invalid": sorted(INVALID)})
    identities: dict[Key, UUID] = {}
    contacts: dict[UUID, ContactFacts] = {}
    for kind, value, *facts in rows:
        identities[Key(kind, bytes(value))] = facts[0]
        contacts[facts[0]] = ContactFacts(*facts)
    return identities, contacts


def _columns(keys: Sequence[Key]) -> dict[str, Column]:
    return {"kinds": Column(key.kind for key in keys), "values": Column(key.value for key in keys)}


def _history(session: Session, contacts: Iterable[UUID], batch: list[UUID]) -> dict[UUID, tuple[Said, ...]]:
    wanted = sorted(contacts)
    history: dict[UUID, list[Said]] = {}
    if wanted:
        for row in session.execute(_EARLIER, {"contacts": Column(wanted), "batch": Column(batch)}):
            said = Said(*row)
            if said.contact_id is not None:
                history.setdefault(said.contact_id, []).append(said)
    return {contact_id: tuple(rows) for contact_id, rows in history.items()}
