"""What is read before two contacts are taken apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.facts import Said
from hq.qualification.matching.engine import Arrival, Key
from hq.qualification.matching.models import ContactMerge
from hq.qualification.matching.parting import Joined

_SIGNUPS = text(
    f"""
    SELECT {", ".join(f"s.{name}" for name in Said._fields)}, s.state, s.decided_at
    FROM signups s WHERE s.contact_id = :survivor ORDER BY s.accepted_at, s.signup_id
    """  # noqa: S608 (names from code)
)
_KEYS = text("SELECT kind, value_bidx, created_at FROM identities WHERE contact_id = :survivor")
_OTHERS = text(
    """
    SELECT moved -> 'signups', moved -> 'keys', at FROM contact_merges
    WHERE survivor = :survivor AND undone_at IS NULL AND merge_id <> :merge
    """
)
_LEADS = text(
    """
    SELECT l.lead_id, l.state, l.state_reason, l.opened_at, l.closed_at, l.scope_id,
           (SELECT CAST(e.details ->> 'signup_id' AS uuid) FROM lead_events e
            WHERE e.lead_id = l.lead_id AND e.kind = 'opened' ORDER BY e.at, e.event_id LIMIT 1)
    FROM leads l WHERE l.contact_id = :survivor ORDER BY l.lead_id
    """
)
_STRENGTHENED = text(
    """
    SELECT details ->> 'signup_id' FROM lead_events
    WHERE lead_id = :lead AND kind = 'strengthened' AND at >= :at ORDER BY event_id
    """
)
_EVENTS = text(
    """
    SELECT e.event_id, e.signup_id, e.text_id, e.what, e.at, t.scope_id
    FROM consent_events e JOIN consent_texts t USING (text_id)
    WHERE e.contact_id = :survivor ORDER BY e.at, e.event_id
    """
)


@dataclass(frozen=True, slots=True)
class SignupNow:
    """A sign-up of the joined contact as it stands."""

    said: Said
    state: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class LeadNow:
    """A lead of the joined contact as it stands, and the sign-up that opened it."""

    lead_id: UUID
    state: str
    reason: Mapping[str, Any]
    opened_at: datetime
    closed_at: datetime | None
    scope_id: UUID
    opened_by: UUID | None


@dataclass(frozen=True, slots=True)
class ConsentSaid:
    """A consent given or withdrawn; `scope_id` None for news, which no dealer gets."""

    event_id: UUID
    signup_id: UUID | None
    text_id: UUID
    what: str
    at: datetime
    scope_id: UUID | None


@dataclass(frozen=True, slots=True)
class Whole:
    """The joined contact, and what is on record of the joining.

    Attributes:
        moved: `contact_merges.moved`.
        others: whether others were joined to the contact at the same time or later.
        strengthened: sign-ups that strengthened the survivor's open lead since.
    """

    at: datetime
    moved: Mapping[str, Any]
    parts: Joined
    signups: Sequence[SignupNow]
    leads: Sequence[LeadNow]
    events: Sequence[ConsentSaid]
    others: bool
    strengthened: frozenset[UUID]

    @property
    def lost(self) -> UUID | None:
        """The lead that was closed when they were joined."""
        return UUID(self.moved["lead"]["lead_id"]) if self.moved["lead"] and self.moved["kept_lead"] else None

    @property
    def kept(self) -> UUID | None:
        """The open lead of the contact that stayed."""
        return UUID(self.moved["kept_lead"]["lead_id"]) if self.moved["kept_lead"] else None


def whole(session: Session, merge: ContactMerge) -> Whole:
    """Read it all; sign-ups and contacts are locked (six statements)."""
    values = {"survivor": merge.survivor, "merge": merge.merge_id}
    moved = merge.moved
    signups = [SignupNow(Said(*row[:-2]), row[-2], row[-1]) for row in session.execute(_SIGNUPS, values)]
    others = session.execute(_OTHERS, values).all()
    kept = moved["kept_lead"]
    strengthened = session.execute(_STRENGTHENED, {"lead": kept["lead_id"], "at": merge.at}).scalars() if kept else ()
    return Whole(
        at=merge.at,
        moved=moved,
        parts=Joined(
            at=merge.at,
            signups=[Arrival(each.said.signup_id, each.said.keys) for each in signups],
            keys={Key(kind, bytes(value)): at for kind, value, at in session.execute(_KEYS, values)},
            moved_signups=_signups(moved["signups"]),
            moved_keys=_keys(moved["keys"]),
            other_signups=frozenset().union(*(_signups(row[0]) for row in others)),
            other_keys=frozenset().union(*(_keys(row[1]) for row in others)),
        ),
        signups=signups,
        leads=[LeadNow(*row) for row in session.execute(_LEADS, values)],
        events=[ConsentSaid(*row) for row in session.execute(_EVENTS, values)],
        others=any(row[2] >= merge.at for row in others),
        strengthened=frozenset(map(UUID, filter(None, strengthened))),
    )


def _signups(rows: Sequence[Any]) -> frozenset[UUID]:
    return frozenset(UUID(signup_id) for signup_id, _lead in rows)


def _keys(rows: Sequence[Any]) -> frozenset[Key]:
    return frozenset(Key(kind, bytes.fromhex(value)) for kind, value in rows)
