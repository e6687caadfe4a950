"""One sign-up from outside, stored by one statement.

The statement (`shared.db.accept_signup`) is a transaction of its own: the connection is in autocommit, so that a
sign-up costs one round trip and no connection stays open in a transaction. Only when it stored nothing for a known
campaign is a second statement needed: whether the same key stored something before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.db.accept_signup import ARGUMENTS
from shared.signups.rows import SignupRow

if TYPE_CHECKING:
    from psycopg import Cursor

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Offer:
    """A sign-up at the door.

    Attributes:
        token_hash: SHA-256 of the API token; None for the public page.
        key: idempotency key, unique per client; body_hmac: what the same key must come with again.
        marketing_version, share_version: versions of the consent texts that the person agreed to; None: not agreed.
    """

    token_hash: bytes | None
    campaign_code: str
    key: str
    body_hmac: bytes
    occurred_at: datetime | None
    marketing_version: int | None
    share_version: int | None
    row: SignupRow


@dataclass(frozen=True, slots=True)
class Accepted:
    """The sign-up is ours; `replayed` when it was already."""

    signup_id: UUID
    received_at: datetime
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """It was not stored; `code` says why.

    bad_token, campaign_unknown, campaign_not_started, campaign_closed, key_reused, consent_version_unknown (`field`
    names which), occurred_in_future.
    """

    code: str
    field: str = ""


_PLACES = ", ".join(f"%s::{kind}" for kind in ARGUMENTS.values())
_STORE = f"SELECT * FROM koi_accept_signup({_PLACES})"  # noqa: S608 (this code's own type names)
_FACTS_OF = attrgetter(*list(ARGUMENTS)[9:])
_RECEIPT = """
SELECT signup_id, body_hmac, accepted_at, expires_at <= now() FROM receipts WHERE client_id = %s AND key = %s
"""
_LOOK = """
SELECT CASE WHEN c.campaign_id IS NULL OR c.status = 'draft' THEN 'campaign_unknown'
  WHEN c.status <> 'live' OR c.ends_at <= now() THEN 'campaign_closed'
  WHEN c.starts_at > now() THEN 'campaign_not_started' END
FROM api_clients a
LEFT JOIN campaigns c ON c.code = %(campaign)s AND coalesce(a.campaign_id, c.campaign_id) = c.campaign_id
WHERE a.token_hash = %(token)s AND a.revoked_at IS NULL
"""
_FORGET = "UPDATE receipts SET key = NULL WHERE client_id = %s AND key = %s AND expires_at <= now()"


def accept(cursor: Cursor[Any], offer: Offer) -> Accepted | Refused:
    """Store the sign-up, or find the one that this key stored before.

    `cursor` is of a connection in autocommit, of the role `koi_public`. A twin with the same key that is being stored
    at this moment is waited for.

    Raises:
        psycopg.errors.LockNotAvailable: the twin took longer than `lock_timeout`.
    """
    values = _values(offer)
    for _attempt in range(_ATTEMPTS):
        found = cursor.execute(_STORE, values).fetchone()
        if found is None:
            return Refused("bad_token")
        now, signup_id, client_id, known, problem = found
        if signup_id is not None:
            return Accepted(signup_id, now)
        if not known:
            return Refused("campaign_unknown")
        earlier = _earlier(cursor, client_id, offer)
        if earlier is not None:
            return earlier
        if problem is not None:
            return _refusal(problem)
    return Refused("key_reused")


def look(cursor: Cursor[Any], token_hash: bytes, campaign_code: str) -> Refused | None:
    """What stands against any sign-up with this token for this campaign: the token itself, or the campaign."""
    found = cursor.execute(_LOOK, {"token": token_hash, "campaign": campaign_code}).fetchone()
    if found is None:
        return Refused("bad_token")
    problem: str | None = found[0]
    return Refused(problem) if problem is not None else None


def _values(offer: Offer) -> tuple[object, ...]:
    row = offer.row
    return (
        offer.token_hash,
        offer.campaign_code,
        offer.marketing_version,
        offer.share_version,
        offer.occurred_at,
        row.signup_id,
        offer.key,
        offer.body_hmac,
        row.sealed,
        *_FACTS_OF(row),
    )


def _earlier(cursor: Cursor[Any], client_id: UUID, offer: Offer) -> Accepted | Refused | None:
    """What the same key stored before; None when there is nothing (any more), so that it may be stored now."""
    found = cursor.execute(_RECEIPT, (client_id, offer.key)).fetchone()
    if found is None:
        return None
    signup_id, body_hmac, accepted_at, expired = found
    if expired:
        cursor.execute(_FORGET, (client_id, offer.key))
        return None
    if bytes(body_hmac) != offer.body_hmac:
        return Refused("key_reused")
    return Accepted(signup_id, accepted_at, replayed=True)


def _refusal(problem: str) -> Refused:
    kind, known, _ = problem.partition("_version_unknown")
    return Refused("consent_version_unknown", kind) if known else Refused(problem)
