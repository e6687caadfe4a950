"""All reads of `qualify`: a handful of statements, whatever the size of the batch."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select, text
from sqlalchemy.orm import Session

from hq.qualification.facts import BatchFacts, ContactFacts, Neighbour, Received, Said
from hq.qualification.matching.engine import Key
from hq.qualification.quarantine.standing import words_of
from hq.qualification.screening.rules import ScreeningRules
from shared.campaigns.models import ConsentText
from shared.db.batch import Column
from shared.signups.models import Signup, SignupPayload

_HISTORY = 50
"""Sign-ups of one contact that are looked at; nobody real has more."""
_CROWD = 400
"""Sign-ups of one device or address that are looked at, the latest first."""

_SAID = (
    "s.signup_id, s.campaign_id, s.occurred_at, s.accepted_at, s.touchpoint, s.store_code, s.phone_bidx, s.openid_bidx,"
    " s.phone_verified, s.region, s.interest, s.actions, s.share_text_id, s.outcome, s.lead_id, s.contact_id, s.source"
)
_SAID_COLUMNS = len(Said._fields)
_OWN = (
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
           EXISTS (SELECT 1 FROM leads w WHERE w.contact_id = c.contact_id AND w.state = 'won'),
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
# Who stands at a store's own tablet is no ring, so sign-ups by a store's code are left out.
_NEIGHBOURS = text(
    f"""
    SELECT 'device', k.device, NULL, NULL, s.*
    FROM unnest(CAST(:devices AS bytea[]), CAST(:device_from AS timestamptz[]), CAST(:device_to AS timestamptz[]))
         AS k (device, low, high)
    CROSS JOIN LATERAL (
        SELECT n.signup_id, n.contact_id, n.phone_bidx, n.openid_bidx, n.occurred_at, n.outcome FROM signups n
        WHERE n.device_bidx = k.device AND n.occurred_at BETWEEN k.low AND k.high
          AND n.touchpoint IS DISTINCT FROM 'store_qr'
        ORDER BY n.occurred_at DESC LIMIT {_CROWD}
    ) AS s
    UNION ALL
    SELECT 'address', NULL, host(k.ip), k.agent, s.*
    FROM unnest(CAST(:ips AS inet[]), CAST(:agents AS text[]), CAST(:ip_from AS timestamptz[]),
                CAST(:ip_to AS timestamptz[])) AS k (ip, agent, low, high)
    CROSS JOIN LATERAL (
        SELECT n.signup_id, n.contact_id, n.phone_bidx, n.openid_bidx, n.occurred_at, n.outcome FROM signups n
        WHERE n.ip = k.ip AND n.occurred_at BETWEEN k.low AND k.high AND n.user_agent IS NOT DISTINCT FROM k.agent
          AND n.touchpoint IS DISTINCT FROM 'store_qr'
        ORDER BY n.occurred_at DESC LIMIT {_CROWD}
    ) AS s
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
    other = (getattr(Signup, name) for name in _OWN)
    return (
        select(*said, *other, func.host(Signup.ip), ConsentText.scope_id, SignupPayload.sealed)
        .outerjoin(ConsentText, ConsentText.text_id == Signup.share_text_id)
        .outerjoin(SignupPayload, SignupPayload.signup_id == Signup.signup_id)
    )


def as_received(row: Row[Any]) -> Received:
    """A row of `readable`, as facts."""
    return Received(Said(*row[:_SAID_COLUMNS]), *row[_SAID_COLUMNS:])


def facts_of(session: Session, batch: Sequence[Received], rules: ScreeningRules) -> BatchFacts:
    """What is known about the people of a batch and about who was near them (four statements)."""
    identities, contacts = _contacts(session, batch)
    history = _history(session, contacts, [each.signup_id for each in batch])
    words = words_of(session, contacts, [each.signup_id for each in batch])
    return BatchFacts(tuple(batch), identities, contacts, history, _neighbours(session, batch, rules), words)


def _contacts(session: Session, batch: Sequence[Received]) -> tuple[dict[Key, UUID], dict[UUID, ContactFacts]]:
    keys = sorted({key for each in batch for key in each.said.keys})
    rows = session.execute(_CONTACTS, _columns(keys))
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


def _neighbours(session: Session, batch: Sequence[Received], rules: ScreeningRules) -> tuple[Neighbour, ...]:
    watched = [each for each in batch if each.said.touchpoint != "store_qr"]
    devices = _spans(((each.device_bidx,), each.said.occurred_at) for each in watched if each.device_bidx is not None)
    addresses = _spans(((each.ip, each.user_agent), each.said.occurred_at) for each in watched if each.ip is not None)
    if not devices and not addresses:
        return ()
    wide = timedelta(minutes=rules.device_minutes)
    narrow = timedelta(minutes=max(rules.address_minutes, rules.bare_address_minutes))
    found = session.execute(
        _NEIGHBOURS,
        {
            "devices": Column(shared[0] for shared in devices),
            "device_from": Column(low - wide for low, _ in devices.values()),
            "device_to": Column(high + wide for _, high in devices.values()),
            "ips": Column(shared[0] for shared in addresses),
            "agents": Column(shared[1] for shared in addresses),
            "ip_from": Column(low - narrow for low, _ in addresses.values()),
            "ip_to": Column(high + narrow for _, high in addresses.values()),
        },
    )
    return tuple(_neighbour(*row) for row in found)


def _neighbour(kind: str, device: bytes | None, ip: str | None, agent: str | None, *rest: Any) -> Neighbour:
    if kind == "device":
        return Neighbour("device", (device,), *rest)
    return Neighbour("address" if agent is not None else "bare_address", (ip, agent), *rest)


def _spans(sightings: Iterable[tuple[tuple[Any, ...], datetime]]) -> dict[tuple[Any, ...], tuple[datetime, datetime]]:
    """The first and the last time of each shared thing."""
    spans: dict[tuple[Any, ...], tuple[datetime, datetime]] = {}
    for shared, at in sightings:
        low, high = spans.get(shared, (at, at))
        spans[shared] = (min(low, at), max(high, at))
    return spans
