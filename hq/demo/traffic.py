"""The demo brand going on while somebody watches: people sign up now, and the stores answer within seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.demo import crowd, network
from hq.demo.brand import CAMPAIGN
from hq.demo.busy import newly_offered
from hq.demo.history import SEED, Stores
from shared.db.session import make_engine, now_of, unit_of_work
from shared.dealers.models import Dealer
from shared.platform.settings import Settings
from shared.signups.acceptance import Accepted
from shared.signups.reception import Envelope, Reception

_EVERY_S = 2.0
_LOOK_BACK = timedelta(hours=1)
_FIRST_NUMBER = 5_000  # numbers below are the history's


class Traffic:
    """Sign-ups through the campaign's page and the mini-program's door, at an even pace with some noise."""

    def __init__(self, settings: Settings, *, per_minute: float) -> None:
        self._settings, self._per_minute = settings, per_minute
        self._sites = [site for company in network.companies() for site in company.sites]
        self._rnd = Random()  # noqa: S311 - other people each time
        self._number = _FIRST_NUMBER + self._rnd.randrange(4_000)

    def flow(self, stores: Stores, *, minutes: float | None) -> Iterator[str]:
        """Go on until told to stop; a line for the console about every ten seconds."""
        public = make_engine(self._settings.role_urls["public"], pool_size=1)
        reader = make_engine(self._settings.role_urls["hq"], pool_size=1)
        reception = Reception(public, self._settings.public().keys)
        ends = None if minutes is None else time.monotonic() + minutes * 60
        taken = beats = 0
        try:
            with unit_of_work(reader) as session:
                since, everybody = now_of(session) - _LOOK_BACK, _dealers(session)
            while ends is None or time.monotonic() < ends:
                with unit_of_work(reader) as session:
                    now = now_of(session)
                    dealers = newly_offered(session, since=since) | stores.woken(now)
                taken += self._arrive(reception, now)
                for dealer_id in sorted(dealers if beats else dealers | everybody):
                    stores.work(dealer_id, now)
                since, beats = now - timedelta(seconds=2 * _EVERY_S), beats + 1
                if beats % 5 == 0:
                    yield f"{taken} sign-ups sent; Ctrl-C ends it"
                time.sleep(_EVERY_S)
        finally:
            public.dispose()
            reader.dispose()

    def _arrive(self, reception: Reception, now: datetime) -> int:
        expected = self._per_minute * _EVERY_S / 60
        count = int(expected) + (self._rnd.random() < expected % 1)
        return sum(isinstance(self._one(reception, now), Accepted) for _ in range(count))

    def _one(self, reception: Reception, now: datetime) -> object:
        self._number += 1
        number = _FIRST_NUMBER + self._number % 4_000
        arrival = crowd.one(number, CAMPAIGN, self._sites, now, seed=SEED)
        envelope = Envelope(
            token_hash=None,
            campaign_code=CAMPAIGN,
            key=f"traffic-{number}-{now:%y%m%d%H%M%S}",
            body=str(number).encode(),
            marketing_version=1 if arrival.marketing else None,
            share_version=1 if arrival.share else None,
        )
        return reception.take(arrival.submission, envelope, now=now)


def _dealers(session: Session) -> set[UUID]:
    return set(session.scalars(select(Dealer.dealer_id)))
