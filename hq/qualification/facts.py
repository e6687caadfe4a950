"""What `qualify` knows of a batch: read with a handful of statements, never changed afterwards."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from hq.qualification.matching.engine import Key, Pair, keys_of
from hq.qualification.quarantine.rulings import Word
from hq.qualification.screening.facts import Listing


class Said(NamedTuple):
    """A sign-up's facts that later decisions use again."""

    signup_id: UUID
    campaign_id: UUID
    occurred_at: datetime
    accepted_at: datetime
    touchpoint: str | None
    store_code: str | None
    phone_bidx: bytes | None
    openid_bidx: bytes | None
    phone_verified: str
    region: Mapping[str, Any]
    interest: Mapping[str, Any]
    actions: Mapping[str, Any]
    share_text_id: UUID | None
    outcome: str | None
    lead_id: UUID | None
    contact_id: UUID | None
    source: str = "api"
    unionid_bidx: bytes | None = None

    @property
    def brought(self) -> bool:
        """Whether a store has the person before it, or headquarters has chosen a store: no threshold decides then."""
        return self.source == "store" or (self.source == "hand" and self.store_code is not None)

    @property
    def keys(self) -> tuple[Key, ...]:
        """What names the person."""
        return keys_of(self)


class Received(NamedTuple):
    """A sign-up that waits to be decided, for the first time or once more."""

    said: Said
    name: str | None
    phone_problem: str | None
    phone_virtual: bool
    device_bidx: bytes | None
    inviter_bidx: bytes | None
    user_agent: str | None
    marketing_text_id: UUID | None
    runs: int
    ip: str | None
    scope_id: UUID | None
    sealed: bytes | None

    @property
    def signup_id(self) -> UUID:
        return self.said.signup_id


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """A known contact and where its wish to buy stands.

    Attributes:
        changed_at: of the contact; another value when it is written means that somebody was faster.
        lead_id: its open lead; `lead_state`, `grade`, `points` are the lead's.
        stage: of the assignment that holds the lead, None when no store does.
        bought_at: when a lead of this contact was last won.
        returns: stores that had the number and sent the lead back because nobody real is behind it.
        withdrawn_at: when the person last took a consent to share back.
    """

    contact_id: UUID
    created_at: datetime
    changed_at: datetime
    lead_id: UUID | None
    lead_state: str | None
    points: int | None
    stage: str | None
    bought_at: datetime | None
    returns: int = 0
    withdrawn_at: datetime | None = None


class Neighbour(NamedTuple):
    """A sign-up on a device, at an address or from an inviter of the batch."""

    kind: str  # device, address, bare_address, inviter
    shared: tuple[Any, ...]
    signup_id: UUID
    contact_id: UUID | None
    phone_bidx: bytes | None
    openid_bidx: bytes | None
    occurred_at: datetime
    outcome: str | None
    draws: int | None = None


class Invitation(NamedTuple):
    """Somebody on a chain of invitations that begins in the batch: who was invited, and by which openid."""

    invited: bytes  # openid index by which the inviter before is known
    contact_id: UUID | None  # None while nobody has decided about the person
    inviter: bytes


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """Everything that the decisions of one batch may look at."""

    received: tuple[Received, ...]
    identities: Mapping[Key, UUID]
    contacts: Mapping[UUID, ContactFacts]
    history: Mapping[UUID, tuple[Said, ...]]  # contact → earlier decided sign-ups, oldest first
    neighbours: tuple[Neighbour, ...]
    invitations: tuple[Invitation, ...] = ()
    listings: Mapping[UUID, tuple[Listing, ...]] = field(default_factory=dict)  # sign-up → lists on which it stands
    words: Mapping[UUID, Word] = field(default_factory=dict)  # headquarters' last, by contact or else sign-up
    apart: frozenset[Pair] = frozenset()  # contacts of the batch that are not the same person
    crowded: Mapping[Key, int] = field(default_factory=dict)  # keys that name nobody → phones seen with them
    fresh: frozenset[Key] = frozenset()  # those of them that are nobody's yet

    def naming(self, said: Said) -> tuple[Key, ...]:
        """The keys of a sign-up that name its person."""
        return tuple(key for key in said.keys if key not in self.crowded) if self.crowded else said.keys

    def without(self, signup_ids: Container[UUID]) -> "BatchFacts":
        """The same without some of the received sign-ups."""
        return replace(self, received=tuple(each for each in self.received if each.signup_id not in signup_ids))
