"""Which sign-ups are one person: connected components over phones and accounts.

Two sign-ups are of one contact when a chain of equal keys joins them, inside the batch or through what is
known already. The partition does not depend on the order of arrival. People whom headquarters keeps apart are not
joined: a sign-up that has keys of both is its phone's.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

PHONE: Final = "phone"
OPENID: Final = "openid"
UNIONID: Final = "unionid"
ACCOUNTS: Final[Mapping[str, str]] = {OPENID: "openid_bidx", UNIONID: "unionid_bidx"}
"""Kinds of accounts that name a person, each with the column of a sign-up: an openid in one of a company's apps, a
unionid in all of them. Each is as strong as the others and counts its phones (`crowding`)."""


class Key(NamedTuple):
    """Something that names one person: its kind and the blind index of its value."""

    kind: str
    value: bytes


class Named(Protocol):
    """A sign-up with what may name its person, as blind indexes."""

    @property
    def phone_bidx(self) -> bytes | None: ...
    @property
    def openid_bidx(self) -> bytes | None: ...
    @property
    def unionid_bidx(self) -> bytes | None: ...


_accounts: Callable[[Any], tuple[bytes | None, ...]] = attrgetter(*ACCOUNTS.values())


def accounts_of(signup: Named) -> tuple[Key, ...]:
    """The accounts of a sign-up."""
    values = zip(ACCOUNTS, _accounts(signup), strict=True)
    return tuple([Key(kind, bytes(value)) for kind, value in values if value is not None])


def keys_of(signup: Named) -> tuple[Key, ...]:
    """All that names the person of a sign-up, the phone first."""
    phone = signup.phone_bidx
    return accounts_of(signup) if phone is None else (Key(PHONE, bytes(phone)), *accounts_of(signup))


@dataclass(frozen=True, slots=True)
class Arrival:
    """A sign-up to be tied to its contact; no keys means that nobody can be named."""

    signup_id: UUID
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A contact that exists already.

    Attributes:
        leading: 4 when the person has visited or bought, 3 when the store has spoken with the person, 2 when a store
            holds its lead, 1 when it has an open lead, else 0.
        since: when the contact was made.
    """

    contact_id: UUID
    leading: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Created:
    """A contact to make, and the first sign-up that showed it."""

    contact_id: UUID
    signup_id: UUID


@dataclass(frozen=True, slots=True)
class Identity:
    """A key that from now on names a contact, and the sign-up that brought it."""

    key: Key
    contact_id: UUID
    signup_id: UUID


@dataclass(frozen=True, slots=True)
class Merge:
    """A contact that turns out to be another one, and the sign-up that joined them; None when somebody said so."""

    loser: UUID
    survivor: UUID
    signup_id: UUID | None


@dataclass(frozen=True, slots=True)
class Matching:
    """What a batch says about people; `contact_of` has no entry for a sign-up without keys."""

    contact_of: Mapping[UUID, UUID]
    created: tuple[Created, ...]
    identities: tuple[Identity, ...]
    merges: tuple[Merge, ...]


Pair = tuple[UUID, UUID]
"""Two contacts, the smaller id first."""


def match(
    arrivals: Sequence[Arrival],
    identities: Mapping[Key, UUID],
    known: Mapping[UUID, Known],
    new_contact_id: Callable[[], UUID],
    apart: Collection[Pair] = (),
) -> Matching:
    """Tie a batch to its contacts.

    Args:
        arrivals: ordered by acceptance; the order chooses only which sign-up is named as the reason.
        identities: the known contact of every key of the batch that has one.
        known: every contact that `identities` names.
        new_contact_id: called once for every contact to make.
        apart: contacts that are not the same person.
    """
    contact_of: dict[UUID, UUID] = {}
    created: list[Created] = []
    added: list[Identity] = []
    merges: list[Merge] = []
    for person in people(arrivals, identities, apart):
        first = person.signups[0]
        if person.contacts:
            survivor = survivor_of([known[contact] for contact in person.contacts])
            merges += (Merge(loser, survivor, first) for loser in sorted(person.contacts - {survivor}))
        else:
            survivor = new_contact_id()
            created.append(Created(survivor, first))
        contact_of |= dict.fromkeys(person.signups, survivor)
        added += (Identity(key, survivor, signup_id) for key, signup_id in person.new_keys.items())
    return Matching(contact_of, tuple(created), tuple(added), tuple(merges))


def survivor_of(contacts: Iterable[Known]) -> UUID:
    """The contact that stays: the one whose lead has come farthest at a store, else with an open lead, else the
    oldest."""
    return min(contacts, key=lambda contact: (-contact.leading, contact.since, contact.contact_id)).contact_id


@dataclass(slots=True)
class Component:
    """A component: sign-ups in order of arrival, known contacts, and the new keys, each with its first sign-up."""

    signups: list[UUID] = field(default_factory=list)
    contacts: set[UUID] = field(default_factory=set)
    new_keys: dict[Key, UUID] = field(default_factory=dict)


def people(arrivals: Sequence[Arrival], identities: Mapping[Key, UUID], apart: Collection[Pair]) -> list[Component]:
    """The batch in groups of one person each, in order of arrival."""
    sets = _joined(arrivals, identities, apart)
    people: dict[object, Component] = defaultdict(Component)
    for arrival in arrivals:
        if arrival.keys:
            people[sets.root(arrival.signup_id)].signups.append(arrival.signup_id)
        for key in arrival.keys:
            person = people[sets.root(key)]
            if key in identities:
                person.contacts.add(identities[key])
            else:
                person.new_keys.setdefault(key, arrival.signup_id)
    return [person for person in people.values() if person.signups]


def _joined(arrivals: Sequence[Arrival], identities: Mapping[Key, UUID], apart: Collection[Pair]) -> "_Sets":
    """Phones and what is known come first, so that between people who are kept apart the phone decides."""
    sets = _Sets(apart)
    for arrival in arrivals:
        for key in arrival.keys[:1]:
            sets.join(arrival.signup_id, key)
        for key in arrival.keys:
            if key in identities:
                sets.join(identities[key], key)
    for arrival in arrivals:
        for key in arrival.keys[1:]:
            sets.join(arrival.signup_id, key)
    return sets


class _Sets:
    """Disjoint sets of sign-ups, keys and contacts; two sets with contacts that are kept apart are never joined."""

    def __init__(self, apart: Collection[Pair]) -> None:
        self._above: dict[object, object] = {}
        self._apart: dict[object, set[UUID]] = defaultdict(set)
        self._inside: dict[object, set[object]] = {}
        for one, other in apart:
            self._apart[one].add(other)
            self._apart[other].add(one)
        for contact in self._apart:
            self._inside[contact] = {contact}

    def root(self, node: object) -> object:
        """The set's name."""
        above = self._above
        while (parent := above.setdefault(node, node)) != node:
            above[node] = above[parent]  # path halving keeps chains short
            node = parent
        return node

    def join(self, one: object, other: object) -> None:
        """Make the sets of two nodes one, unless that would join people who are kept apart."""
        upper, lower = self.root(one), self.root(other)
        if upper == lower:
            return
        if self._inside:
            inside = self._inside.get(upper, set()), self._inside.get(lower, set())
            if any(not self._apart[contact].isdisjoint(inside[1]) for contact in inside[0]):
                return
            self._inside[upper] = inside[0] | inside[1]
        self._above[lower] = upper
