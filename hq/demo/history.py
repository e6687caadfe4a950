"""Two weeks of the demo brand, lived through at speed: the pipeline's own drains, with the clock of each moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol
from uuid import UUID

import psycopg
from sqlalchemy import Engine, NullPool, create_engine, select
from sqlalchemy.orm import Session

from hq.demo import brand, crowd, workbook
from hq.demo.brand import Made
from hq.demo.busy import newly_offered
from hq.demo.crowd import Arrival
from hq.demo.door import Door
from hq.intake.imports.upload import CHECK
from shared.db.session import make_engine, unit_of_work
from shared.identity.actor import Actor, ActorKind
from shared.identity.models import HqUser
from shared.identity.permissions import Role
from shared.notifications.service import mark_all_read
from shared.platform.clock import beijing_day
from shared.platform.settings import Settings
from shared.work.place import Place, at_work
from shared.work.runs import run_all

SEED = 20261123
# who came to a store is qualified first and then given to it
_DRAINS = (
    "hq.walk_ins",
    "hq.qualify",
    "hq.walk_ins",
    "hq.route",
    "hq.pool",
    "hq.alarms",
    "hq.settle",
    "shared.tell_givings",
)


# Headquarters has read what is older.
_UNREAD = timedelta(hours=12)


class Stores(Protocol):
    """The stores at work, dealer by dealer."""

    def woken(self, moment: datetime) -> set[UUID]:
        """Dealers that have something to do by a moment."""

    def work(self, dealer_id: UUID, moment: datetime) -> None:
        """Let a dealer's stores do what is due by a moment."""


class History:
    """The two weeks before `now`, moment by moment."""

    def __init__(self, settings: Settings, made: Made, *, now: datetime, people: int = crowd.PEOPLE_OF_HISTORY) -> None:
        self._settings, self._made, self._now = settings, made, now
        arrivals = crowd.history(made.seasons, made.sites, people=people, seed=SEED)
        self._arrivals = [arrival for arrival in arrivals if arrival.at < now]
        self._token = sha256(made.token.encode()).digest()

    def live(self, stores: Stores, *, stopping: Callable[[], bool]) -> Iterator[tuple[int, int]]:
        """Live through it; gives (sign-ups so far, sign-ups in all) after each moment. Ends early when told to stop."""
        waiting = list(reversed(self._arrivals))
        with _standing(self._settings) as (door, reader, place):
            workbook.leave(self._settings, self._made.sites)
            run_all(place, CHECK)
            before = self._now - timedelta(days=60)
            for moment in self._moments():
                if stopping():
                    return
                arriving = _until(waiting, moment)
                for campaign in {each.campaign for each in arriving}:
                    door.take([each for each in arriving if each.campaign == campaign], self._token)
                self._pass(place, reader, stores, before, moment)
                if before < self._now - _UNREAD <= moment:
                    _read_notices(reader, moment)
                before = moment
                yield len(self._arrivals) - len(waiting), len(self._arrivals)
        owner = create_engine(self._settings.owner_url, poolclass=NullPool)
        with Session(owner) as session, session.begin():
            brand.close_the_first(session, self._made.seasons)
        workbook.bring(self._settings, self._made.seasons[-1].campaign, self._made.sites)

    def _pass(self, place: Place, reader: Engine, stores: Stores, before: datetime, moment: datetime) -> None:
        """Let everybody do what is due at a moment: first the stores, then headquarters' drains."""
        with unit_of_work(reader) as session:
            dealers = newly_offered(session, since=before) | stores.woken(moment)
        for dealer_id in sorted(dealers):
            stores.work(dealer_id, moment)
        run_all(replace(place, now=moment, _beside=[]), *_DRAINS)

    def _moments(self) -> Iterator[datetime]:
        first = self._made.seasons[0].first
        yield from (moment for moment in crowd.moments(first, beijing_day(self._now)) if moment < self._now)
        yield self._now


def _read_notices(reader: Engine, moment: datetime) -> None:
    """Everybody at headquarters reads what there is."""
    with unit_of_work(reader) as session:
        for user in session.scalars(select(HqUser).where(HqUser.is_demo)):
            actor = Actor(kind=ActorKind.HQ, name=user.name, user_id=user.user_id, role=Role(user.role))
            mark_all_read(session, actor=actor, now=moment)


@contextmanager
def _standing(settings: Settings) -> Iterator[tuple[Door, Engine, Place]]:
    """The door, a reader of headquarters and a place for the drains, for as long as the history takes."""
    public = make_engine(settings.role_urls["public"])
    owner = create_engine(settings.owner_url)
    reader = make_engine(settings.role_urls["hq"], pool_size=1, pooled_by_pgbouncer=False)
    address = public.url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(address, autocommit=True) as connection, at_work(settings.worker()) as place:
            yield Door(connection, owner, settings.public().keys), reader, place
    finally:
        for engine in (public, owner, reader):
            engine.dispose()


def _until(waiting: list[Arrival], moment: datetime) -> Sequence[Arrival]:
    """Take from the end of a list, which holds the earliest, what came before a moment."""
    taken = []
    while waiting and waiting[-1].at <= moment:
        taken.append(waiting.pop())
    return taken
