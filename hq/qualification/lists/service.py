"""Putting values on lists and taking them off; whom it concerns is looked at again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from hq.qualification.links import LOOK_AGAIN
from hq.qualification.lists.models import PURPOSES, Listed
from hq.qualification.lists.reading import Entry
from shared.audit import service as audit
from shared.contacts.crypto import BlindIndex
from shared.contacts.hiding import without_phones
from shared.db.batch import Rows
from shared.identity.actor import Actor
from shared.platform.errors import Invalid
from shared.platform.ids import new_id, next_id
from shared.work.doorbell import ring_after_commit

MOST_WORDS = 200
_ROWS = Rows(
    {
        "entry_id": "uuid",
        "what": "text",
        "value_bidx": "bytea",
        "network": "cidr",
        "shown": "text",
    }
)
# Whoever stands there already, for as long or longer, is left as it is: the first entry says who added it and why.
_ADD = text(
    f"""
    INSERT INTO listed (entry_id, purpose, what, value_bidx, network, shown, why, batch_id, file_name,
                        added_by, added_at, expires_at)
    SELECT t.entry_id, :purpose, t.what, t.value_bidx, t.network, t.shown, :why, :batch_id, :file_name,
           :added_by, :now, :expires_at
    FROM {_ROWS.source}
    WHERE NOT EXISTS (
        SELECT 1 FROM listed e
        WHERE e.purpose = :purpose AND e.what = t.what AND e.removed_at IS NULL
          AND (e.value_bidx = t.value_bidx OR e.network = t.network)
          AND coalesce(e.expires_at, 'infinity') >= coalesce(CAST(:expires_at AS timestamptz), 'infinity'))
    ORDER BY t.entry_id
    """  # noqa: S608 (names of this module)
)
# Sign-ups come first in the order of locks, so this may wait for them: a batch that read the lists before this act is
# let finish, and what it has decided is decided again. MATERIALIZED, so that all are locked whatever they were before.
_LOOK_AGAIN = text(
    """
    WITH meant AS (
        SELECT what, value_bidx, network FROM listed WHERE entry_id = ANY(:entries)
    ), near AS (
        SELECT s.signup_id FROM meant m JOIN signups s ON s.phone_bidx = m.value_bidx WHERE m.what = 'phone'
        UNION
        SELECT s.signup_id FROM meant m JOIN signups s ON s.device_bidx = m.value_bidx WHERE m.what = 'device'
        UNION
        SELECT s.signup_id FROM meant m
        JOIN identities i ON i.kind = m.what AND i.value_bidx = m.value_bidx
        JOIN signups s ON s.contact_id = i.contact_id WHERE m.what IN ('phone', 'openid')
        UNION
        SELECT s.signup_id FROM meant m
        JOIN signups s ON s.ip >= host(m.network)::inet AND s.ip <= host(broadcast(m.network))::inet
        WHERE m.what = 'address'
    ), locked AS MATERIALIZED (
        SELECT o.signup_id, o.state, o.outcome FROM signups o JOIN near USING (signup_id)
        ORDER BY o.signup_id FOR NO KEY UPDATE OF o
    )
    UPDATE signups s SET state = 'received' FROM locked l
    WHERE s.signup_id = l.signup_id AND l.state = 'decided' AND l.outcome = ANY(:outcomes)
    """
)
_ADDED = sorted(LOOK_AGAIN)
_TAKEN_OFF = ["rejected", "quarantined", "loyalty"]


@dataclass(frozen=True, slots=True)
class Added:
    """What an addition did: entries made, those that stood there already, sign-ups that are looked at again."""

    batch_id: UUID
    added: int
    already: int
    again: int


def add(
    session: Session,
    entries: Sequence[Entry],
    *,
    purpose: str,
    why: str,
    expires_at: datetime | None,
    file_name: str,
    blind_key: bytes,
    actor: Actor,
    now: datetime,
) -> Added:
    """Put values on a list. What stands there already is not added again.

    Raises:
        Invalid: nothing to add, an unknown purpose, no reason or one that is too long, or an end that is past.
    """
    why = without_phones(why.strip())
    if purpose not in PURPOSES:
        raise Invalid(field="purpose")
    if not entries:
        raise Invalid(field="lines")
    if not why or len(why) > MOST_WORDS:
        raise Invalid(field="why")
    if expires_at is not None and expires_at <= now:
        raise Invalid(field="expires_at")
    index, batch_id = BlindIndex(blind_key), new_id(now)
    rows = [
        (
            next_id(now),
            each.what,
            None if each.what == "address" else _value(index, each),
            each.value if each.what == "address" else None,
            each.shown,
        )
        for each in entries
    ]
    values = {
        "purpose": purpose,
        "why": why,
        "batch_id": batch_id,
        "file_name": without_phones(file_name)[:MOST_WORDS],
        "added_by": actor.name,
        "now": now,
        "expires_at": expires_at,
    }
    session.execute(_ADD, {**_ROWS.parameters(rows), **values})
    made = list(session.scalars(select(Listed.entry_id).where(Listed.batch_id == batch_id)))
    again = _look_again(session, made, _ADDED)
    details = {"purpose": purpose, "entries": len(made), "why": why}
    audit.record(session, actor, "listed:add", f"listed:{batch_id}", at=now, details=details)
    return Added(batch_id, len(made), len(entries) - len(made), again)


def take_off(session: Session, entry_ids: Collection[UUID], *, why: str, actor: Actor, now: datetime) -> int:
    """Take entries off their lists; gives how many stood there. Taking one off twice changes nothing.

    Raises:
        Invalid: no reason, or one that is too long.
    """
    why = without_phones(why.strip())
    if not why or len(why) > MOST_WORDS:
        raise Invalid(field="why")
    gone = list(
        session.scalars(
            update(Listed)
            .where(Listed.entry_id.in_(sorted(entry_ids)), Listed.removed_at.is_(None))
            .values(removed_by=actor.name, removed_at=now, removed_why=why)
            .returning(Listed.entry_id)
        )
    )
    if gone:
        _look_again(session, gone, _TAKEN_OFF)
        details = {"entries": len(gone), "why": why}
        audit.record(session, actor, "listed:take_off", f"listed:{min(gone)}", at=now, details=details)
    return len(gone)


def put_back(session: Session, *, taken_off_at: datetime, actor: Actor, now: datetime) -> int:
    """Undo what the actor took off at a moment; gives how many entries stand again."""
    back = list(
        session.scalars(
            update(Listed)
            .where(Listed.removed_at == taken_off_at, Listed.removed_by == actor.name)
            .values(removed_by=None, removed_at=None, removed_why=None)
            .returning(Listed.entry_id)
        )
    )
    if back:
        _look_again(session, back, _ADDED)
        audit.record(session, actor, "listed:put_back", f"listed:{min(back)}", at=now, details={"entries": len(back)})
    return len(back)


def batch_of(session: Session, batch_id: UUID) -> list[UUID]:
    """The entries that one addition made and that still stand."""
    query = select(Listed.entry_id).where(Listed.batch_id == batch_id, Listed.removed_at.is_(None))
    return list(session.scalars(query))


def _value(index: BlindIndex, entry: Entry) -> bytes:
    return index.phone(entry.value) if entry.what == "phone" else index.of(entry.what, entry.value)


def _look_again(session: Session, entries: Sequence[UUID], outcomes: Sequence[str]) -> int:
    if not entries:
        return 0
    again = session.execute(_LOOK_AGAIN, {"entries": list(entries), "outcomes": list(outcomes)})
    ring_after_commit(session, "hq.qualify")
    return again.rowcount  # type: ignore[attr-defined,no-any-return]  # a DML result
