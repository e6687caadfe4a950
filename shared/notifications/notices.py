"""Telling stores, dealers' owners and headquarters something, many at a time; the same thing only once.

notify(session, [Notice("offered", dealer_id, store_id, assignment_id, {"grade": "A"})], now=now)
notify(session, [Notice("contact_soon", dealer_id, store_id, assignment_id, user_id=assignee)], now=now)
notify(session, [Notice("escalated", dealer_id, store_id, assignment_id, to="owner")], now=now)
notify(session, [Notice("escalated", dealer_id, store_id, assignment_id, to="hq")], now=now)
notify(session, [Notice("desk", lead_id=lead_id, to="hq")], now=now)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.db.batch import Rows
from shared.db.sending import send
from shared.identity.permissions import Permission
from shared.notifications.kinds import Audience, kind_for
from shared.platform.ids import NIL, next_id
from shared.work.doorbell import ring_after_commit

SPREAD: Final = "shared.spread_notices"

_ROWS = Rows(
    {
        "dealer_id": "uuid",
        "notification_id": "uuid",
        "audience": "text",
        "store_id": "uuid",
        "user_id": "uuid",
        "permission": "text",
        "kind": "text",
        "details": "jsonb",
        "idempotency_key": "text",
        "at": "timestamptz",
    }
)
_INSERT = text(
    f"INSERT INTO notifications ({_ROWS.names}) SELECT {_ROWS.names} FROM {_ROWS.source}"  # noqa: S608 (names)
    " ORDER BY dealer_id, idempotency_key ON CONFLICT DO NOTHING"
)
_STILL = Rows({"dealer_id": "uuid", "key_from": "text", "key_to": "text", "person": "uuid"})
_END_OTHERS = text(
    f"""
    UPDATE notifications n SET ended_at = :now FROM {_STILL.source}
    WHERE n.dealer_id = t.dealer_id AND n.idempotency_key >= t.key_from AND n.idempotency_key < t.key_to
      AND n.user_id IS DISTINCT FROM t.person AND n.ended_at IS NULL
    """  # noqa: S608 (names)
)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be told about one assignment or lead. `details` never holds personal data.

    Attributes:
        kind: one of `shared.notifications.kinds.KINDS`.
        dealer_id, store_id: whose assignment it is; they may be left out for headquarters.
        occasion: tells apart what may happen to one assignment more than once.
        to: `store` is everybody who works there, or `user_id` alone; `owner` is the dealer's owners; `hq` is everybody
            at headquarters who has the permission, or `user_id` alone.
        permission: whom at headquarters it concerns; no one else there sees it.
    """

    kind: str
    dealer_id: UUID | None = None
    store_id: UUID | None = None
    assignment_id: UUID | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    occasion: str = ""
    to: Audience = "store"
    user_id: UUID | None = None
    lead_id: UUID | None = None
    permission: Permission = Permission.LEADS_ASSIGN


def notify(session: Session, notices: Iterable[Notice], *, now: datetime) -> None:
    """Tell people; one statement, none when there is nothing to tell. Not for the dealer's role.

    Raises:
        UnknownKind: nobody has words for it.
        ValueError: it is about nothing, or about no store where one must be named.
    """
    rows = [_row(each, now) for each in notices]
    if rows:
        send(session, _INSERT, _ROWS.parameters(rows))
        ring_after_commit(session, SPREAD)


def end_others(
    session: Session, kind: str, subjects: Iterable[tuple[UUID, UUID, UUID | None]], *, now: datetime
) -> None:
    """End notices of a kind to single people of a store; one statement, none when there is nothing to look at.

    Args:
        subjects: dealer, assignment, and whose notices of it stand (None: nobody's).
    """
    # The key begins with kind and subject, and has an index; the occasion follows.
    rows = [(dealer_id, f"{kind}:{about}:", f"{kind}:{about};", person) for dealer_id, about, person in subjects]
    if rows:
        session.execute(_END_OTHERS, {**_STILL.parameters(rows), "now": now})


def _row(notice: Notice, now: datetime) -> tuple[Any, ...]:
    kind_for(notice.kind, notice.to)
    subject = notice.assignment_id or notice.lead_id
    at_hq = notice.to == "hq"
    if subject is None or (not at_hq and (notice.dealer_id is None or notice.store_id is None)):
        raise ValueError(f"{notice.kind} for {notice.to} is about nothing")
    return (
        NIL if at_hq else notice.dealer_id,
        next_id(now),
        notice.to,
        None if at_hq else notice.store_id,
        notice.user_id,
        notice.permission.value if at_hq else None,
        notice.kind,
        {**_subject(notice), **notice.details},
        _key(notice, subject),
        now,
    )


def _subject(notice: Notice) -> dict[str, str]:
    """What it is about. A dealer is not told the id of headquarters' lead."""
    found: dict[str, UUID | None] = {"assignment_id": notice.assignment_id}
    if notice.to == "hq":
        found |= {"lead_id": notice.lead_id, "dealer_id": notice.dealer_id, "store_id": notice.store_id}
    return {name: str(value) for name, value in found.items() if value is not None}


def _key(notice: Notice, subject: UUID) -> str:
    """Names the occasion; the same one told twice to the same people has the same key."""
    to = "" if notice.to == "store" else f"{notice.to}/"
    person = f"@{notice.user_id}" if notice.user_id else ""
    return f"{to}{notice.kind}:{subject}{notice.occasion}{person}"
