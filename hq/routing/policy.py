"""Which store a lead is offered to: the scanned one, else the nearest with room; and why not another."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, groupby
from typing import Any
from uuid import UUID

from hq.routing.rules import RoutingRules

TOLD = 8
"""Candidates that a decision names; those farther away are only counted."""


class Result(StrEnum):
    """What routing decides."""

    OFFER = "offer"
    WAIT = "wait"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """A store as routing sees it. `lng`, `lat` in WGS-84 degrees, None when nobody knows where it is."""

    store_id: UUID
    dealer_id: UUID
    code: str
    lng: float | None
    lat: float | None
    active: bool = True


@dataclass(slots=True)
class Room:
    """What stores can still take today; it shrinks while a batch is routed.

    Attributes:
        left: offers a store may still get today, None without a limit; a store that is not named has none.
        served: per store when it was last offered something (any number that grows), so that equal stores
            take turns.
        turn: larger than everything in `served`; every offer raises it.
    """

    left: dict[UUID, int | None]
    served: dict[UUID, float] = field(default_factory=dict)
    turn: float = 0.0

    def has(self, store_id: UUID) -> bool:
        """Whether the store can be offered one more."""
        left = self.left.get(store_id, 0)
        return left is None or left > 0

    def take(self, store_id: UUID) -> None:
        """Count an offer."""
        left = self.left.get(store_id, 0)
        if left is not None:
            self.left[store_id] = left - 1
        self.turn += 1
        self.served[store_id] = self.turn


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFacts:
    """A lead that waits for a store.

    Attributes:
        placed: whether the person's place is known (then `near` is in order of distance).
        scanned: the store whose code the person scanned.
        had: stores that had this lead before, with how it ended (declined, expired, …).
        dealers: those that the consent names.
        hops: stores that let it go so far.
    """

    placed: bool
    scanned: StoreFacts | None = None
    had: Mapping[UUID, str] = field(default_factory=dict)
    dealers: frozenset[UUID] = frozenset()
    hops: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a lead.

    Attributes:
        code: why: scanned, nearest | no_room, paused | no_place, too_far, hops_used, nobody_agreed,
            not_in_consent.
        store: for an offer.
        km: distance to it, None for a scanned store when the person's place is not known.
        considered: the first candidates with `why_not` (None for the chosen one).
        passed_over: how many candidates were not taken, in all.
    """

    result: Result
    code: str
    store: StoreFacts | None = None
    km: float | None = None
    considered: tuple[Mapping[str, Any], ...] = ()
    passed_over: int = 0


def choose_store(
    lead: LeadFacts,
    near: Iterable[tuple[float, StoreFacts]],
    room: Room,
    rules: RoutingRules,
    *,
    scanned_km: float | None = None,
) -> Decision:
    """Choose among the stores, in order of distance; among equals (to 100 m) the one that waited longest.

    Args:
        lead: who waits.
        near: kilometres and store, ascending; read only as far as needed.
        room: what is left today; not changed here.
        rules: limits.
        scanned_km: distance to the scanned store, where known.
    """
    if lead.hops >= rules.max_hops:
        return Decision(Result.DESK, "hops_used")
    seen: list[dict[str, Any]] = []
    reasons: dict[str, int] = {}
    scanned = [] if lead.scanned is None else [(scanned_km, lead.scanned)]
    by_distance = _by_turn(near, room, rules.max_km) if lead.placed else iter(())
    for km, store in chain(scanned, by_distance):
        is_scan = lead.scanned is not None and store.store_id == lead.scanned.store_id
        if is_scan and seen:
            continue  # the scanned store comes first; here it comes by once more
        why_not = _why_not(store, lead, room)
        if len(seen) < TOLD or why_not is None:
            seen.append(_entry(km, store, why_not))
        if why_not is None:
            code = "scanned" if is_scan else "nearest"
            return Decision(Result.OFFER, code, store, km, tuple(seen), sum(reasons.values()))
        reasons[why_not] = reasons.get(why_not, 0) + 1
    result, code = _nobody(reasons, placed=lead.placed)
    return Decision(result, code, None, None, tuple(seen), sum(reasons.values()))


def _why_not(store: StoreFacts, lead: LeadFacts, room: Room) -> str | None:
    if store.store_id in lead.had:
        return lead.had[store.store_id]
    if store.dealer_id not in lead.dealers:
        return "not_in_consent"
    if not store.active:
        return "paused"
    return None if room.has(store.store_id) else "no_room"


def _by_turn(
    near: Iterable[tuple[float, StoreFacts]], room: Room, max_km: float | None
) -> Iterator[tuple[float, StoreFacts]]:
    """The stores within reach; those equally far in the order in which they were served, longest ago first."""
    for km, group in groupby(near, key=lambda pair: round(pair[0], 1)):
        if max_km is not None and km > max_km:
            return
        equals = list(group)
        if len(equals) > 1:
            equals.sort(key=lambda pair: (room.served.get(pair[1].store_id, 0.0), pair[1].store_id))
        yield from equals


def _nobody(reasons: Mapping[str, int], *, placed: bool) -> tuple[Result, str]:
    """Why no store got it: room may come back; anything else needs a person."""
    for code in ("no_room", "paused"):
        if code in reasons:
            return Result.WAIT, code
    if set(reasons) - {"not_in_consent"}:
        return Result.DESK, "nobody_agreed"
    if "not_in_consent" in reasons:
        return Result.DESK, "not_in_consent"
    return Result.DESK, "too_far" if placed else "no_place"


def _entry(km: float | None, store: StoreFacts, why_not: str | None) -> dict[str, Any]:
    distance = None if km is None else round(km, 1)
    return {"store_id": str(store.store_id), "code": store.code, "km": distance, "why_not": why_not}
