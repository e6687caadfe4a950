"""What a person has said and done, put together from several sign-ups."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hq.qualification.facts import Said
from hq.qualification.scoring.scorecard import Value
from shared.platform.clock import BEIJING

DUPLICATE_WITHIN = timedelta(hours=24)
"""Architecture: a duplicate is of the same contact and campaign within 24 hours and adds nothing."""

INTEREST = ("model", "purchase_horizon", "current_vehicle", "budget")
_DEEDS = ("booked_test_ride", "visited_store")


def wish(signups: Sequence[Said]) -> dict[str, Any]:
    """The latest word on each question of interest, and what the person did; oldest sign-up first."""
    told: dict[str, Any] = {}
    for said in signups:
        told |= {name: said.interest[name] for name in INTEREST if said.interest.get(name)}
    return told | {deed: True for deed in _DEEDS if any(said.actions.get(deed) for said in signups)}


def scoring_facts(signups: Sequence[Said], store_km: float | None, as_of: datetime) -> Mapping[str, Value]:
    """The facts that a scorecard may look at (`scoring.catalogue` declares each).

    Args:
        signups: those of one person that passed screening, oldest first; at least one.
        store_km: from the person's best known place to the nearest store.
        as_of: the moment for which the score is to hold: how old the wish is counts from here.
    """
    told, first, last = wish(signups), signups[0], signups[-1]
    since = first.occurred_at.astimezone(BEIJING)
    return {
        "purchase_horizon": told.get("purchase_horizon"),
        "current_vehicle": told.get("current_vehicle"),
        "budget": told.get("budget"),
        "model": told.get("model"),
        "touchpoint": first.touchpoint,
        "source": first.source,
        "hour": since.hour,
        "weekday": str(since.isoweekday()),
        "scanned_store": any(said.store_code for said in signups),
        "wechat_known": any(said.openid_bidx for said in signups),
        "phone_verified": last.phone_verified,
        "booked_test_ride": _deed(signups, "booked_test_ride"),
        "visited_store": _deed(signups, "visited_store"),
        "signups": len(signups),
        "draws": counted(last.actions, "draws"),
        "store_km": store_km,
        "wish_age_days": wish_age_days(signups, as_of),
    }


def wish_age_days(signups: Sequence[Said], as_of: datetime) -> int:
    """Whole days since the person last signed up."""
    return max((as_of - max(said.occurred_at for said in signups)).days, 0)


def counted(actions: Mapping[str, Any], name: str) -> int | None:
    """A whole number that a sign-up tells of what the person did, None when it tells none."""
    count = actions.get(name)
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def duplicate_of(said: Said, earlier: Sequence[Said]) -> Said | None:
    """The earlier sign-up that this one only repeats, or None when it adds something.

    Args:
        said: the sign-up.
        earlier: those of the same contact that passed screening before it, oldest first.
    """
    same = [
        other
        for other in earlier
        if other.campaign_id == said.campaign_id and abs(said.occurred_at - other.occurred_at) <= DUPLICATE_WITHIN
    ]
    return same[-1] if same and not _adds(said, earlier) else None


def _adds(said: Said, earlier: Sequence[Said]) -> bool:
    known, told = wish(earlier), wish([said])
    if any(known.get(name) != value for name, value in told.items()):
        return True
    if said.store_code and said.store_code not in {other.store_code for other in earlier}:
        return True
    if said.region and not any(other.region for other in earlier):
        return True
    return not set(said.keys) <= {key for other in earlier for key in other.keys}


def _deed(signups: Sequence[Said], name: str) -> bool | None:
    answers = [said.actions[name] for said in signups if name in said.actions]
    return any(answers) if answers else None
