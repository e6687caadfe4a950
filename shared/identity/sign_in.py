"""Who is it? The login and the password; one answer, and the same time, for everybody who may not enter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.db.session import set_tenant
from shared.identity import passwords, sessions
from shared.identity.actor import Actor, ActorKind
from shared.identity.errors import WrongCredentials, WrongPassword
from shared.identity.realms import Account, Realm
from shared.platform.errors import Missing

_STAFF_BY_LOGIN = text("SELECT dealer_id, user_id, status, password_hash FROM koi_sign_in(:login_bidx)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account found by its login, before its tenant is announced."""

    user_id: UUID
    dealer_id: UUID | None
    status: str
    password_hash: str | None


def authenticate(session: Session, realm: Realm, *, login_bidx: bytes, password: str, address: str) -> Actor:
    """Find out who signs in; a dealer's tenant is announced from here on.

    Raises:
        WrongCredentials: unknown, wrong, invited only, disabled, or of a dealer that has closed.
    """
    candidate = candidate_of(session, realm, login_bidx)
    fits = passwords.matches(candidate.password_hash if candidate else None, password)
    if candidate is None or not fits or candidate.status != "active":
        raise WrongCredentials
    account = locked(session, realm, candidate, share=True)
    if (account.status, account.password_hash) != ("active", candidate.password_hash):
        raise WrongCredentials
    return sessions.actor_of(session, realm, account, address=address)


def change_password(
    session: Session,
    realm: Realm,
    *,
    old: str,
    new: str,
    blind_key: bytes,
    session_id: UUID,
    actor: Actor,
    now: datetime,
) -> None:
    """Change one's own password; all other sign-ins end, and a link by which it could be set anew.

    Raises:
        WrongPassword: the old one is not right.
        WeakPassword: the new one is easy to guess.
    """
    account = account_of(session, realm, actor)
    if not passwords.matches(account.password_hash, old):
        raise WrongPassword(field="old")
    passwords.check(new, name=account.name, login_bidx=account.login_bidx, blind_key=blind_key)
    account.password_hash = passwords.hash_password(new)
    account.password_changed_at = now
    account.invite_hash = None
    account.invite_expires_at = None
    sessions.end_all(session, realm, user_id=account.user_id, dealer_id=actor.dealer_id, now=now, keep=session_id)
    audit.record(session, actor, "user:password", account.user_id, at=now)


def account_of(session: Session, realm: Realm, actor: Actor) -> Account:
    """The actor's own account.

    Raises:
        Missing: the actor is no person.
    """
    if actor.user_id is None:
        raise Missing
    account: Account | None = session.get(realm.account, realm.key(actor.user_id, actor.dealer_id))
    if account is None:
        raise Missing
    return account


def locked(session: Session, realm: Realm, candidate: Candidate, *, share: bool) -> Account:
    """The candidate's account, its tenant announced, locked and read again: whoever closes it or changes its password
    waits, and ends this sign-in too.

    Args:
        share: only to read it; else to change it.

    Raises:
        WrongCredentials: its dealer has closed.
    """
    if candidate.dealer_id is not None:
        set_tenant(session, candidate.dealer_id)
    account: Account = session.get_one(
        realm.account,
        realm.key(candidate.user_id, candidate.dealer_id),
        with_for_update={"read": True} if share else {"key_share": True},
        populate_existing=True,
    )
    if not sessions.dealer_is_active(session, candidate.dealer_id):
        raise WrongCredentials
    return account


def candidate_of(session: Session, realm: Realm, login_bidx: bytes) -> Candidate | None:
    """The account with this login, whatever its state; None when there is none."""
    if realm.kind is ActorKind.DEALER:
        row = session.execute(_STAFF_BY_LOGIN, {"login_bidx": login_bidx}).one_or_none()
        return Candidate(row.user_id, row.dealer_id, row.status, row.password_hash) if row else None
    account: Account | None = session.scalars(
        select(realm.account).where(realm.account.login_bidx == login_bidx)
    ).one_or_none()
    return Candidate(account.user_id, None, account.status, account.password_hash) if account else None
