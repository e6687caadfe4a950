"""Which sign-ups are one person: connected components over phones and openids.

Two sign-ups are of one contact when a chain of equal keys joins them, inside the batch or through what is
known already. The partition does not depend on the order of arrival.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

PHONE = "phone"
OPENID = "openid"


class Key(NamedTuple):
    """Something that names one person: its kind and the blind index of its value."""

    kind: str
    value: bytes


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
    """A contact that turns out to be another one, and the sign-up that joined them."""

    loser: UUID
    survivor: UUID
    signup_id: UUID


@dataclass(frozen=True, slots=True)
class Matching:
    """What a batch says about people; `contact_of` has no entry for a sign-up without keys."""

    contact_of: Mapping[UUID, UUID]
    created: tuple[Created, ...]
    identities: tuple[Identity, ...]
    merges: tuple[Merge, ...]


def match(
    arrivals: Sequence[Arrival],
    identities: Mapping[Key, UUID],
    known: Mapping[UUID, Known],
    new_contact_id: Callable[[], UUID],
) -> Matching:
    """Tie a batch to its contacts.

    Args:
        arrivals: ordered by acceptance; the order chooses only which sign-up is named as the reason.
        identities: the known contact of every key of the batch that has one.
        known: every contact that `identities` names.
        new_contact_id: called once for every contact to make.
    """
    contact_of: dict[UUID, UUID] = {}
    created: list[Created] = []
    added: list[Identity] = []
    merges: list[Merge] = []
    for group in _components(arrivals, identities):
        first = group[0].signup_id
        contacts = {identities[key] for arrival in group for key in arrival.keys if key in identities}
        if contacts:
            survivor = survivor_of([known[contact] for contact in contacts])
            merges += (Merge(loser, survivor, first) for loser in sorted(contacts - {survivor}))
        else:
            survivor = new_contact_id()
            created.append(Created(survivor, first))
        contact_of |= {arrival.signup_id: survivor for arrival in group}
        added += _new_identities(group, identities, survivor)
    return Matching(contact_of, tuple(created), tuple(added), tuple(merges))


def survivor_of(contacts: Iterable[Known]) -> UUID:
    """The contact that stays: the one whose lead has come farthest at a store, else with an open lead, else the
    oldest."""
    return min(contacts, key=lambda contact: (-contact.leading, contact.since, contact.contact_id)).contact_id


def _components(arrivals: Sequence[Arrival], identities: Mapping[Key, UUID]) -> list[list[Arrival]]:
    """The batch in groups of one person each, groups and members in order of arrival."""
    parent: dict[object, object] = {}

    def root(node: object) -> object:
        while (above := parent.setdefault(node, node)) != node:
            parent[node] = parent[above]  # path halving keeps chains short
            node = above
        return node

    for arrival in arrivals:
        for key in arrival.keys:
            parent[root(key)] = root(arrival.signup_id)
            if key in identities:
                parent[root(identities[key])] = root(arrival.signup_id)
    groups: dict[object, list[Arrival]] = {}
    for arrival in arrivals:
        if arrival.keys:
            groups.setdefault(root(arrival.signup_id), []).append(arrival)
    return list(groups.values())


def _new_identities(group: Sequence[Arrival], identities: Mapping[Key, UUID], contact_id: UUID) -> list[Identity]:
    first_with: dict[Key, UUID] = {}
    for arrival in group:
        for key in arrival.keys:
            if key not in identities:
                first_with.setdefault(key, arrival.signup_id)
    return [Identity(key, contact_id, signup_id) for key, signup_id in first_with.items()]
