"""Which store a lead is offered to, and why not another: pure, one lead after the other.

Stores come in groups, the first group that has one with room decides: the store that was scanned or named, the dealer
whom the person was with, those whose territory it is, then all within reach. In a group the lowest cost wins: distance
and what else the rules weigh, in kilometres (`costs`). Equally dear stores take turns.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from hq.routing.rules import RoutingRules

TOLD = 8
"""Stores that a decision names besides the chosen one; those farther away are only counted."""
UNLIMITED = 1 << 40
"""Room of a store without a limit."""


class Result(StrEnum):
    """What routing decides."""

    OFFER = "offer"
    WAIT = "wait"
    DESK = "desk"
    POOL = "pool"


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """A store as routing sees it. `lng`, `lat` in WGS-84 degrees, None when nobody knows where it is.

    Attributes:
        position: its number in the network.
        weight: its share among equally good stores.
        series: what it may sell; empty: everything.
    """

    store_id: UUID
    dealer_id: UUID
    code: str
    lng: float | None
    lat: float | None
    active: bool = True
    position: int = 0
    weight: int = 1
    series: frozenset[str] = frozenset()

    def sells(self, series: str | None) -> bool:
        """Whether it may sell the series; of a wish that names none, every store may."""
        return series is None or not self.series or series in self.series


class Kind(NamedTuple):
    """Which stores somebody may go to: those of the dealers that the consent names, that sell the series."""

    dealers: frozenset[UUID]
    series: str | None


class Way(NamedTuple):
    """A store that could take a lead. `cost` in kilometres, `km` None where the person's place is not known."""

    cost: float
    km: float | None
    store: StoreFacts


@dataclass(slots=True)
class Room:
    """What stores can still take today; it shrinks while a batch is routed.

    Attributes:
        left: by position, the offers a store may still get today; `UNLIMITED` without a limit.
        turns: by position, how far each store has come in taking turns with its equals: every offer adds the inverse
            of its weight. Kept from run to run.
    """

    left: list[int]
    turns: list[float]

    @classmethod
    def of(cls, left: Sequence[int | None], turns: Sequence[float] = ()) -> "Room":
        """Room by position; None: no limit."""
        return cls([UNLIMITED if each is None else each for each in left], list(turns) or [0.0] * len(left))

    def has(self, store: StoreFacts) -> bool:
        """Whether the store can be offered one more."""
        return self.left[store.position] > 0

    def left_of(self, store: StoreFacts) -> int | None:
        """Offers a store may still get today; None without a limit."""
        left = self.left[store.position]
        return None if left >= UNLIMITED // 2 else left

    def take(self, store: StoreFacts, among: Iterable[Way] = ()) -> None:
        """Count an offer; `among`: the equals it had its turn with."""
        self.left[store.position] -= 1
        top = max((self.turns[way.store.position] for way in among), default=0.0)
        self.turns[store.position] = self._turn(store, top) + 1 / store.weight

    def next_of(self, equals: Sequence[Way]) -> Way:
        """Whose turn it is. Who was away comes next, but is not given all that the others had meanwhile."""
        top = max(self.turns[way.store.position] for way in equals)
        return min(equals, key=lambda way: (round(self._turn(way.store, top), 6), way.store.store_id))

    def _turn(self, store: StoreFacts, top: float) -> float:
        return max(self.turns[store.position], top - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFacts:
    """A lead that waits for a store.

    Attributes:
        placed: whether the person's place is known.
        had: stores that had this lead before, with how it ended (declined, expired, …).
        dealers: those that the consent names.
        series: what the person wants to buy, None when nobody knows.
        only: the stores whose territory it is alone; None: it is nobody's alone. A store that the person chose, or
            was with, may have the lead all the same.
        hops: stores that let it go so far.
    """

    placed: bool
    had: Mapping[UUID, str]
    dealers: frozenset[UUID]
    series: str | None = None
    only: frozenset[UUID] | None = None
    hops: int = 0


class Reach(NamedTuple):
    """Which stores may claim a lead from the pool: within `km` of the point (None: by distance none), and those named,
    whose territory it is. WGS-84 degrees."""

    lng: float
    lat: float
    km: float | None
    stores: frozenset[UUID] = frozenset()


class Group(NamedTuple):
    """Stores that go before those of the next group; `ways` by cost. `why` names the group's decision: scanned,
    returning, own_dealer, territory, best."""

    why: str
    ways: Iterable[Way]


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a lead.

    Attributes:
        code: why: scanned, returning, own_dealer, territory, nearest, best | no_room, shut, paused | no_place, too_far,
            hops_used, nobody_agreed, not_in_consent, not_sold, by_hand | pool, pool_hops.
        offers: the stores to offer it to; several when the first to claim has it.
        considered: stores that came first and were passed over, with `why_not`; then those chosen (None).
        passed_over: how many nearer stores were passed over, in all.
        reach: which stores may claim it from the pool.
    """

    result: Result
    code: str
    offers: tuple[Way, ...] = ()
    considered: tuple[Mapping[str, Any], ...] = ()
    passed_over: int = 0
    reach: Reach | None = None


class Surroundings(Protocol):
    """What the choice asks about the stores around a lead."""

    def near(self) -> Iterator[tuple[float, StoreFacts]]:
        """Kilometres and store by distance, whether they can take the lead or not; read only as far as needed."""

    def nearer(self, km: float) -> int:
        """How many stores are nearer than so many kilometres."""

    def parts(self, store: StoreFacts) -> Mapping[str, float]:
        """What a store's cost is made of besides distance, in kilometres by name."""

    def soon(self, store: StoreFacts) -> bool:
        """Whether a store opens soon enough."""


def choose(
    lead: LeadFacts, groups: Iterable[Group], around: Surroundings, room: Room, rules: RoutingRules, *, stores: int = 1
) -> Decision:
    """Choose a store, or several at once; the room is taken.

    Args:
        groups: the first that can goes before the others.
        stores: how many are offered the lead; whoever claims first has it. All are of the group that decides.
    """
    passed: list[dict[str, Any]] = []
    able = lead if lead.only is None else replace(lead, only=None)  # the groups know whose territory it is
    for why, ways in groups:
        chosen: list[Way] = []
        for equals in _ranks(ways, able, around, room, rules.equal_km, passed if why != "best" else None):
            while equals and len(chosen) < stores:
                way = room.next_of(equals) if len(equals) > 1 else equals[0]
                room.take(way.store, equals)
                equals.remove(way)
                chosen.append(way)
            if len(chosen) == stores:
                break
        if chosen:
            return _offered(why, tuple(chosen), lead, around, room, passed)
    return _nobody(lead, around, room, rules, passed)


def why_not(store: StoreFacts, lead: LeadFacts, room: Room, around: Surroundings) -> str | None:
    """Why a store cannot be offered a lead, as a code; None when it can."""
    if lead.had and store.store_id in lead.had:
        return lead.had[store.store_id]
    if store.dealer_id not in lead.dealers:
        return "not_in_consent"
    if not store.sells(lead.series):
        return "not_sold"
    if lead.only is not None and store.store_id not in lead.only:
        return "other_territory"
    if not store.active:
        return "paused"
    if not around.soon(store):
        return "shut"
    return None if room.has(store) else "no_room"


def _ranks(
    ways: Iterable[Way],
    lead: LeadFacts,
    around: Surroundings,
    room: Room,
    equal_km: float,
    passed: list[dict[str, Any]] | None,
) -> Iterator[list[Way]]:
    """The stores that can take the lead, in groups of equals (the dearest at most `equal_km` above the first)."""
    equals: list[Way] = []
    for way in ways:
        if reason := why_not(way.store, lead, room, around):
            if passed is not None and len(passed) < TOLD:
                passed.append(_entry(way.km, way.store, reason))
            continue
        if equals and way.cost > equals[0].cost + equal_km:
            yield equals
            equals = []
        equals.append(way)
    if equals:
        yield equals


def _offered(
    why: str,
    chosen: tuple[Way, ...],
    lead: LeadFacts,
    around: Surroundings,
    room: Room,
    passed: list[dict[str, Any]],
) -> Decision:
    first = chosen[0]
    told = passed
    over = len(passed)
    if why in ("best", "territory"):
        known = {each["code"] for each in passed} | {way.store.code for way in chosen}
        nearer: list[dict[str, Any]] = []
        for km, store in islice(around.near(), TOLD):
            if first.km is None or km >= first.km:
                break
            if store.code not in known:
                reason = why_not(store, lead, room, around) or "dearer"
                nearer.append(_entry(km, store, reason, around.parts(store) if reason == "dearer" else None))
        if why == "best" and not any(each["why_not"] == "dearer" for each in nearer):
            why = "nearest"
        over += len(nearer) if len(nearer) < TOLD or first.km is None else around.nearer(first.km)
        told = passed + nearer
    entries = [_entry(way.km, way.store, None, around.parts(way.store)) for way in chosen]
    return Decision(Result.OFFER, why, chosen, (*told, *entries), over)


def _nobody(
    lead: LeadFacts, around: Surroundings, room: Room, rules: RoutingRules, passed: list[dict[str, Any]]
) -> Decision:
    """Why no store got it: room may come back, or a store open; anything else needs a person."""
    if lead.hops >= rules.max_hops:
        return Decision(Result.DESK, "hops_used", (), tuple(passed), len(passed))
    known = {each["code"] for each in passed}
    told, reasons = list(passed), {each["why_not"] for each in passed}
    for km, store in around.near() if lead.placed else ():
        if (rules.max_km is not None and km > rules.max_km) or ("no_room" in reasons and len(told) >= TOLD):
            break
        reason = why_not(store, lead, room, around) or "dearer"
        reasons.add(reason)
        if len(told) < TOLD and store.code not in known:
            told.append(_entry(km, store, reason))
    over = len(told) if len(told) < TOLD else around.nearer(rules.max_km or 40_000)
    result, code = _code(reasons, placed=lead.placed)
    return Decision(result, code, (), tuple(told), over)


def _code(reasons: set[str], *, placed: bool) -> tuple[Result, str]:
    for code in ("no_room", "shut", "paused"):
        if code in reasons:
            return Result.WAIT, code
    if reasons - {"not_in_consent", "not_sold", "other_territory"}:
        return Result.DESK, "nobody_agreed"
    for code in ("other_territory", "not_sold", "not_in_consent"):
        if code in reasons:
            return Result.DESK, code
    return Result.DESK, "too_far" if placed else "no_place"


def _entry(
    km: float | None, store: StoreFacts, why: str | None, parts: Mapping[str, float] | None = None
) -> dict[str, Any]:
    entry = {
        "store_id": str(store.store_id),
        "code": store.code,
        "km": None if km is None else round(km, 1),
        "why_not": why,
    }
    return entry | {"weighs": dict(parts)} if parts else entry
