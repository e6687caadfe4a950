"""Accounts: invited, disabled, enabled, given a role. Every change is logged, and what must end ends at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.dealers.models import Store
from shared.identity import passwords, sessions
from shared.identity.actor import Actor
from shared.identity.errors import LastAdministrator, LoginTaken, NotYourself, RoleAbove
from shared.identity.logins import Login
from shared.identity.models import HqUser, Staff, StaffStore
from shared.identity.permissions import Role, may_give
from shared.identity.realms import DEALER, HQ, Account, Realm
from shared.identity.sign_in import account_of
from shared.leads.models import Assignment
from shared.platform.errors import Missing
from shared.platform.ids import new_id


def add_hq_user(
    session: Session, *, login: Login, name: str, role: Role, blind_key: bytes, actor: Actor, now: datetime
) -> HqUser:
    """Draft an account at headquarters; nobody can sign in to it before its invite is accepted.

    Raises:
        LoginTaken: somebody has the login.
        RoleAbove: the role may do more than the actor's.
    """
    _refuse_above(actor, role)
    bidx = login.index(blind_key)
    if session.scalar(select(HqUser.user_id).where(HqUser.login_bidx == bidx)) is not None:
        raise LoginTaken(field="login")
    user = HqUser(user_id=new_id(now), **_draft(login, blind_key, name, role, now))
    session.add(user)
    session.flush()  # the audit row and the invite name the account
    audit.record(session, actor, "user:add", user.user_id, at=now, role=role.value)
    return user


def add_staff(
    session: Session,
    *,
    dealer_id: UUID,
    store_ids: Iterable[UUID],
    login: Login,
    name: str,
    role: Role,
    blind_key: bytes,
    actor: Actor,
    now: datetime,
) -> Staff:
    """Draft an account at a dealer, for some of its stores.

    Raises:
        LoginTaken: somebody has the login.
        RoleAbove: the role may do more than the actor's.
    """
    _refuse_above(actor, role)
    bidx = login.index(blind_key)
    if session.scalar(select(Staff.user_id).where(Staff.login_bidx == bidx)) is not None:
        raise LoginTaken(field="login")
    person = Staff(dealer_id=dealer_id, user_id=new_id(now), **_draft(login, blind_key, name, role, now))
    session.add(person)
    session.flush()  # the stores' rows refer to the account
    for store_id in sorted(store_ids):
        session.add(StaffStore(dealer_id=dealer_id, user_id=person.user_id, store_id=store_id))
    audit.record(session, actor, "user:add", person.user_id, at=now, dealer_id=dealer_id, role=role.value)
    return person


def disable(session: Session, realm: Realm, *, account: Account, actor: Actor, now: datetime) -> None:
    """Close an account: its sign-ins and its invite link end now.

    Raises:
        NotYourself: it is the actor's own.
        LastAdministrator: nobody would be left who can manage users.
    """
    _refuse_own(account, actor)
    _keep_an_administrator(session, account)
    account.status = "disabled"
    account.disabled_at = now
    account.invite_hash = None
    account.invite_expires_at = None
    dealer_id = dealer_of(account)
    sessions.end_all(session, realm, user_id=account.user_id, dealer_id=dealer_id, now=now)
    audit.record(session, actor, "user:disable", account.user_id, at=now, dealer_id=dealer_id)


def enable(session: Session, *, account: Account, actor: Actor, now: datetime) -> None:
    """Open a closed account again; without a password it waits for an invite."""
    account.status = "active" if account.password_hash else "invited"
    account.disabled_at = None
    audit.record(session, actor, "user:enable", account.user_id, at=now, dealer_id=dealer_of(account))


def change_role(session: Session, *, account: Account, role: Role, actor: Actor, now: datetime) -> None:
    """Give another role; it counts from the next request on.

    Raises:
        NotYourself: it is the actor's own.
        LastAdministrator: nobody would be left who can manage users.
        RoleAbove: the role, or the one that is taken away, may do more than the actor's.
    """
    _refuse_own(account, actor)
    _refuse_above(actor, role)
    _refuse_above(actor, Role(account.role))
    if role is not Role.ADMINISTRATOR:
        _keep_an_administrator(session, account)
    audit.record(
        session,
        actor,
        "user:role",
        account.user_id,
        at=now,
        dealer_id=dealer_of(account),
        before=account.role,
        after=role.value,
    )
    account.role = role.value


def set_locale(session: Session, realm: Realm, *, locale: str, actor: Actor) -> None:
    """Keep the language of somebody's pages, `zh` or `en`."""
    account_of(session, realm, actor).locale = locale


def give_password(account: Account, password: str, *, now: datetime) -> None:
    """Set a password for somebody and let them in: for set-up and demonstrations, where nobody opens a link."""
    account.password_hash = passwords.hash_password(password)
    account.password_changed_at = now
    account.status = "active"
    account.invite_hash = None
    account.invite_expires_at = None


def hq_user(session: Session, user_id: UUID) -> HqUser:
    """An account at headquarters.

    Raises:
        Missing: none with this id.
    """
    found = session.get(HqUser, user_id)
    if found is None:
        raise Missing
    return found


def staff(session: Session, dealer_id: UUID, user_id: UUID) -> Staff:
    """An account at a dealer.

    Raises:
        Missing: none with these ids.
    """
    found = session.get(Staff, (dealer_id, user_id))
    if found is None:
        raise Missing
    return found


def realm_of(account: Account) -> Realm:
    """Where an account lives."""
    return DEALER if isinstance(account, Staff) else HQ


def dealer_of(account: Account) -> UUID | None:
    """The dealer an account belongs to; None at headquarters."""
    return account.dealer_id if isinstance(account, Staff) else None


def _draft(login: Login, blind_key: bytes, name: str, role: Role, now: datetime) -> dict[str, object]:
    return {
        "login_bidx": login.index(blind_key),
        "login_masked": login.masked,
        "phone_bidx": login.phone_index(blind_key),
        "name": name,
        "role": role.value,
        "status": "invited",
        "password_hash": None,
        "locale": "zh",
        "invite_hash": None,
        "invite_expires_at": None,
        "created_at": now,
        "password_changed_at": None,
        "disabled_at": None,
        "is_demo": False,
    }


def change_login(
    session: Session, realm: Realm, *, account: Account, login: Login, blind_key: bytes, actor: Actor, now: datetime
) -> None:
    """Give somebody another number or name to sign in with.

    The password stays; sign-ins end, in case a phone is lost, and so does an open link, which may have gone astray.

    Raises:
        LoginTaken: somebody has the login.
    """
    bidx = login.index(blind_key)
    if account.login_bidx == bidx:
        return
    taken = select(realm.account.user_id).where(realm.account.login_bidx == bidx)
    if session.scalar(taken) is not None:
        raise LoginTaken(field="login")
    dealer_id = dealer_of(account)
    change = [account.login_masked, login.masked]
    audit.record(session, actor, "user:login", account.user_id, at=now, dealer_id=dealer_id, login=change)
    account.login_bidx, account.login_masked = bidx, login.masked
    account.phone_bidx = login.phone_index(blind_key)
    account.invite_hash = account.invite_expires_at = None
    session.flush()  # a race for the login must show here
    sessions.end_all(session, realm, user_id=account.user_id, dealer_id=dealer_id, now=now)


def rename(session: Session, *, account: Account, name: str, actor: Actor, now: datetime) -> None:
    """Write somebody's name differently."""
    if account.name != name:
        names = [account.name, name]
        audit.record(session, actor, "user:rename", account.user_id, at=now, dealer_id=dealer_of(account), name=names)
        account.name = name


def move(session: Session, *, person: Staff, store_ids: Iterable[UUID], actor: Actor, now: datetime) -> int:
    """Let somebody work at these stores of their dealer and no others.

    Returns:
        how many leads of stores that they left are nobody's in particular now.

    Raises:
        Missing: a store is not the dealer's.
    """
    wanted = set(store_ids)
    own = dict.fromkeys(session.scalars(select(Store.store_id).where(Store.dealer_id == person.dealer_id)))
    if not wanted <= own.keys():
        raise Missing(what="store")
    of_person = (StaffStore.dealer_id == person.dealer_id, StaffStore.user_id == person.user_id)
    before = set(session.scalars(select(StaffStore.store_id).where(*of_person)))
    if wanted == before:
        return 0
    session.execute(delete(StaffStore).where(*of_person, StaffStore.store_id.in_(before - wanted)))
    for store_id in sorted(wanted - before):
        session.add(StaffStore(dealer_id=person.dealer_id, user_id=person.user_id, store_id=store_id))
    left = session.execute(
        update(Assignment)
        .where(
            Assignment.dealer_id == person.dealer_id,
            Assignment.assignee == person.user_id,
            Assignment.ended_at.is_(None),
            Assignment.store_id.not_in(wanted),
        )
        .values(assignee=None)
        .returning(Assignment.assignment_id)
        .execution_options(synchronize_session=False)
    ).all()
    stores = [sorted(map(str, before)), sorted(map(str, wanted))]
    audit.record(
        session, actor, "user:move", person.user_id, at=now, dealer_id=person.dealer_id, stores=stores, left=len(left)
    )
    return len(left)


def _refuse_above(actor: Actor, role: Role) -> None:
    if not may_give(actor.role, role):
        raise RoleAbove(field="role")


def _refuse_own(account: Account, actor: Actor) -> None:
    if account.user_id == actor.user_id:
        raise NotYourself


def _keep_an_administrator(session: Session, account: Account) -> None:
    if not isinstance(account, HqUser) or account.role != Role.ADMINISTRATOR:
        return
    # locked, so that two administrators cannot remove each other at the same time
    administrators = select(HqUser.user_id).where(HqUser.role == Role.ADMINISTRATOR, HqUser.status == "active")
    locked = set(session.scalars(administrators.order_by(HqUser.user_id).with_for_update(key_share=True)))
    if not locked - {account.user_id}:
        raise LastAdministrator
