"""Who belongs together: people that share a device, address and browser, an inviter or an account. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

KINDS = ("device", "address", "inviter", "openid")
_UNIONID = "unionid"
#: How far apart two sign-ups may be for what they share to mean something. A device stays in one hand, an address is
#: somebody else's the next day.
_APART: Mapping[str, timedelta] = {
    "device": timedelta.max,
    "address": timedelta(hours=24),
    "inviter": timedelta(hours=72),
    "openid": timedelta.max,
}


class Shared(NamedTuple):
    """A thing that several people may share; `value` tells two of a kind apart."""

    kind: str
    value: tuple[Hashable, ...]


class Doubt(NamedTuple):
    """A sign-up of somebody whom headquarters should look at.

    Attributes:
        person: its contact, or the sign-up itself where there is none.
        codes: of the reasons that stop it.
        lead_id: of the open lead that it is in, where a store has begun to work on it.
        province: two digits, or None when unknown.
    """

    signup_id: UUID
    person: UUID
    campaign_id: UUID
    accepted_at: datetime
    occurred_at: datetime
    device: bytes | None
    ip: str | None
    agent: str | None
    inviter: bytes | None
    openid: bytes | None
    unionid: bytes | None
    codes: tuple[str, ...]
    lead_id: UUID | None
    province: str | None

    @property
    def shares(self) -> Iterable[Shared]:
        """What somebody else may have too."""
        if self.device is not None:
            yield Shared("device", (self.device,))
        if self.ip is not None:
            yield Shared("address", (self.ip, self.agent))
        if self.inviter is not None:
            yield Shared("inviter", (self.inviter,))
        if self.openid is not None:
            yield Shared("openid", (self.openid,))
            yield Shared("inviter", (self.openid,))  # who invites stands with the invited
        if self.unionid is not None:
            yield Shared("openid", (self.unionid, _UNIONID))


@dataclass(frozen=True)
class Ring:
    """People who hang together, or one person alone.

    Attributes:
        key: its first sign-up.
        doubts: its sign-ups, the oldest first.
        ties: what at least two of its people share → those people, by what ties most people first.
    """

    key: UUID
    doubts: Sequence[Doubt]
    ties: Mapping[Shared, frozenset[UUID]]

    @cached_property
    def people(self) -> int:
        """How many."""
        return len({each.person for each in self.doubts})

    @cached_property
    def leads(self) -> int:
        """Open leads of its people that stores work on."""
        return len({each.lead_id for each in self.doubts if each.lead_id is not None})

    @cached_property
    def kinds(self) -> Mapping[str, int]:
        """How many things of each kind are shared, in order of `KINDS`."""
        counted = Counter(shared.kind for shared in self.ties)
        return {kind: counted[kind] for kind in KINDS if counted[kind]}

    @cached_property
    def codes(self) -> Sequence[str]:
        """The reasons, that of most sign-ups first."""
        counted = Counter(code for each in self.doubts for code in each.codes)
        return [code for code, _count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))]

    @cached_property
    def provinces(self) -> Sequence[str]:
        """Where its people say they are, the most frequent first."""
        counted = Counter(each.province for each in self.doubts if each.province)
        return [code for code, _count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))]

    @property
    def began(self) -> datetime:
        """The first sign-up."""
        return min(each.occurred_at for each in self.doubts)

    @property
    def ended(self) -> datetime:
        """The last sign-up."""
        return max(each.occurred_at for each in self.doubts)

    @property
    def latest(self) -> datetime:
        """When the last of its sign-ups was received."""
        return max(each.accepted_at for each in self.doubts)


def rings(doubts: Iterable[Doubt]) -> list[Ring]:
    """All people as rings: connected components over what they share. Linear in sign-ups, whatever their order."""
    ordered = sorted(doubts, key=lambda each: (each.occurred_at, each.signup_id))
    ties = list(_ties(ordered))
    roots = _Roots()
    for _shared, people in ties:
        for one, other in pairwise(sorted(people)):
            roots.join(one, other)
    members: dict[UUID, list[Doubt]] = defaultdict(list)
    for each in ordered:
        members[roots.of(each.person)].append(each)
    shared: dict[UUID, list[tuple[Shared, frozenset[UUID]]]] = defaultdict(list)
    for thing, people in ties:
        shared[roots.of(next(iter(people)))].append((thing, people))
    return [_ring(members[root], shared[root]) for root in members]


def _ring(doubts: Sequence[Doubt], ties: Sequence[tuple[Shared, frozenset[UUID]]]) -> Ring:
    merged: dict[Shared, frozenset[UUID]] = {}
    for shared, people in ties:
        merged[shared] = merged.get(shared, frozenset()) | people
    whole = [people for shared, people in merged.items() if _UNIONID in shared.value]
    for shared in [shared for shared in merged if shared.kind == "openid" and _UNIONID not in shared.value]:
        if any(merged[shared] <= people for people in whole):  # the same account, seen in one of its apps
            del merged[shared]
    most_first = sorted(merged.items(), key=lambda item: (-len(item[1]), item[0].kind, repr(item[0].value)))
    return Ring(min(each.signup_id for each in doubts), doubts, dict(most_first))


def _ties(ordered: Iterable[Doubt]) -> Iterable[tuple[Shared, frozenset[UUID]]]:
    """What several people share within the time that counts for it; an inviter counts once somebody was invited."""
    seen: dict[Shared, list[Doubt]] = defaultdict(list)
    for each in ordered:
        for shared in each.shares:
            seen[shared].append(each)
    for shared, doubts in seen.items():
        if shared.kind == "inviter" and all((each.inviter,) != shared.value for each in doubts):
            continue
        for near in _near(doubts, _APART[shared.kind]):
            people = frozenset(each.person for each in near)
            if len(people) > 1:
                yield shared, people


def _near(doubts: Sequence[Doubt], apart: timedelta) -> Iterable[list[Doubt]]:
    """The sign-ups, which are in order of time, cut where there is too long a pause."""
    run = [doubts[0]]
    for each in doubts[1:]:
        if each.occurred_at - run[-1].occurred_at > apart:
            yield run
            run = []
        run.append(each)
    yield run


class _Roots:
    """Disjoint sets with path halving; the smaller id is the root."""

    def __init__(self) -> None:
        self._up: dict[UUID, UUID] = {}

    def of(self, one: UUID) -> UUID:
        up = self._up
        while (above := up.get(one, one)) != one:
            up[one] = up.get(above, above)
            one = up[one]
        return one

    def join(self, one: UUID, other: UUID) -> None:
        low, high = sorted((self.of(one), self.of(other)))
        if low != high:
            self._up[high] = low


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rings to show, and how. Each filter: any sign-up of the ring will do.

    Attributes:
        sort: `size`, `newest` or `oldest`.
        reason: a code; shared: one of `KINDS`, or `alone`.
    """

    sort: str = "size"
    campaign: UUID | None = None
    reason: str | None = None
    shared: str | None = None
    province: str | None = None


SORTS: Mapping[str, Any] = {
    "size": lambda ring: (-ring.people, ring.key),
    "newest": lambda ring: (-ring.latest.timestamp(), ring.key),
    "oldest": lambda ring: (ring.began, ring.key),
}


def choose(found: Iterable[Ring], wanted: Wanted) -> list[Ring]:
    """The rings that are wanted, in order."""
    return sorted((ring for ring in found if _fits(ring, wanted)), key=SORTS[wanted.sort])


def _fits(ring: Ring, wanted: Wanted) -> bool:
    return (
        (wanted.campaign is None or any(each.campaign_id == wanted.campaign for each in ring.doubts))
        and (wanted.reason is None or wanted.reason in ring.codes)
        and (wanted.shared is None or (wanted.shared in ring.kinds if ring.ties else wanted.shared == "alone"))
        and (wanted.province is None or wanted.province in ring.provinces)
    )
