"""What Koi comes with, by kind of rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.screening.rules import default_body
from hq.qualification.thresholds.rules import DEFAULT_THRESHOLDS
from hq.routing.rules import AfterHops, RoutingRules

# An upgrade changes no brand's rules: a body that does not name these weighs nothing but distance, reminds nobody and
# takes back at the deadline; only how far a plan puts that off has a limit in every body that names none. A new brand
# begins with them.
ROUTING: Final = RoutingRules(
    price_percent=100,
    km_per_hour=1,
    km_for_record=10,
    equal_km=1,
    open_within_hours=96,
    protect_days=30,
    own_dealer_stores=1,
    plan_days=14,
    visit_days=30,
    remind_percent=50,
    owner_minutes=60,
    hq_minutes=120,
    recycle_minutes=270,
    after_hops=AfterHops.POOL.value,
    pool_days=3,
    pool_cool_minutes=10,
    pool_claims_per_day=5,
    pool_views_per_day=30,
    pool_former_days=7,
    pool_protect_hours=48,
)


def defaults() -> Mapping[str, Mapping[str, Any]]:
    """The body of version 1 of every kind."""
    return {
        "screening": default_body(),
        "scorecard": DEFAULT_CARD,
        "thresholds": DEFAULT_THRESHOLDS,
        "routing": ROUTING.as_body(),
    }
