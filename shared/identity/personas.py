"""The people of the demo brand, whom a visitor may be without a password. Only made-up accounts are marked so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared.db.session import set_tenant
from shared.identity import sessions
from shared.identity.actor import Actor, ActorKind
from shared.identity.models import HqUser
from shared.identity.permissions import Role
from shared.identity.realms import Account, Realm
from shared.platform.errors import Missing

_STAFF = text("SELECT dealer_id, user_id, name, role, dealer, store FROM koi_demo_staff() ORDER BY code, store, role")


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody of the demo. `dealer` and `store` are names, empty at headquarters; an owner has no store."""

    dealer_id: UUID | None
    user_id: UUID
    name: str
    role: str
    dealer: str = ""
    store: str = ""


def all_of(session: Session, realm: Realm) -> Sequence[Persona]:
    """Everybody whom a visitor of this portal may be: by dealer, the owner first."""
    if realm.kind is ActorKind.DEALER:
        return [Persona(*row) for row in session.execute(_STAFF)]  # owners have no store and come first
    chosen = select(HqUser).where(HqUser.is_demo, HqUser.status == "active")
    ranks = list(realm.roles)
    users = sorted(session.scalars(chosen), key=lambda user: ranks.index(Role(user.role)))
    return [Persona(None, user.user_id, user.name, user.role) for user in users]


def become(session: Session, realm: Realm, *, user_id: UUID, dealer_id: UUID | None, address: str) -> Actor:
    """Be one of them.

    Raises:
        Missing: no such account, or not of the demo.
    """
    if not realm.holds(dealer_id):
        raise Missing
    if dealer_id is not None:
        set_tenant(session, dealer_id)
    account: Account | None = session.get(realm.account, realm.key(user_id, dealer_id))
    if account is None or not account.is_demo or account.status != "active":
        raise Missing
    return sessions.actor_of(session, realm, account, address=address)
