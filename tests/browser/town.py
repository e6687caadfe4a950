"""The demo brand, small, served by this process: every kind of page has something true to show."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import text
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server

import wsgi
from dealer.app import create_dealer_app
from dealer.demo.shop import Shops
from hq.app import create_hq_app
from hq.demo import brand
from hq.demo.history import History
from hq.intake.public.app import create_public_app
from hq.routing import many
from hq.routing.pool import by_hand
from hq.rules.defaults import defaults
from hq.rules.service import ensure_defaults
from shared.db.session import make_engine, now_of, unit_of_work
from shared.identity.actor import system
from shared.platform.settings import Settings
from shared.work.drains import all_drains
from shared.work.place import at_work
from shared.work.runs import run_all
from tests.browser.visitors import Visitors, invite

_DAYS, _PEOPLE = 2, 24
_NEAR = text(
    """
    SELECT l.lead_id FROM leads l, stores s
    WHERE s.code = :store AND l.closed_at IS NULL AND l.place ? 'lng'
    ORDER BY abs((l.place ->> 'lat')::float8 - s.lat) + abs((l.place ->> 'lng')::float8 - s.lng), l.lead_id LIMIT 2
    """
)


@dataclass(frozen=True, slots=True)
class Town:
    """Where it is, its faces, and two people who may look at everything."""

    base: str
    apps: Mapping[str, Flask]
    visitors: Visitors
    settings: Settings

    def work(self) -> None:
        """What workers would do now."""
        with at_work(self.settings.worker()) as place:
            run_all(place, *(each.name for each in all_drains()))


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Koi writes its own log."""


@contextmanager
def lived_in(settings: Settings) -> Iterator[Town]:
    """Let the brand live for two days, then open it."""
    live(settings)
    apps = {
        "hq": create_hq_app(settings.hq()),
        "dealer": create_dealer_app(settings.dealer()),
        "public": create_public_app(settings.public()),
    }
    whole = DispatcherMiddleware(apps["public"], {"/hq": apps["hq"], "/dealer": apps["dealer"]})
    server = make_server("127.0.0.1", 0, whole, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        visitors = invite(settings)
        _fill_the_pool(settings, visitors)
        yield Town(f"http://127.0.0.1:{server.server_port}", apps, visitors, settings)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        for app in apps.values():
            app.extensions["koi_engine"].dispose()


def _fill_the_pool(settings: Settings, visitors: Visitors) -> None:
    """Headquarters puts a few leads near the visitors' store into the open pool."""
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    with unit_of_work(engine) as session:
        now = now_of(session)
        near = list(session.scalars(_NEAR, {"store": visitors.store_code}))
        many.recall(session, near, reason="mistake", actor=system("town"), now=now)
        by_hand.put(session, near, actor=system("town"), now=now)
    engine.dispose()


def live(settings: Settings) -> None:
    """Two days of the brand, through the real pipeline."""
    wsgi._know_all_work()
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    with unit_of_work(engine) as session:
        now = now_of(session)
        ensure_defaults(session, defaults(), now=now)
        made = brand.make(session, settings, now=now, days=_DAYS)
    engine.dispose()
    with Shops(settings) as shops:
        list(History(settings, made, now=now, people=_PEOPLE).live(shops, stopping=lambda: False))
