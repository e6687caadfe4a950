"""Which stores may claim a lead from the pool: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from hq.routing.facts import LeadsFacts, WaitingLead
from hq.routing.network import Network
from hq.routing.policy import Reach, StoreFacts
from hq.routing.rules import RoutingRules
from shared.dealers.territories import Served

_OF_A_CITY = frozenset(("city", "phone_city"))


class Stay(NamedTuple):
    """Since when, from when on and until when a lead may lie in the pool."""

    entered_at: datetime
    open_from: datetime
    until: datetime

    def told(self) -> dict[str, str]:
        """What the story says of it; `again` reads it."""
        return {"open_from": self.open_from.isoformat(), "until": self.until.isoformat()}

    @classmethod
    def again(cls, entered_at: datetime, told: Mapping[str, Any]) -> Stay:
        """The times that a line of the story tells."""
        return cls(entered_at, datetime.fromisoformat(told["open_from"]), datetime.fromisoformat(told["until"]))


def stay(rules: RoutingRules, campaign: str | None, now: datetime) -> Stay:
    """The times of a lead of a campaign that comes into the pool now."""
    cool, days = timedelta(minutes=rules.pool_cool_minutes), timedelta(days=rules.pool_stay_days(campaign))
    return Stay(now, now + cool, now + max(days, cool))


class Pooling(NamedTuple):
    """A lead for the pool, the series that the person wants, and who may claim it there."""

    lead: WaitingLead
    reach: Reach
    series: str | None


def pooling_of(
    lead: WaitingLead, facts: LeadsFacts, network: Network, rules: RoutingRules, *, series: str | None, served: Served
) -> Pooling | str:
    """How a lead would lie in the pool; the code of why no store could ever claim it there, if none could.

    Args:
        series: that the person wants; None when nobody knows.
        served: the stores whose exclusive and whose shared territory it is.
    """
    reach = reach_of(lead.place, served, rules.pool_reach_km(lead.campaign_code))
    if reach is None:
        return "no_place"
    dealers = facts.scopes.get(lead.scope_id, frozenset[UUID]()) if lead.consented else frozenset[UUID]()
    refused = facts.sent_back.get(lead.lead_id, ())
    why = nobody(reach, network, dealers=dealers, series=series, refused=refused)
    return why or Pooling(lead, reach, series)


def reach_of(place: Mapping[str, Any], served: Served, km: float) -> Reach | None:
    """The stores for somebody at this place; None when nobody knows where that is.

    Where territories are exclusive only their stores may claim. Of somebody whose city alone is known all of the city
    counts; a province is no place.

    Args:
        served: the stores whose exclusive and whose shared territory it is.
        km: the rules' distance.
    """
    lng, lat = place.get("lng"), place.get("lat")
    if lng is None or lat is None:
        return None
    alone, together = served
    if alone:
        return Reach(lng, lat, None, alone)
    source = place.get("source")
    if source == "province":
        return Reach(lng, lat, None, together) if together else None
    wide = float(place.get("uncertainty_km") or 0) if source in _OF_A_CITY else 0.0
    return Reach(lng, lat, max(km, wide), together)


def nobody(
    reach: Reach, network: Network, *, dealers: Collection[UUID], series: str | None, refused: Collection[UUID]
) -> str | None:
    """Why no store could ever claim a lead from the pool, as a code; None when one could, be it paused now.

    Args:
        dealers: those that the consent names.
        refused: stores that sent the offer back.
    """
    reasons = set()
    for store in _reached(reach, network):
        if store.dealer_id not in dealers:
            reasons.add("not_in_consent")
        elif not store.sells(series):
            reasons.add("not_sold")
        elif store.store_id in refused:
            reasons.add("nobody_agreed")
        else:
            return None
    order = ("nobody_agreed", "not_sold", "not_in_consent")
    return next((code for code in order if code in reasons), "other_territory" if reach.km is None else "too_far")


def seen_by(
    reach: Reach, network: Network, *, dealers: Collection[UUID], series: str | None, refused: Collection[UUID] = ()
) -> int:
    """How many stores that take leads now see it in the pool."""
    return len(
        {
            store.store_id
            for store in _reached(reach, network)
            if store.active and store.dealer_id in dealers and store.sells(series) and store.store_id not in refused
        }
    )


def _reached(reach: Reach, network: Network) -> Iterator[StoreFacts]:
    for store_id in reach.stores:
        if store := network.stores.get(store_id):
            yield store
    if reach.km is not None:
        for km, store in network.near(reach.lng, reach.lat):
            if km > reach.km:
                return
            yield store
