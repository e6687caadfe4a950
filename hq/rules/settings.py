"""The settings of screening and routing as pages ask for them: choices, or units and sensible limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hq.qualification.screening.kinds import ALL, OFF
from hq.routing.rules import FARTHEST_POOL_KM, MOST_AT_ONCE, AfterHops, Counts, Strategy

_A_WEEK = 7 * 24 * 60
STRATEGIES: Final = tuple(each.value for each in Strategy)


@dataclass(frozen=True, slots=True)
class Setting:
    """One number, or one word out of several.

    Attributes:
        path: its names from outside in.
        unit: km, stores, minutes, …
        choices: the words; of a number none.
        empty: what an empty field means: `` (it must be filled), `no_limit` or `as_others`.
    """

    path: tuple[str, ...]
    unit: str
    least: int
    most: int
    empty: str = ""
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name in a form."""
        return ".".join(self.path)


ROUTING: Final = (
    Setting(("strategy",), "", 0, 0, choices=STRATEGIES),
    Setting(("several_stores",), "stores", 2, MOST_AT_ONCE),
    Setting(("max_km",), "km", 1, 5_000, "no_limit"),
    Setting(("max_hops",), "stores", 1, 20),
    Setting(("sla_minutes",), "minutes", 1, _A_WEEK),
    *(Setting(("sla_by_grade", grade), "minutes", 1, _A_WEEK, "as_others") for grade in "ABC"),
    Setting(("first_contact_minutes",), "minutes", 1, 4 * _A_WEEK),
    *(Setting(("first_contact_by_grade", grade), "minutes", 1, 4 * _A_WEEK, "as_others") for grade in "ABC"),
    Setting(("idle_minutes",), "minutes", 1, 12 * _A_WEEK),
    *(Setting(("idle_by_grade", grade), "minutes", 1, 12 * _A_WEEK, "as_others") for grade in "ABC"),
    Setting(("plan_days",), "days", 1, 365, "no_limit"),
    Setting(("visit_days",), "days", 1, 365, "no_limit"),
    Setting(("remind_percent",), "percent", 1, 99, "off"),
    Setting(("remind_minutes",), "minutes", 1, _A_WEEK, "by_share"),
    Setting(("owner_minutes",), "minutes", 1, _A_WEEK, "never"),
    Setting(("hq_minutes",), "minutes", 1, 4 * _A_WEEK, "never"),
    Setting(("recycle_minutes",), "minutes", 1, 12 * _A_WEEK, "at_once"),
    Setting(("price_percent",), "percent", 0, 200),
    Setting(("km_per_hour",), "km", 0, 100),
    Setting(("km_for_record",), "km", 0, 500),
    Setting(("km_when_full",), "km", 0, 500),
    Setting(("equal_km",), "km", 0, 50),
    Setting(("open_within_hours",), "hours", 1, 720, "no_limit"),
    Setting(("protect_days",), "days", 0, 730),
    Setting(("own_dealer_stores",), "stores", 0, 20),
    Setting(("counts",), "", 0, 0, choices=tuple(each.value for each in Counts)),
    Setting(("after_hops",), "", 0, 0, choices=tuple(each.value for each in AfterHops)),
    Setting(("pool_km",), "km", 1, FARTHEST_POOL_KM),
    Setting(("pool_days",), "days", 1, 365),
    Setting(("pool_cool_minutes",), "minutes", 0, _A_WEEK),
    Setting(("pool_claims_per_day",), "leads", 1, 10_000, "no_limit"),
    Setting(("pool_views_per_day",), "leads", 1, 10_000, "no_limit"),
    Setting(("pool_former_days",), "days", 0, 3_650),
    Setting(("pool_protect_hours",), "hours", 0, 8_760),
)
_OF_CAMPAIGNS: Final = {"sla_minutes": _A_WEEK, "first_contact_minutes": 4 * _A_WEEK, "idle_minutes": 12 * _A_WEEK}


def of_campaign(code: str) -> tuple[Setting, ...]:
    """What a campaign may say for itself."""
    return (
        Setting(("by_campaign", code, "strategy"), "", 0, 0, "as_grade", STRATEGIES),
        Setting(("by_campaign", code, "several_stores"), "stores", 2, MOST_AT_ONCE, "as_grade"),
        Setting(("by_campaign", code, "pool_km"), "km", 1, FARTHEST_POOL_KM, "as_grade"),
        Setting(("by_campaign", code, "pool_days"), "days", 1, 365, "as_grade"),
        *(Setting(("by_campaign", code, name), "minutes", 1, most, "as_grade") for name, most in _OF_CAMPAIGNS.items()),
    )


def group_of(setting: Setting) -> str:
    """Under which heading of the form a setting of routing stands."""
    name = setting.path[0]
    return next((group for group, names in _GROUPS.items() if name in names), "store")


_GROUPS: Final = {
    "strategy": ("strategy", "several_stores"),
    "claim": ("sla_minutes", "sla_by_grade"),
    "contact": ("first_contact_minutes", "first_contact_by_grade"),
    "follow_up": ("idle_minutes", "idle_by_grade", "plan_days", "visit_days"),
    "remind": ("remind_percent", "remind_minutes"),
    "late": ("owner_minutes", "hq_minutes", "recycle_minutes"),
    "pool": (
        "after_hops",
        "pool_km",
        "pool_days",
        "pool_cool_minutes",
        "pool_claims_per_day",
        "pool_views_per_day",
        "pool_former_days",
        "pool_protect_hours",
    ),
    "campaign": ("by_campaign",),
}
SCREENING: Final = tuple(
    setting
    for code, kind in ALL.items()
    for setting in (
        Setting((code, "effect"), "", 0, 0, choices=(OFF, *kind.effects)),
        *(Setting((code, each.name), each.unit, each.least, each.most) for each in kind.params),
    )
)
