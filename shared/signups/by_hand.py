"""Sign-ups that somebody else wrote down: headquarters (`hand`) or a store (`store`), each with its receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.db.accept_signup import FACTS, KEY_KEPT_HOURS
from shared.platform.ids import next_id
from shared.signups.rows import PAYLOAD_KEPT, Sealer
from shared.signups.submission import Submission

_FROM_SUBMISSION = {"signup_id": "uuid", **FACTS}
_BESIDE = {
    "campaign_id": "uuid",
    "source": "text",
    "occurred_at": "timestamptz",
    "marketing_text_id": "uuid",
    "share_text_id": "uuid",
    "consent_how": "text",
}
_SENT = {**_FROM_SUBMISSION, **_BESIDE, "sealed": "bytea", "receiver": "uuid", "key": "text"}
_STORED = (*_FROM_SUBMISSION, *_BESIDE)
_ARRAYS = ", ".join(f"CAST(:{name} AS {'text' if kind == 'jsonb' else kind}[])" for name, kind in _SENT.items())
_VALUES = ", ".join(f"s.{name}::jsonb" if _SENT[name] == "jsonb" else f"s.{name}" for name in _STORED)
# Receipt, payload and sign-up appear together or not at all; what has a receipt already is left out.
_INSERT = text(
    f"""
    WITH sent AS MATERIALIZED (SELECT * FROM unnest({_ARRAYS}) AS t ({", ".join(_SENT)})),
    receipt AS (
        INSERT INTO receipts (signup_id, client_id, key, body_hmac, accepted_at, expires_at)
        SELECT signup_id, receiver, key, '', :now, :expires_at FROM sent
        ON CONFLICT (client_id, key) DO NOTHING
        RETURNING signup_id
    ),
    payload AS (
        INSERT INTO signup_payloads (signup_id, sealed, purge_at)
        SELECT s.signup_id, s.sealed, :purge_at FROM sent s JOIN receipt USING (signup_id)
    )
    INSERT INTO signups ({", ".join(_STORED)}, accepted_at, state, runs)
    SELECT {_VALUES}, :now, 'received', 0 FROM sent s JOIN receipt USING (signup_id)
    """  # noqa: S608 (column names from this module)
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Entry:
    """A sign-up written down by somebody.

    Attributes:
        receiver: who wrote it down, a user or a dealer; with `key` it makes a second sending the same sign-up.
        source: `hand` or `store`.
        consent_how: one of `CONSENT_WAYS`; None where there is no consent.
    """

    submission: Submission
    campaign_id: UUID
    source: str
    receiver: UUID
    key: str
    share_text_id: UUID | None = None
    marketing_text_id: UUID | None = None
    consent_how: str | None = None


def insert_entries(session: Session, entries: Sequence[Entry], *, sealer: Sealer, now: datetime) -> list[UUID]:
    """Store entries as received sign-ups, in one statement. An entry whose key is known stores nothing.

    Returns:
        the ids in the order of the entries; of a known key an id that nothing has.
    """
    if not entries:
        return []
    rows = [sealer.row(next_id(now), each.submission) for each in entries]
    values: dict[str, object] = {name: [getattr(row, name) for row in rows] for name in (*_FROM_SUBMISSION, "sealed")}
    values |= {
        name: [getattr(each, name) for each in entries]
        for name in ("campaign_id", "source", "marketing_text_id", "share_text_id", "consent_how", "receiver", "key")
    }
    values["occurred_at"] = [each.submission.occurred_at or now for each in entries]
    times = {"now": now, "expires_at": now + timedelta(hours=KEY_KEPT_HOURS), "purge_at": now + PAYLOAD_KEPT}
    session.execute(_INSERT, {**values, **times})
    return [row.signup_id for row in rows]
