"""The stores around a lead, each with what became of it there or why it was passed over; and the sketch of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.leads import sketch
from hq.leads.queries import LeadPage
from hq.leads.sketch import Point, Sketch
from hq.leads.story import Happening
from hq.routing.network import Network, km_to
from shared.dealers.models import Dealer, Store
from shared.regions.distance import great_circle_km

_PASSED = 6
_SHOWN = 5
_LOOKED_AT = 40
_REACH_KM = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearby:
    """A store that had the lead, has it, or was looked at.

    Attributes:
        number: on the sketch.
        km: from the customer, None when unknown.
        stage: how it stands there, for a store that was given the lead.
        at: since when; deadline: until when it may claim.
        why_not: why it was passed over, a code.
        kind: won (has it now), given (had it, or was offered it), out (passed over), free (next in line).
    """

    number: int
    store_id: UUID
    name: str
    dealer: str
    km: float | None
    kind: str
    stage: str | None
    at: datetime | None
    deadline: datetime | None
    why_not: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Everything that explains the choice of the store.

    Attributes:
        why: why the last store was chosen, or why there is none: a code and parameters.
        nearer: stores nearer than the one that has the lead, passed over or lost again; the nearest first.
        passed_over: how many were, in all.
        rules: version of the routing rules.
    """

    stores: Sequence[Nearby]
    sketch: Sketch | None
    why: Mapping[str, Any] | None
    nearer: Sequence[Nearby]
    passed_over: int
    rules: int | None


def of_lead(session: Session, page: LeadPage, happenings: Iterable[Happening], network: Network) -> Around:
    """What the last decision looked at, every store that was given the lead, and the nearest others; one statement."""
    latest, decision = _last_decisions(happenings)
    considered = {
        UUID(each["store_id"]): each
        for each in decision.get("considered", ())
        if each.get("why_not") and "store_id" in each
    }
    given = {line.store_id: line for line in page.given}
    ids = [*given, *[store_id for store_id in considered if store_id not in given][:_PASSED]]
    free = [store_id for store_id in _nearest(network, page, ids) if store_id not in ids][: max(0, _SHOWN - len(ids))]
    ids += free
    rows = {row.store_id: row for row in _stores(session, ids)}
    stores = sorted(
        (_nearby(page, rows[store_id], given.get(store_id), considered.get(store_id)) for store_id in ids),
        key=lambda store: (store.km is None, store.km or 0.0, store.name),
    )
    numbered = [replace(store, number=number) for number, store in enumerate(stores, 1)]
    chosen = next((store for store in numbered if store.kind == "won"), None)
    points = [
        Point(
            number=store.number,
            name=store.name,
            lng=rows[store.store_id].lng,
            lat=rows[store.store_id].lat,
            kind=store.kind,
        )
        for store in numbered
        if rows[store.store_id].lng is not None
    ]
    place = page.lead.place
    return Around(
        stores=numbered,
        sketch=sketch.draw((place["lng"], place["lat"]) if place else None, place.get("uncertainty_km") or 0.0, points),
        why=latest if latest.get("code") else None,
        nearer=[
            store
            for store in numbered
            if chosen
            and store.kind in ("out", "given")
            and store.km is not None
            and chosen.km is not None
            and store.km < chosen.km
        ],
        passed_over=max(decision.get("passed_over", 0), len(considered)),
        rules=latest.get("rules"),
    )


def _last_decisions(happenings: Iterable[Happening]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The last decision, by the rules or by a person, and the last one that says which stores it looked at."""
    told = [each.details for each in happenings if each.kind in ("offered", "waiting", "desk")]
    with_reasons = [details for details in told if details.get("considered")]
    return (told or [{}])[-1], (with_reasons or told or [{}])[-1]


def _stores(session: Session, store_ids: Sequence[UUID]) -> Sequence[Any]:
    if not store_ids:
        return []
    return session.execute(
        select(Store.store_id, Store.name, Store.lng, Store.lat, Dealer.name.label("dealer"))
        .join(Dealer, Dealer.dealer_id == Store.dealer_id)
        .where(Store.store_id.in_(store_ids))
    ).all()


def _nearest(network: Network, page: LeadPage, known: Sequence[UUID]) -> list[UUID]:
    """The stores nearest to the customer that the consent names, for comparison; none much farther than those known."""
    place = page.lead.place
    if not place:
        return []
    ways = [km_to(store, place["lng"], place["lat"]) for key in known if (store := network.stores.get(key))]
    reach = max([_REACH_KM, *(2 * km for km in ways if km is not None)])
    near = islice(network.near(place["lng"], place["lat"]), _LOOKED_AT)
    return [store.store_id for km, store in near if km <= reach and store.active and store.dealer_id in page.dealers]


def _kind(given: Any, passed: Mapping[str, Any] | None, *, has: bool) -> str:
    if given is not None:
        return "won" if has else "given"
    return "out" if passed else "free"


def _nearby(page: LeadPage, row: Any, given: Any, passed: Mapping[str, Any] | None) -> Nearby:
    place = page.lead.place
    known = place and row.lng is not None
    holds = page.held_by is not None and given is not None and page.held_by.assignment_id == given.assignment_id
    has = holds or (given is not None and given.ended_at is None)
    return Nearby(
        number=0,
        store_id=row.store_id,
        name=row.name,
        dealer=row.dealer,
        km=great_circle_km(place["lng"], place["lat"], row.lng, row.lat) if known else None,
        kind=_kind(given, passed, has=has),
        stage=given.stage if given is not None else None,
        at=(given.ended_at or given.offered_at) if given is not None else None,
        deadline=given.deadline_at if given is not None and given.stage == "offered" else None,
        why_not={**passed, "code": passed["why_not"]} if passed and given is None else None,
    )
