"""Stores that a lead could be given to by hand: the nearest ones, or those that somebody searches for, with their room
today; and why one cannot have it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hq.leads.queries import LeadPage
from hq.routing import queries as routing
from hq.routing.network import ATLAS, Network, km_to
from hq.routing.policy import Room, StoreFacts
from hq.routing.service import refused_by, why_not
from shared.dealers.models import Dealer, Store
from shared.leads.models import Lead

_SHOWN = 12
_LOOKED_AT = 400

Way = tuple[float | None, StoreFacts]
"""Kilometres from the customer, None when unknown, and the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A store to choose; `left` None: no limit; `why_not`: a code, None when it can be offered the lead now."""

    store_id: UUID
    name: str
    dealer: str
    km: float | None
    left: int | None
    had: str | None  # how an earlier offer of this lead ended there
    why_not: str | None

    @property
    def can(self) -> bool:
        """Whether it can be offered the lead now."""
        return self.why_not is None


@dataclass(frozen=True, slots=True)
class _Reading:
    network: Network
    room: Room
    dealers: frozenset[UUID]
    had: dict[UUID, str]

    def why_not(self, store: StoreFacts) -> str | None:
        return why_not(store, self.dealers, self.room, refused_by(self.had))


def to_choose(
    session: Session, page: LeadPage, *, words: str = "", chosen: Collection[UUID] = (), now: datetime
) -> list[Candidate]:
    """The stores chosen already, then those searched for, else the twelve nearest that the consent names.

    Args:
        words: part of a store's name or its dealer's, or the beginning of its code; finds also such as cannot have it.
    """
    reading, lead = _read(session, page, now), page.lead
    found = _called(session, reading.network, lead, words) if words else _nearest(reading, lead)
    ticked = [_way(lead, store) for store_id in chosen if (store := reading.network.stores.get(store_id))]
    ways = {store.store_id: (km, store) for km, store in (*ticked, *found)}
    return _candidates(session, reading, list(ways.values()))


def _nearest(reading: _Reading, lead: Lead) -> Iterator[Way]:
    allowed = (way for way in _near(reading.network, lead) if way[1].active and way[1].dealer_id in reading.dealers)
    return islice(allowed, _SHOWN)


def _called(session: Session, network: Network, lead: Lead, words: str) -> list[Way]:
    """The nearest first; by code where nobody knows where the customer is."""
    found = session.scalars(
        select(Store.store_id)
        .join(Dealer, Dealer.dealer_id == Store.dealer_id)
        .where(
            or_(
                Store.name.contains(words, autoescape=True),
                Dealer.name.contains(words, autoescape=True),
                Store.code.istartswith(words, autoescape=True),
            ),
            Store.status != "closed",
        )
        .order_by(Store.code)
        .limit(_LOOKED_AT)
    )
    ways = [_way(lead, store) for store_id in found if (store := network.stores.get(store_id))]
    return sorted(ways, key=lambda way: (way[0] is None, way[0] or 0.0, way[1].code))[:_SHOWN]


def _way(lead: Lead, store: StoreFacts) -> Way:
    return (km_to(store, lead.place["lng"], lead.place["lat"]) if lead.place else None), store


def _read(session: Session, page: LeadPage, now: datetime) -> _Reading:
    network = ATLAS.network(session)
    rules, _ = routing.rules_in_force(session)
    room = routing.room_of(session, network, rules, now=now)
    return _Reading(network, room, page.dealers, {line.store_id: line.stage for line in page.given})


def _near(network: Network, lead: Lead) -> Iterator[Way]:
    if lead.place:
        yield from islice(network.near(lead.place["lng"], lead.place["lat"]), _LOOKED_AT)
    else:
        yield from ((None, store) for store in sorted(network.stores.values(), key=lambda store: store.code))


def _candidates(session: Session, reading: _Reading, ways: Sequence[Way]) -> list[Candidate]:
    names = _names(session, [store.store_id for _km, store in ways])
    return [
        Candidate(
            store_id=store.store_id,
            name=names[store.store_id][0],
            dealer=names[store.store_id][1],
            km=km,
            left=reading.room.left_of(store),
            had=reading.had.get(store.store_id),
            why_not=reading.why_not(store),
        )
        for km, store in ways
    ]


def _names(session: Session, store_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    rows = session.execute(
        select(Store.store_id, Store.name, Dealer.name)
        .join(Dealer, Dealer.dealer_id == Store.dealer_id)
        .where(Store.store_id.in_(list(store_ids)))
    )
    return {store_id: (name, dealer) for store_id, name, dealer in rows}
