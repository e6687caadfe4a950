"""Demand that never was: the brand's own leads of a period, more or fewer of them, or where its stores stand. Pure.

Nobody's population is known here: what is generated has the times, wishes, consents and grades of leads that came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from uuid import uuid5

from hq.routing.facts import WaitingLead
from shared.regions.divisions import Division

LEAST, MOST = 0.1, 10.0


class Demand(StrEnum):
    """What a trial is asked on."""

    PAST = "past"
    SCALED = "scaled"
    """The leads of the period, from each county so many times as many."""
    STORES = "stores"
    """As many, and evenly from the counties where the stores stand."""


def generated(leads: Sequence[WaitingLead], factor: float, counties: Sequence[Division] = ()) -> list[WaitingLead]:
    """So many times as many leads, by the moment they are opened; always the same ones.

    Args:
        factor: each county has so many times as many, to less than one lead.
        counties: with some, the leads come from these in turn, at their seats, instead of from where they came.
    """
    due: dict[str, float] = defaultdict(float)
    made: list[WaitingLead] = []
    for lead in leads:
        county = str(lead.place.get("code"))
        due[county] += factor
        copies = int(due[county] + 1e-9)
        due[county] -= copies
        for number in range(copies):
            key = lead.lead_id if number == 0 else uuid5(lead.lead_id, str(number))
            made.append(lead._replace(lead_id=key, opened_at=lead.opened_at + timedelta(microseconds=number)))
    if counties:
        made = [_moved(lead, counties[number % len(counties)]) for number, lead in enumerate(made)]
    return sorted(made, key=lambda lead: (lead.opened_at, lead.lead_id))


def _moved(lead: WaitingLead, county: Division) -> WaitingLead:
    place = {"lng": county.lng, "lat": county.lat, "code": county.code, "source": "county", "uncertainty_km": 10.0}
    return lead._replace(place=place, store_code=None)
