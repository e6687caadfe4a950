"""The routing rules, as data with a version."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

from shared.platform.errors import Invalid


class Strategy(StrEnum):
    """How leads are given out."""

    ONE = "one"
    """To one store after the other."""
    SEVERAL = "several"
    """To several stores at once; the first to claim has it."""
    DESK = "desk"
    """By a person at headquarters."""
    POOL = "pool"
    """By nobody: the stores around the customer claim it themselves."""


class AfterHops(StrEnum):
    """Where a lead comes that as many stores let go as may."""

    DESK = "to_desk"
    """To a person at headquarters."""
    POOL = "to_pool"
    """Into the open pool, and from there to a person."""


class Counts(StrEnum):
    """What takes room of a store's day, besides what it has claimed and what waits to be claimed."""

    OFFERS = "offers"
    """Also what it let go on that day: it is offered no more than its number."""
    CLAIMS = "claims"
    """Nothing else: for what it let go it is offered another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRules:
    """How far, how often and how fast.

    Attributes:
        max_km: farthest store a lead is offered to by distance, kilometres; None means no limit. A store
            whose code was scanned has no such limit: the person was there.
        max_hops: stores that may let a lead go before a person at headquarters looks.
        sla_minutes: working minutes a store has to claim, in its own hours.
        sla_by_grade: other minutes for a grade.
        first_contact_minutes: working minutes from the claim to the first follow-up.
        first_contact_by_grade: other minutes for a grade.
        idle_minutes: working minutes from one follow-up (or from what was planned then) to the next.
        idle_by_grade: other minutes for a grade.
        plan_days: days after a report by which what the store plans may put off the next follow-up; None: no limit.
        visit_days: the same for a visit that is booked.
        by_campaign: per code of a campaign what goes before everything else; the names are those of
            `CAMPAIGN_MINUTES` and `CAMPAIGN_CHOICES`.
        remind_percent: share of its time after which a store is reminded of a deadline, per cent; None: it is not.
        remind_minutes: working minutes before a deadline at which it is reminded, instead of the share.
        owner_minutes: working minutes after a missed first contact or follow-up at which the dealer's owner is
            told; None: never.
        hq_minutes: working minutes after that at which headquarters is told; None: never.
        recycle_minutes: working minutes after a missed first contact or follow-up at which the lead is taken
            back; None: at once.
        price_percent: how much of the price of its room counts as a cost of a store (`prices`); 0: prices are not used.
        km_per_hour: kilometres that an hour's wait until the store opens is worth.
        km_for_record: kilometres between a store that claims in time and sells, and one that never does.
        km_when_full: kilometres between a store with all its room of the day, and one with none left.
        equal_km: stores whose costs differ by no more take turns, kilometres.
        open_within_hours: hours within which a store must open to be offered a lead; None: however late.
        protect_days: days after its last move for which somebody goes back to the dealer they were with.
        own_dealer_stores: further stores that are asked after `max_hops`, of the dealers that had the lead.
        strategy: how leads are given out, one of `Strategy`.
        several_stores: stores that are offered a lead at once where the strategy is several.
        counts: what takes room of a store's day, one of `Counts`.
        after_hops: where a lead comes that so many stores let go, one of `AfterHops`.
        pool_km: how far from a customer a store may be that claims from the pool, kilometres. Of somebody whose city
            alone is known, as far as the city reaches.
        pool_days: after which a lead that nobody claims comes to the desk.
        pool_cool_minutes: after it came into the pool in which nobody may claim it.
        pool_claims_per_day: leads that a store may claim from the pool on a day, also of those that it gives back;
            None: no limit.
        pool_views_per_day: leads of the pool that a store may look at on a day; looking again at one is free. None:
            no limit.
        pool_former_days: after a store let a lead go in which it may not claim it from the pool.
        pool_protect_hours: after a claim from the pool in which the clock does not take the lead back.
    """

    max_km: float | None = 300
    max_hops: int = 3
    sla_minutes: int = 30
    sla_by_grade: Mapping[str, int] = field(default_factory=dict)
    first_contact_minutes: int = 9 * 60
    first_contact_by_grade: Mapping[str, int] = field(default_factory=dict)
    idle_minutes: int = 5 * 9 * 60
    plan_days: int | None = 14
    visit_days: int | None = 30
    price_percent: float = 0
    km_per_hour: float = 0
    km_for_record: float = 0
    km_when_full: float = 0
    equal_km: float = 0.1
    open_within_hours: float | None = None
    protect_days: int = 0
    own_dealer_stores: int = 0
    idle_by_grade: Mapping[str, int] = field(default_factory=dict)
    by_campaign: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    remind_percent: int | None = None
    remind_minutes: int | None = None
    owner_minutes: int | None = None
    hq_minutes: int | None = None
    recycle_minutes: int | None = None
    strategy: str = Strategy.ONE.value
    several_stores: int = 3
    counts: str = Counts.OFFERS.value
    after_hops: str = AfterHops.DESK.value
    pool_km: float = 50
    pool_days: int = 7
    pool_cool_minutes: int = 0
    pool_claims_per_day: int | None = None
    pool_views_per_day: int | None = None
    pool_former_days: int = 0
    pool_protect_hours: int = 0

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """Rules from their stored form.

        Raises:
            Invalid: an unknown name or a number that makes no sense; `field` names it.
        """
        names = {part.name for part in fields(cls)}
        for name, value in body.items():
            if name not in names or not _sensible(name, value):
                raise Invalid(field=name)
        return cls(**body)

    def as_body(self) -> dict[str, Any]:
        """The stored form."""
        return asdict(self)

    def claim_minutes(self, grade: str, campaign: str | None = None) -> int:
        """Working minutes a store has to claim a lead of this grade, of the campaign with this code."""
        return self._minutes("sla_minutes", self.sla_by_grade, grade, campaign)

    def contact_minutes(self, grade: str, campaign: str | None = None) -> int:
        """Working minutes from the claim to the first follow-up."""
        return self._minutes("first_contact_minutes", self.first_contact_by_grade, grade, campaign)

    def follow_up_minutes(self, grade: str, campaign: str | None = None) -> int:
        """Working minutes from one follow-up to the next."""
        return self._minutes("idle_minutes", self.idle_by_grade, grade, campaign)

    def strategy_of(self, campaign: str | None = None) -> Strategy:
        """How leads of the campaign with this code are given out."""
        return Strategy(self._own(campaign).get("strategy", self.strategy))

    def stores_at_once(self, campaign: str | None = None) -> int:
        """How many stores are offered a lead of the campaign at once."""
        several: int = self._own(campaign).get("several_stores", self.several_stores)
        return several if self.strategy_of(campaign) is Strategy.SEVERAL else 1

    def pool_reach_km(self, campaign: str | None = None) -> float:
        """How far from a customer a store may be that claims a lead of the campaign from the pool."""
        km: float = self._own(campaign).get("pool_km", self.pool_km)
        return km

    def pool_stay_days(self, campaign: str | None = None) -> int:
        """After how many days a lead of the campaign leaves the pool for the desk."""
        days: int = self._own(campaign).get("pool_days", self.pool_days)
        return days

    @property
    def uses_pool(self) -> bool:
        """Whether leads come into the pool by these rules, of all campaigns or of one."""
        ways = {self.strategy, *(own.get("strategy") for own in self.by_campaign.values())}
        return self.after_hops == AfterHops.POOL or Strategy.POOL in ways

    @property
    def pool_hops(self) -> int:
        """How many stores let a lead go until it comes to the desk for good, where it comes into the pool before."""
        return 2 * self.max_hops + self.own_dealer_stores

    def _own(self, campaign: str | None) -> Mapping[str, Any]:
        return self.by_campaign.get(campaign, {}) if campaign else {}

    def _minutes(self, name: str, by_grade: Mapping[str, int], grade: str, campaign: str | None) -> int:
        """What the campaign says, else what the grade says, else what holds for all."""
        everybody: int = getattr(self, name)
        minutes: int = self._own(campaign).get(name, by_grade.get(grade, everybody))
        return minutes


_FROM_ZERO = frozenset(
    ("price_percent", "km_per_hour", "km_for_record", "km_when_full", "equal_km", "protect_days", "own_dealer_stores")
)


def _sensible(name: str, value: object) -> bool:
    if name in _CHECKS:
        return _CHECKS[name](value)
    return _positive(value) or (name in _FROM_ZERO and value == 0 and not isinstance(value, bool))


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _or_none(value: object) -> bool:
    return value is None or _positive(value)


def _grades(value: object) -> bool:
    return isinstance(value, dict) and all(map(_positive, value.values()))


def _campaigns(value: object) -> bool:
    return isinstance(value, dict) and all(map(_campaign, value.values()))


def _campaign(own: object) -> bool:
    return isinstance(own, dict) and all(
        (name in CAMPAIGN_MINUTES and _positive(value)) or (name in CAMPAIGN_CHOICES and _CHECKS[name](value))
        for name, value in own.items()
    )


def _several(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 2 <= value <= MOST_AT_ONCE


def _whole(least: int, most: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _limit(value: object) -> bool:
    return value is None or _whole(1, 10_000)(value)


def _days(value: object) -> bool:
    return value is None or _whole(1, 365)(value)


def _share(value: object) -> bool:
    return value is None or (_positive(value) and isinstance(value, int) and value < 100)


CAMPAIGN_MINUTES = ("sla_minutes", "first_contact_minutes", "idle_minutes")
"""The times that a campaign may set for itself."""
CAMPAIGN_CHOICES = ("strategy", "several_stores", "pool_km", "pool_days")
"""What else it may decide for itself."""
MOST_AT_ONCE = 20
"""Stores that a lead may be offered to at once."""
FARTHEST_POOL_KM = 500
"""A pool that reaches farther would be read by every store of several provinces."""

_CHECKS: Mapping[str, Callable[[object], bool]] = {
    "max_km": _or_none,
    "open_within_hours": _or_none,
    "sla_by_grade": _grades,
    "first_contact_by_grade": _grades,
    "idle_by_grade": _grades,
    "by_campaign": _campaigns,
    "remind_percent": _share,
    "remind_minutes": _or_none,
    "owner_minutes": _or_none,
    "hq_minutes": _or_none,
    "recycle_minutes": _or_none,
    "strategy": lambda value: value in set(Strategy),
    "several_stores": _several,
    "counts": lambda value: value in set(Counts),
    "after_hops": lambda value: value in set(AfterHops),
    "plan_days": _days,
    "visit_days": _days,
    "pool_km": lambda value: _positive(value) and value <= FARTHEST_POOL_KM,  # type: ignore[operator]
    "pool_days": _whole(1, 365),
    "pool_cool_minutes": _whole(0, 7 * 24 * 60),
    "pool_claims_per_day": _limit,
    "pool_views_per_day": _limit,
    "pool_former_days": _whole(0, 3650),
    "pool_protect_hours": _whole(0, 365 * 24),
}
