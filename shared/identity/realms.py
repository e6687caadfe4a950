"""The two groups of accounts: headquarters' own, and the dealers' staff. Same rules, different tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.identity.actor import ActorKind
from shared.identity.models import HqSession, HqUser, Staff, StaffSession
from shared.identity.permissions import DEALER_ROLES, HQ_ROLES, Role

Account = HqUser | Staff
AccountSession = HqSession | StaffSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Realm:
    """Where accounts of one kind live.

    Attributes:
        idle: a session unused for this long has ended; lifetime: so has one that is this old.
    """

    kind: ActorKind
    account: Any  # type[HqUser] | type[Staff]: SQLAlchemy's typing cannot select from a union of classes
    session: Any  # type[HqSession] | type[StaffSession]
    roles: tuple[Role, ...]
    idle: timedelta
    lifetime: timedelta

    def key(self, user_id: UUID, dealer_id: UUID | None) -> Any:
        """The primary key of an account."""
        return (dealer_id, user_id) if dealer_id else user_id

    def holds(self, dealer_id: UUID | None) -> bool:
        """Whether accounts of this dealer (None: of headquarters) live here."""
        return (self.kind is ActorKind.DEALER) == (dealer_id is not None)

    def owner(self, user_id: UUID, dealer_id: UUID | None) -> dict[str, UUID]:
        """The columns by which a session names its account."""
        return {"user_id": user_id} | ({"dealer_id": dealer_id} if dealer_id else {})


HQ = Realm(
    kind=ActorKind.HQ,
    account=HqUser,
    session=HqSession,
    roles=HQ_ROLES,
    idle=timedelta(hours=12),
    lifetime=timedelta(days=7),
)
# A store's phone stays signed in over a weekend: deadlines are short, and a lost phone is ended by HQ.
DEALER = Realm(
    kind=ActorKind.DEALER,
    account=Staff,
    session=StaffSession,
    roles=DEALER_ROLES,
    idle=timedelta(days=4),
    lifetime=timedelta(days=14),
)
