"""An openid with many phones is a ring, not a person: it names nobody, and whom it had joined are parted. Pure."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from hq.qualification.matching.engine import Arrival, Key, people

MOST_PHONES = 4
"""Numbers that one openid may bring and still be one person (decision 221)."""


class Seen(Protocol):
    """A sign-up's keys, as blind indexes."""

    @property
    def openid_bidx(self) -> bytes | None: ...
    @property
    def phone_bidx(self) -> bytes | None: ...


def phones_of(signups: Iterable[Seen]) -> dict[bytes, set[bytes]]:
    """The phones that were seen with each openid."""
    seen: dict[bytes, set[bytes]] = defaultdict(set)
    for each in signups:
        if each.openid_bidx is not None and each.phone_bidx is not None:
            seen[each.openid_bidx].add(each.phone_bidx)
    return seen


def crowds(
    batch: Iterable[Seen], earlier: Mapping[bytes, Collection[bytes]], known: Mapping[bytes, Collection[bytes]]
) -> dict[bytes, frozenset[bytes]]:
    """The openids of a batch that name nobody, each with all phones seen with it.

    Args:
        earlier: phones that were seen with openids before.
        known: the same of those that named nobody before: one that was crowded stays so.
    """
    found = {
        openid: frozenset(phones.union(known.get(openid, ()), earlier.get(openid, ())))
        for openid, phones in phones_of(batch).items()
    }
    return {openid: phones for openid, phones in found.items() if openid in known or len(phones) > MOST_PHONES}


@dataclass(frozen=True, slots=True)
class Part:
    """One person of those whom a crowded openid had joined: sign-ups, and the keys that name just this person."""

    contact_id: UUID
    stays: bool
    signups: Sequence[UUID]
    keys: frozenset[Key] = field(default_factory=frozenset)


def scatter(
    contact_id: UUID, arrivals: Sequence[Arrival], opener: UUID | None, new_contact_id: Callable[[], UUID]
) -> list[Part]:
    """Part one contact again; the person whose sign-up opened the lead keeps the record, else the first one.

    Args:
        arrivals: all sign-ups of the contact by acceptance, without keys that name nobody.
        opener: the sign-up that opened the open lead.
    """
    groups = [(person.signups, frozenset(person.new_keys)) for person in people(arrivals, {}, ())]
    if not groups:
        return []
    staying = next((group for group in groups if opener in group[0]), groups[0])
    return [Part(contact_id if group is staying else new_contact_id(), group is staying, *group) for group in groups]
