"""Where generated demand comes from, as it stands when a trial begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from hq.replay.errors import NoPlaces, NoPopulation
from hq.replay.routed.demand import Asked, Demand
from hq.routing.network import ATLAS
from shared.population.people import people_by_county
from shared.regions.divisions import by_code, nearest_county


def weighed(session: Session, asked: Asked) -> Asked:
    """The same with the counties that demand comes from, where it comes from elsewhere.

    Raises:
        NoPopulation: by population, and headquarters has brought no table along.
        NoPlaces: from where stores stand, and nobody knows where any does.
    """
    if asked.demand is Demand.PEOPLE:
        people = {code: float(many) for code, many in people_by_county(session).items() if by_code(code) and many > 0}
        if not people:
            raise NoPopulation(field="demand")
        return replace(asked, weights=people)
    if asked.demand is Demand.STORES:
        stores = _stores(session)
        if not stores:
            raise NoPlaces(field="demand")
        return replace(asked, weights=stores)
    return asked


def _stores(session: Session) -> Mapping[str, float]:
    network = ATLAS.network(session)
    placed = ((store.lng, store.lat) for store in network.stores.values() if store.active)
    counted = Counter(nearest_county(lng, lat).code for lng, lat in placed if lng is not None and lat is not None)
    return {code: float(many) for code, many in counted.items()}
