"""Links by which people set their password: one open per account, single use, expiring."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.identity import passwords, sessions
from shared.identity.actor import Actor
from shared.identity.errors import InviteUnusable
from shared.identity.realms import Account, Realm
from shared.platform.ids import NIL

LIFETIME = timedelta(days=7)
_SECRET_BYTES = 24


@dataclass(frozen=True, slots=True)
class Invite:
    """A link's content. `dealer_id` is None at headquarters."""

    user_id: UUID
    dealer_id: UUID | None
    secret: bytes

    def encode(self) -> str:
        """As one word of an address."""
        packed = (self.dealer_id or NIL).bytes + self.user_id.bytes + self.secret
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Invite:
        """From the word.

        Raises:
            InviteUnusable: it is none.
        """
        try:
            packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            raise InviteUnusable from None
        if len(packed) != 32 + _SECRET_BYTES:
            raise InviteUnusable
        dealer_id = UUID(bytes=packed[:16])
        return cls(UUID(bytes=packed[16:32]), None if dealer_id == NIL else dealer_id, packed[32:])

    @property
    def digest(self) -> bytes:
        """What the account's row keeps of it."""
        return sha256(self.secret).digest()


def new_secret() -> bytes:
    """What makes a link hard to guess."""
    return secrets.token_bytes(_SECRET_BYTES)


def issue(session: Session, account: Account, *, actor: Actor, now: datetime, secret: bytes | None = None) -> Invite:
    """Open a link for an account; an earlier one stops working. `secret` only to make it repeatable."""
    dealer_id: UUID | None = getattr(account, "dealer_id", None)
    invite = Invite(account.user_id, dealer_id, secret or new_secret())
    account.invite_hash = invite.digest
    account.invite_expires_at = now + LIFETIME
    audit.record(session, actor, "user:invite", account.user_id, at=now, dealer_id=dealer_id)
    return invite


def revoke(session: Session, account: Account, *, actor: Actor, now: datetime) -> bool:
    """Close the link of an account that is open; False where there is none."""
    if account.invite_hash is None:
        return False
    account.invite_hash = None
    account.invite_expires_at = None
    dealer_id: UUID | None = getattr(account, "dealer_id", None)
    audit.record(session, actor, "user:revoke", account.user_id, at=now, dealer_id=dealer_id)
    return True


def find(session: Session, realm: Realm, invite: Invite, *, now: datetime) -> Account:
    """Whose link it is.

    Raises:
        InviteUnusable: used, replaced, too old, or the account is disabled.
    """
    if not realm.holds(invite.dealer_id):
        raise InviteUnusable
    account: Account | None = session.get(realm.account, realm.key(invite.user_id, invite.dealer_id))
    if account is None or account.invite_hash != invite.digest or account.status == "disabled":
        raise InviteUnusable
    if account.invite_expires_at is None or account.invite_expires_at <= now:
        raise InviteUnusable
    return account


def accept(
    session: Session,
    realm: Realm,
    invite: Invite,
    *,
    password: str,
    blind_key: bytes,
    address: str,
    now: datetime,
) -> Actor:
    """Set the password, use the link up, and end earlier sign-ins.

    Of several who press at once, one wins: the update finds the link only once.

    Raises:
        InviteUnusable: see `find`.
        WeakPassword: easy to guess.
    """
    account = find(session, realm, invite, now=now)
    passwords.check(password, name=account.name, login_bidx=account.login_bidx, blind_key=blind_key)
    used = session.execute(
        update(realm.account)
        .where(realm.account.user_id == account.user_id, realm.account.invite_hash == invite.digest)
        .values(
            invite_hash=None,
            invite_expires_at=None,
            password_hash=passwords.hash_password(password),
            password_changed_at=now,
            status="active",
        )
        .returning(realm.account.user_id)
        .execution_options(synchronize_session=False)
    )
    if used.first() is None:
        raise InviteUnusable
    session.refresh(account)
    sessions.end_all(session, realm, user_id=account.user_id, dealer_id=invite.dealer_id, now=now)
    actor = sessions.actor_of(session, realm, account, address=address)
    audit.record(session, actor, "user:accept", account.user_id, at=now)
    return actor
