"""Sign-ins as rows: begun with a secret, found by it, ended at once when somebody says so."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.dealers.models import Dealer
from shared.identity.actor import Actor
from shared.identity.models import StaffStore
from shared.identity.permissions import Role
from shared.identity.realms import Account, AccountSession, Realm
from shared.platform.errors import Missing
from shared.platform.ids import NIL, new_id

_TOUCH_AFTER = timedelta(minutes=5)
_AGENT_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the signed cookie holds: which session, of which tenant, and its secret."""

    session_id: UUID
    dealer_id: UUID | None
    secret: str

    def encode(self) -> str:
        """As text."""
        return f"{self.dealer_id.hex if self.dealer_id else '-'}.{self.session_id.hex}.{self.secret}"

    @classmethod
    def decode(cls, text: str) -> Ticket | None:
        """From text; None when it is no ticket."""
        dealer, _, rest = text.partition(".")
        session, _, secret = rest.partition(".")
        try:
            return cls(UUID(hex=session), None if dealer == "-" else UUID(hex=dealer), secret)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody who is signed in."""

    actor: Actor
    session_id: UUID
    locale: str
    login_masked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSession:
    """One of somebody's sign-ins, to show."""

    session_id: UUID
    created_at: datetime
    seen_at: datetime
    address: str
    agent: str


def begin(
    session: Session, realm: Realm, *, actor: Actor, agent: str, now: datetime, secret: str | None = None
) -> Ticket:
    """Sign somebody in on one device; `secret` only to make it repeatable."""
    if actor.user_id is None:
        raise Missing
    _forget_old(session, realm, actor, now)
    ticket = Ticket(new_id(now), actor.dealer_id, secret or secrets.token_urlsafe(32))
    row = realm.session(
        session_id=ticket.session_id,
        secret_hash=_digest(ticket.secret),
        created_at=now,
        seen_at=now,
        expires_at=now + realm.lifetime,
        ended_at=None,
        address=actor.address,
        agent=agent[:_AGENT_LENGTH],
        **realm.owner(actor.user_id, actor.dealer_id),
    )
    session.add(row)
    audit.record(session, actor, "session:begin", ticket.session_id, at=now)
    return ticket


def find(
    session: Session, realm: Realm, ticket: Ticket, *, address: str, now: datetime, looked: bool = True
) -> SignedIn | None:
    """Who holds this ticket; None when it has ended, is too old, or its account may not sign in.

    Args:
        looked: somebody looks at the page; a hidden one that asks by itself does not count as being there.
    """
    row = session.execute(_with_account(realm, ticket)).one_or_none() if realm.holds(ticket.dealer_id) else None
    if row is None:
        return None
    held, account = row
    if not _is_open(realm, held, now) or not hmac.compare_digest(held.secret_hash, _digest(ticket.secret)):
        return None
    if account.status != "active" or not dealer_is_active(session, ticket.dealer_id):
        return None
    if looked and now - held.seen_at > _TOUCH_AFTER:
        held.seen_at = now
    return SignedIn(
        actor=actor_of(session, realm, account, address=address),
        session_id=held.session_id,
        locale=account.locale,
        login_masked=account.login_masked,
    )


def actor_of(session: Session, realm: Realm, account: Account, *, address: str) -> Actor:
    """The account as somebody who acts."""
    role = Role(account.role)
    dealer_id: UUID | None = getattr(account, "dealer_id", None)
    return Actor(
        kind=realm.kind,
        name=account.name,
        user_id=account.user_id,
        dealer_id=dealer_id,
        role=role,
        store_ids=_stores_of(session, account, role) if dealer_id else None,
        address=address,
    )


def own(session: Session, realm: Realm, *, actor: Actor, now: datetime) -> list[OwnSession]:
    """Somebody's open sign-ins, latest use first."""
    rows = session.scalars(_open_of(realm, actor).order_by(realm.session.seen_at.desc()))
    return [
        OwnSession(
            session_id=row.session_id,
            created_at=row.created_at,
            seen_at=row.seen_at,
            address=row.address,
            agent=row.agent,
        )
        for row in rows
        if _is_open(realm, row, now)
    ]


def of_account(
    session: Session, realm: Realm, *, user_id: UUID, dealer_id: UUID | None, now: datetime
) -> list[OwnSession]:
    """The open sign-ins of an account, for who looks after accounts."""
    named = Actor(kind=realm.kind, name="", user_id=user_id, dealer_id=dealer_id)
    return own(session, realm, actor=named, now=now)


def end_of_account(
    session: Session,
    realm: Realm,
    *,
    user_id: UUID,
    dealer_id: UUID | None,
    session_id: UUID | None,
    actor: Actor,
    now: datetime,
) -> None:
    """End one sign-in of somebody else, or all with None.

    Raises:
        Missing: no such open sign-in of theirs.
    """
    named = Actor(kind=realm.kind, name="", user_id=user_id, dealer_id=dealer_id)
    if session_id is None:
        end_all(session, realm, user_id=user_id, dealer_id=dealer_id, now=now)
        audit.record(session, actor, "user:sign_out", user_id, at=now, dealer_id=dealer_id)
        return
    row = session.scalars(_open_of(realm, named).where(realm.session.session_id == session_id)).one_or_none()
    if row is None:
        raise Missing
    row.ended_at = now
    audit.record(session, actor, "session:end", session_id, at=now, dealer_id=dealer_id)


def end(session: Session, realm: Realm, *, session_id: UUID, actor: Actor, now: datetime) -> None:
    """End one of one's own sign-ins.

    Raises:
        Missing: no such open sign-in of the actor's.
    """
    row = session.scalars(_open_of(realm, actor).where(realm.session.session_id == session_id)).one_or_none()
    if row is None:
        raise Missing
    row.ended_at = now
    audit.record(session, actor, "session:end", session_id, at=now)


def end_all(
    session: Session,
    realm: Realm,
    *,
    user_id: UUID,
    dealer_id: UUID | None,
    now: datetime,
    keep: UUID | None = None,
) -> None:
    """End every sign-in of an account, except `keep`."""
    ending = update(realm.session).where(realm.session.ended_at.is_(None)).values(ended_at=now)
    for name, value in realm.owner(user_id, dealer_id).items():
        ending = ending.where(getattr(realm.session, name) == value)
    session.execute(ending if keep is None else ending.where(realm.session.session_id != keep))


def _with_account(realm: Realm, ticket: Ticket) -> Select[AccountSession, Account]:
    held, account = realm.session, realm.account
    found: Select[AccountSession, Account] = (
        select(held, account)
        .join(account, account.user_id == held.user_id)
        .where(held.session_id == ticket.session_id, held.ended_at.is_(None))
    )
    if ticket.dealer_id is None:
        return found
    return found.where(held.dealer_id == ticket.dealer_id, account.dealer_id == ticket.dealer_id)


def _open_of(realm: Realm, actor: Actor) -> Select[AccountSession]:
    found: Select[AccountSession] = select(realm.session).where(realm.session.ended_at.is_(None))
    if actor.user_id is None:
        raise Missing
    for name, value in realm.owner(actor.user_id, actor.dealer_id).items():
        found = found.where(getattr(realm.session, name) == value)
    return found


def _forget_old(session: Session, realm: Realm, actor: Actor, now: datetime) -> None:
    """Delete the actor's sign-ins that are too old to matter; the audit log keeps that they were."""
    old = delete(realm.session).where(realm.session.expires_at < now)
    for name, value in realm.owner(actor.user_id or NIL, actor.dealer_id).items():
        old = old.where(getattr(realm.session, name) == value)
    session.execute(old)


def _is_open(realm: Realm, row: AccountSession, now: datetime) -> bool:
    return now < row.expires_at and now - row.seen_at < realm.idle


def dealer_is_active(session: Session, dealer_id: UUID | None) -> bool:
    """Whether a dealer's staff may sign in; headquarters' people belong to none and may."""
    if dealer_id is None:
        return True
    return session.scalar(select(Dealer.status).where(Dealer.dealer_id == dealer_id)) == "active"


def _stores_of(session: Session, account: Account, role: Role) -> frozenset[UUID] | None:
    if role is Role.DEALER_OWNER:
        return None
    rows = session.scalars(
        select(StaffStore.store_id).where(
            StaffStore.dealer_id == getattr(account, "dealer_id", None),
            StaffStore.user_id == account.user_id,
        )
    )
    return frozenset(rows)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
