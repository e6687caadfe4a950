"""What a person may know about the own number: sign-ups, who has it and looked at it, what was agreed to.

As `koi_person`: of assignments, holds and the audit log the database shows only those of the contact in
`app.contact_id`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.contacts.names import mask_name

_MOST = 50

_KNOWN = text("SELECT EXISTS (SELECT 1 FROM signups WHERE phone_bidx = :phone)")
# Of contacts that became one the identities name the one that lives on.
_CONTACT = text("SELECT contact_id FROM identities WHERE kind = 'phone' AND value_bidx = :phone")
_ANNOUNCE = text("SELECT set_config('app.contact_id', :contact, true)")
_SIGNUPS = text(
    f"""
    SELECT c.name, c.code, s.accepted_at, s.state, s.outcome, s.actions ->> 'draws' AS draws, l.state AS lead_state,
           EXISTS (SELECT 1 FROM holds h WHERE h.lead_id = s.lead_id) AS held
    FROM signups s JOIN campaigns c USING (campaign_id) LEFT JOIN leads l ON l.lead_id = s.lead_id
    WHERE s.contact_id = :contact OR (s.phone_bidx = :phone AND s.contact_id IS NULL)
    ORDER BY s.accepted_at DESC, s.signup_id DESC LIMIT {_MOST}
    """  # noqa: S608 (a number of this module)
)
_HOLDERS = text(
    """
    SELECT a.assignment_id, st.name AS store, d.name AS dealer, h.held_at, a.ended_at,
           h.lead_id IS NOT NULL AS has_it
    FROM leads l JOIN assignments a USING (lead_id)
    JOIN stores st ON st.dealer_id = a.dealer_id AND st.store_id = a.store_id
    JOIN dealers d ON d.dealer_id = a.dealer_id
    LEFT JOIN holds h ON h.dealer_id = a.dealer_id AND h.assignment_id = a.assignment_id
    WHERE l.contact_id = :contact AND (h.lead_id IS NOT NULL OR EXISTS (
        SELECT 1 FROM audit_log e
        WHERE e.subject = 'assignment:' || a.assignment_id AND e.action = 'phone:reveal'))
    ORDER BY a.offered_at DESC
    """
)
_LOOKS = text(
    """
    SELECT e.subject, e.at, e.actor FROM audit_log e
    WHERE e.subject = ANY(:subjects) AND e.action = 'phone:reveal' ORDER BY e.at DESC
    """
)
_SHARED = text(
    """
    SELECT t.scope_id AS key, t.body_zh, t.body_en, t.version, c.name AS campaign, g.given_at AS given_at
    FROM consents g JOIN consent_texts t USING (text_id) JOIN campaigns c USING (campaign_id)
    WHERE g.contact_id = :contact
    UNION ALL
    SELECT t.scope_id, t.body_zh, t.body_en, t.version, c.name, max(s.accepted_at)
    FROM signups s JOIN consent_texts t ON t.text_id = s.share_text_id JOIN campaigns c ON c.campaign_id = t.campaign_id
    WHERE s.phone_bidx = :phone AND s.contact_id IS NULL AND s.state = 'received'
      AND NOT EXISTS (SELECT 1 FROM consents g WHERE g.contact_id = :contact AND g.scope_id = t.scope_id)
    GROUP BY t.scope_id, t.body_zh, t.body_en, t.version, c.name
    ORDER BY given_at DESC
    """
)
_NEWS = text(
    """
    SELECT t.text_id AS key, t.body_zh, t.body_en, t.version, c.name AS campaign,
           max(e.at) FILTER (WHERE e.what = 'given') AS given_at
    FROM consent_events e JOIN consent_texts t USING (text_id) JOIN campaigns c USING (campaign_id)
    WHERE e.contact_id = :contact AND t.kind = 'marketing'
    GROUP BY t.text_id, t.body_zh, t.body_en, t.version, c.name
    HAVING max(e.at) FILTER (WHERE e.what = 'given')
      > coalesce(max(e.at) FILTER (WHERE e.what = 'withdrawn'), '-infinity')
    ORDER BY given_at DESC
    """
)


@dataclass(frozen=True, slots=True)
class OwnSignup:
    """A sign-up: `stage` is signed_up, waiting, store or withdrawn; `draws`: chances in the draw, None if unknown."""

    campaign: str
    code: str
    at: datetime
    stage: str
    draws: int | None


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody at a store looked at the number; the name is masked."""

    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Holder:
    """A store that has the number (`until` is None) or had it."""

    store: str
    dealer: str
    since: datetime | None
    until: datetime | None
    looks: Sequence[Look]


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent that stands: `kind` share or marketing; `key` names it for taking it back."""

    kind: str
    key: UUID
    campaign: str
    version: int
    given_at: datetime
    body_zh: str
    body_en: str

    def body(self, language: str) -> str:
        """The words in `zh` or `en`."""
        return self.body_en if language == "en" else self.body_zh


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Everything on the page."""

    signups: Sequence[OwnSignup]
    holders: Sequence[Holder]
    agreed: Sequence[Agreed]

    @property
    def holding(self) -> Sequence[Holder]:
        """The stores that have the number now."""
        return [holder for holder in self.holders if holder.until is None]


def is_known(session: Session, phone_bidx: bytes) -> bool:
    """Whether anybody signed up with this number."""
    return bool(session.execute(_KNOWN, {"phone": phone_bidx}).scalar_one())


def announce(session: Session, phone_bidx: bytes) -> UUID | None:
    """Find the contact and open its rows for this transaction; None while Koi has made none of the sign-ups."""
    contact_id: UUID | None = session.execute(_CONTACT, {"phone": phone_bidx}).scalar_one_or_none()
    session.execute(_ANNOUNCE, {"contact": str(contact_id or "")})
    return contact_id


def own_page(session: Session, phone_bidx: bytes) -> OwnPage:
    """The page (seven statements)."""
    contact_id = announce(session, phone_bidx)
    who = {"contact": contact_id, "phone": phone_bidx}
    signups = [_signup(row) for row in session.execute(_SIGNUPS, who)]
    return OwnPage(signups, _holders(session, contact_id), agreed(session, contact_id, phone_bidx))


def agreed(session: Session, contact_id: UUID | None, phone_bidx: bytes) -> Sequence[Agreed]:
    """What stands, shares first."""
    who = {"contact": contact_id, "phone": phone_bidx}
    found = [
        (kind, row) for kind, query in (("share", _SHARED), ("marketing", _NEWS)) for row in session.execute(query, who)
    ]
    return [
        Agreed(kind, row.key, row.campaign, row.version, row.given_at, row.body_zh, row.body_en) for kind, row in found
    ]


def _signup(row: Any) -> OwnSignup:
    draws = int(row.draws) if row.draws and row.draws.isdigit() else None
    return OwnSignup(row.name, row.code, row.accepted_at, _stage(row), draws)


def _stage(row: Any) -> str:
    """What screening thinks of somebody is not said here: a sign-up counts for the draw all the same."""
    if row.outcome == "withdrawn":
        return "withdrawn"
    if row.held:
        return "store"
    open_lead = row.lead_state in ("waiting", "placed", "desk", "pooled")
    return "waiting" if open_lead or row.state == "received" else "signed_up"


def _holders(session: Session, contact_id: UUID | None) -> Sequence[Holder]:
    if contact_id is None:
        return []
    rows = session.execute(_HOLDERS, {"contact": contact_id}).all()
    subjects = [f"assignment:{row.assignment_id}" for row in rows]
    looks: dict[str, list[Look]] = {}
    for subject, at, actor in session.execute(_LOOKS, {"subjects": subjects}) if rows else ():
        looks.setdefault(subject, []).append(Look(at, mask_name(actor.partition(" (")[0])))
    return [
        Holder(row.store, row.dealer, row.held_at, None if row.has_it else row.ended_at, looks.get(subject, []))
        for row, subject in zip(rows, subjects, strict=True)
    ]
