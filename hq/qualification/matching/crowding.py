"""An account with many phones is a ring's, not a person's: it names nobody, and whom it had joined are parted. Pure."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from hq.qualification.matching.engine import Arrival, Key, Named, accounts_of, people

MOST_PHONES = 4
"""Numbers that one account may bring and still be one person (decisions 221 and 224)."""


def phones_of(signups: Iterable[Named]) -> dict[Key, set[bytes]]:
    """The phones that were seen with each account."""
    seen: dict[Key, set[bytes]] = defaultdict(set)
    for each in signups:
        if each.phone_bidx is not None:
            for account in accounts_of(each):
                seen[account].add(each.phone_bidx)
    return seen


def crowds(
    batch: Iterable[Named], earlier: Mapping[Key, Collection[bytes]], known: Mapping[Key, Collection[bytes]]
) -> dict[Key, frozenset[bytes]]:
    """The accounts of a batch that name nobody, each with all phones seen with it.

    Args:
        earlier: phones that were seen with accounts before.
        known: the same of those that named nobody before: one that was crowded stays so.
    """
    found = {
        account: frozenset(phones.union(known.get(account, ()), earlier.get(account, ())))
        for account, phones in phones_of(batch).items()
    }
    return {account: phones for account, phones in found.items() if account in known or len(phones) > MOST_PHONES}


@dataclass(frozen=True, slots=True)
class Part:
    """One person of those whom a crowded account had joined: sign-ups, and the keys that name just this person."""

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
