"""Who does something: given to every service and written into the audit log."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared.identity.permissions import Permission, Role, allows


class ActorKind(StrEnum):
    """From which side somebody acts; stored by value."""

    HQ = "hq"
    DEALER = "dealer"
    API = "api"
    PUBLIC = "public"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who acts, or the system itself.

    `dealer_id` is None outside a dealer. `store_ids` None means every store of the
    dealer; an empty set means none. `name` is what the audit log shows, and `address` where the call came from.
    """

    kind: ActorKind
    name: str
    user_id: UUID | None = None
    dealer_id: UUID | None = None
    role: Role | None = None
    store_ids: frozenset[UUID] | None = None
    address: str = ""

    def may(self, permission: Permission) -> bool:
        """Whether the actor's role includes the permission."""
        return allows(self.role, permission)

    def sees_store(self, store_id: UUID) -> bool:
        """Whether the store is one of the actor's."""
        return self.store_ids is None or store_id in self.store_ids


def system(name: str) -> Actor:
    """The actor of a drain or a command, such as `hq.route` or `cli`."""
    return Actor(kind=ActorKind.SYSTEM, name=name)
