"""Who is it, by a code that came to their phone: signing in, setting a forgotten password, changing the number.

The code was right before any of this is called (`shared.sms.codes`); whoever typed it in has the phone at hand, which
proves as much as the invite link that goes to the same phone.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.identity import passwords, sessions, sign_in
from shared.identity.actor import Actor
from shared.identity.errors import LoginTaken, WrongCredentials, WrongPassword
from shared.identity.logins import Login
from shared.identity.realms import Account, Realm

_MAY_ENTER = frozenset({"active", "invited"})


def is_known(session: Session, realm: Realm, login_bidx: bytes) -> bool:
    """Whether a code for this login would let anybody in; the caller must not show the difference."""
    candidate = sign_in.candidate_of(session, realm, login_bidx)
    return candidate is not None and candidate.status in _MAY_ENTER


def enter(session: Session, realm: Realm, *, login_bidx: bytes, address: str, now: datetime) -> Actor:
    """Let in whoever has the phone of an account; somebody who was only invited is here now.

    Raises:
        WrongCredentials: there is no such account any more, it is closed, or its dealer is.
    """
    account = _locked(session, realm, login_bidx)
    if account.status == "invited":
        account.status = "active"
        account.invite_hash = account.invite_expires_at = None
    return sessions.actor_of(session, realm, account, address=address)


def reset(
    session: Session, realm: Realm, *, login_bidx: bytes, password: str, blind_key: bytes, address: str, now: datetime
) -> Actor:
    """Set a new password for whoever has the phone; every sign-in ends, and every open link.

    Raises:
        WrongCredentials: as `enter`.
        WeakPassword: the new one is easy to guess.
    """
    account = _locked(session, realm, login_bidx)
    passwords.check(password, name=account.name, login_bidx=login_bidx, blind_key=blind_key)
    account.password_hash, account.password_changed_at = passwords.hash_password(password), now
    account.status = "active"
    account.invite_hash = account.invite_expires_at = None
    actor = sessions.actor_of(session, realm, account, address=address)
    sessions.end_all(session, realm, user_id=account.user_id, dealer_id=actor.dealer_id, now=now)
    audit.record(session, actor, "user:password", account.user_id, at=now, by="code")
    return actor


def change_login(
    session: Session,
    realm: Realm,
    *,
    login: Login,
    password: str,
    blind_key: bytes,
    session_id: UUID,
    actor: Actor,
    now: datetime,
) -> None:
    """Sign in with another number from now on; all other sign-ins end, and a link that went to the old one.

    Raises:
        WrongPassword: the present password is not right.
        LoginTaken: somebody has that number.
    """
    account = sign_in.account_of(session, realm, actor)
    if not passwords.matches(account.password_hash, password):
        raise WrongPassword(field="old")
    bidx = login.index(blind_key)
    if bidx == account.login_bidx:
        return
    if sign_in.candidate_of(session, realm, bidx) is not None:
        raise LoginTaken(field="phone")
    before = account.login_masked
    account.login_bidx, account.login_masked = bidx, login.masked
    account.phone_bidx = login.phone_index(blind_key)
    account.invite_hash = account.invite_expires_at = None
    sessions.end_all(session, realm, user_id=account.user_id, dealer_id=actor.dealer_id, now=now, keep=session_id)
    audit.record(session, actor, "user:login", account.user_id, at=now, before=before, after=login.masked)


def _locked(session: Session, realm: Realm, login_bidx: bytes) -> Account:
    candidate = sign_in.candidate_of(session, realm, login_bidx)
    if candidate is None:
        raise WrongCredentials
    account = sign_in.locked(session, realm, candidate, share=False)
    if account.status not in _MAY_ENTER or account.login_bidx != login_bidx:
        raise WrongCredentials
    return account
