"""The drain `hq.prices`: what room is worth now, anew every minute, or more rarely where it takes long."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hq.routing import queries as routing
from hq.routing.network import ATLAS
from hq.routing.prices import queries, service
from hq.routing.prices.models import PriceRun
from shared.dealers.series import NO_SERIES, book
from shared.work.aside import NOTHING, Aside
from shared.work.drains import Batch, drain

EVERY = timedelta(minutes=1)
_PART = 25  # at most one part in so many of the time goes into it


@drain("hq.prices", due=queries.due, key=PriceRun.run_id, since=PriceRun.next_at, batch=1, single_flight=True)
def reckon(session: Session, batch: Batch, now: datetime) -> Aside:
    """Reckon prices for the rest of the Beijing day."""
    # numpy and the solver are loaded where prices are reckoned, not with every web server that lists this work
    from hq.routing.prices.reckoning import reckoned

    started = time.monotonic()
    network = ATLAS.network(session)
    rules, _ = routing.rules_in_force(session)
    room = routing.room_of(session, network, rules, now=now)
    series = book(session) if network.any_series else NO_SERIES
    found = reckoned(queries.lately(session, series, now=now), network, room, rules, now=now)
    seconds = time.monotonic() - started
    service.write(
        session, found, seconds=seconds, next_at=now + max(EVERY, timedelta(seconds=_PART * seconds)), now=now
    )
    return NOTHING
