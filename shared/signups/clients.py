"""API clients and their tokens. A token is shown once; kept is its SHA-256, which is enough for 256 random bits."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.campaigns.errors import TokenTaken
from shared.campaigns.models import Campaign
from shared.identity.actor import Actor
from shared.platform.errors import Missing
from shared.platform.ids import new_id
from shared.signups.models import ApiClient


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFacts:
    """A client of the API; `campaign` is the code of the only campaign that it may use, None for all."""

    client_id: UUID
    name: str
    campaign: str | None
    created_at: datetime
    revoked_at: datetime | None


def new_token() -> str:
    """A token: `koi_` and 32 random bytes."""
    return f"koi_{secrets.token_urlsafe(32)}"


def add(
    session: Session, *, name: str, token: str, campaign_id: UUID | None = None, actor: Actor, now: datetime
) -> UUID:
    """Let the bearer of the token post sign-ups, for one campaign or for all.

    Raises:
        TokenTaken: the name is another client's.
    """
    client_id = new_id(now)
    values = {"client_id": client_id, "name": name, "campaign_id": campaign_id, "created_at": now}
    statement = insert(ApiClient).values(**values, token_hash=sha256(token.encode()).digest(), revoked_at=None)
    if session.scalar(statement.on_conflict_do_nothing().returning(ApiClient.client_id)) is None:
        raise TokenTaken(field="used_by")
    audit.record(session, actor, "token:add", client_id, at=now, name=name)
    return client_id


def revoke(session: Session, *, client_id: UUID, actor: Actor, now: datetime) -> None:
    """Refuse the token from the next request on; revoking again changes nothing.

    Raises:
        Missing: no such client.
    """
    moved = update(ApiClient).where(ApiClient.client_id == client_id, ApiClient.revoked_at.is_(None))
    if session.scalar(moved.values(revoked_at=now).returning(ApiClient.client_id)) is not None:
        audit.record(session, actor, "token:revoke", client_id, at=now)
    elif session.get(ApiClient, client_id) is None:
        raise Missing(client=str(client_id))


def by_name(session: Session, name: str) -> UUID | None:
    """The id of the client with this name."""
    return session.scalar(select(ApiClient.client_id).where(ApiClient.name == name))


def all_clients(session: Session) -> Sequence[ClientFacts]:
    """Every client, newest first."""
    query = (
        select(ApiClient.client_id, ApiClient.name, Campaign.code, ApiClient.created_at, ApiClient.revoked_at)
        .outerjoin(Campaign, Campaign.campaign_id == ApiClient.campaign_id)
        .order_by(ApiClient.created_at.desc(), ApiClient.client_id.desc())
    )
    return [
        ClientFacts(
            client_id=row.client_id,
            name=row.name,
            campaign=row.code,
            created_at=row.created_at,
            revoked_at=row.revoked_at,
        )
        for row in session.execute(query)
    ]
