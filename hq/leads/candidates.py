"""Stores that a lead could be given to by hand: the nearest ones that the consent names, with their room today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.routing import queries as routing
from hq.routing.network import ATLAS, Network
from hq.routing.policy import StoreFacts
from shared.campaigns.models import Scope
from shared.dealers.models import Dealer, Store
from shared.leads.models import Assignment, Lead

_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A store to choose; `left` None: no limit."""

    store_id: UUID
    name: str
    dealer: str
    km: float | None
    left: int | None
    had: str | None  # how an earlier offer of this lead ended there

    @property
    def can(self) -> bool:
        """Whether it can be offered the lead now."""
        return self.left is None or self.left > 0


def of_lead(session: Session, lead: Lead, *, now: datetime) -> list[Candidate]:
    """The twelve nearest stores that may have the lead; by code where nobody knows where the customer is."""
    network = ATLAS.network(session)
    room = routing.room_of(session, network, now=now)
    dealers = set(session.scalars(select(Scope.dealer_id).where(Scope.scope_id == lead.scope_id)))
    chosen = list(islice(((km, store) for km, store in _near(network, lead) if _may(store, dealers)), _SHOWN))
    names = _names(session, [store.store_id for _km, store in chosen])
    given = session.execute(select(Assignment.store_id, Assignment.stage).where(Assignment.lead_id == lead.lead_id))
    had = {row.store_id: row.stage for row in given}
    return [
        Candidate(
            store_id=store.store_id,
            name=names[store.store_id][0],
            dealer=names[store.store_id][1],
            km=km,
            left=room.left.get(store.store_id, 0),
            had=had.get(store.store_id),
        )
        for km, store in chosen
    ]


def _near(network: Network, lead: Lead) -> list[tuple[float | None, StoreFacts]]:
    if lead.place:
        return list(islice(network.near(lead.place["lng"], lead.place["lat"]), 400))
    return [(None, store) for store in sorted(network.stores.values(), key=lambda store: store.code)]


def _may(store: StoreFacts, dealers: set[UUID]) -> bool:
    return store.active and store.dealer_id in dealers


def _names(session: Session, store_ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    rows = session.execute(
        select(Store.store_id, Store.name, Dealer.name)
        .join(Dealer, Dealer.dealer_id == Store.dealer_id)
        .where(Store.store_id.in_(store_ids))
    )
    return {store_id: (name, dealer) for store_id, name, dealer in rows}
