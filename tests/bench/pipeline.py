"""How fast sign-ups become offers: `hq.qualify` and `hq.route` on imported sign-ups, fsync on, one worker and two.

The bare drain does the same kind of work in one SQL statement per 500 rows: claim, deduplicate, pick a store, write an
event. What Koi does besides (screening, scoring, consents, sealed cards, reasons) is the difference.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import event

from hq.rules.defaults import defaults
from hq.rules.service import ensure_defaults
from shared.campaigns.models import Campaign, ConsentText
from shared.db.session import make_engine, now_of, unit_of_work
from shared.dealers.hours import ALL_DAY
from shared.dealers.models import Dealer, Store
from shared.platform.ids import new_id
from shared.platform.settings import Settings
from shared.regions.divisions import inside, provinces
from shared.signups.rows import Sealer
from shared.signups.service import insert_many
from shared.signups.submission import ImportedRow, Submission
from shared.work.drains import find
from shared.work.place import at_work
from shared.work.runs import run as run_drain
from tests.servers import migrated_environment, new_folder, new_servers
from wsgi import every

_ROWS = 10_000
_QUICK = 2_000
_CHUNK = 1_000
_WAITING = 500
_STORES = 500
_DRAINS = ("hq.qualify", "hq.route")
_LONGEST_S = 600.0

_BARE_TABLES = """
CREATE TABLE IF NOT EXISTS bare_people (phone_bidx bytea PRIMARY KEY, contact_id uuid NOT NULL);
CREATE TABLE IF NOT EXISTS bare_events (signup_id uuid PRIMARY KEY, contact_id uuid, store_id uuid, at timestamptz);
CREATE TABLE IF NOT EXISTS bare_queue AS SELECT signup_id, phone_bidx, 'received' AS state FROM signups LIMIT 0;
"""
_BARE_FILL = """
TRUNCATE bare_people, bare_events, bare_queue;
INSERT INTO bare_queue SELECT signup_id, phone_bidx, 'received' FROM signups;
CREATE INDEX IF NOT EXISTS ix_bare_queue ON bare_queue (signup_id) WHERE state = 'received';
ANALYZE bare_queue;
"""
_BARE_BATCH = """
WITH batch AS (
    SELECT signup_id, phone_bidx FROM bare_queue WHERE state = 'received' ORDER BY signup_id LIMIT 500
    FOR NO KEY UPDATE SKIP LOCKED
), people AS (
    INSERT INTO bare_people SELECT DISTINCT ON (phone_bidx) phone_bidx, signup_id FROM batch
    WHERE phone_bidx IS NOT NULL ORDER BY phone_bidx
    ON CONFLICT (phone_bidx) DO UPDATE SET contact_id = bare_people.contact_id
    RETURNING phone_bidx, contact_id
), done AS (
    UPDATE bare_queue q SET state = 'decided' FROM batch b WHERE q.signup_id = b.signup_id
)
INSERT INTO bare_events
SELECT b.signup_id, p.contact_id, n.store_id, now()
FROM batch b LEFT JOIN people p USING (phone_bidx) JOIN signups s ON s.signup_id = b.signup_id
LEFT JOIN LATERAL (
    SELECT t.store_id FROM stores t WHERE t.county_code = s.region ->> 'county_code' ORDER BY t.store_id LIMIT 1
) AS n ON true
"""


def run(words: Sequence[str]) -> dict[str, Any]:
    """Measure; `--quick`: fewer rows."""
    for name in ("models", "jobs"):
        list(every(name))
    rows = _QUICK if "--quick" in words else _ROWS
    folder = new_folder()
    servers = new_servers(folder, durable=True)
    try:
        settings = Settings.from_env(migrated_environment(servers, folder))
        world = World(settings)
        world.fill(1_000)
        _work(settings, 0)  # plans, caches and pages are warm
        one = _measured(world, rows, workers=1)
        two = _measured(world, rows, workers=2)
        statements = _statements(world)
        bare = {workers: _bare(settings, world, workers=workers) for workers in (1, 2)}
        share = _share_in_leads(settings)
    finally:
        servers.valkey.stop(kill=True)
        servers.postgres.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "name": "pipeline",
        "figures": {
            "signups_per_s_1": round(one, 1),
            "signups_per_s_2": round(two, 1),
            "statements_per_signup": round(statements, 4),
        },
        "limits": {"bare_drain_per_s_1": round(bare[1], 1), "bare_drain_per_s_2": round(bare[2], 1)},
        "ratios": {"to_bare_drain_1": round(one / bare[1], 3), "to_bare_drain_2": round(two / bare[2], 3)},
        "notes": [
            f"{rows:,} sign-ups, {_STORES} stores, {share:.0%} of all in leads; qualify and route, fsync on",
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        ],
    }


class World:
    """Stores all over China, a campaign, and people of whom a third have signed up before."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.sealer = Sealer(settings.worker().keys)
        self.random = random.Random(20)
        self.counties = [
            county.code for province in provinces() for city in inside(province.code) for county in inside(city.code)
        ]
        self.people: list[tuple[str, str]] = []
        engine = make_engine(settings.owner_url)
        with unit_of_work(engine) as session:
            now = now_of(session)
            ensure_defaults(session, defaults(), now=now)
            self._stores(session, now)
            self.campaign, self.text = self._campaign(session, now)
        engine.dispose()

    def _stores(self, session: Any, now: datetime) -> None:
        from shared.regions.divisions import by_code

        dealer = Dealer(dealer_id=new_id(now), code="D1", name="青骥测试销售", status="active", created_at=now)
        session.add(dealer)
        session.flush()
        for number, code in enumerate(self.random.sample(self.counties, _STORES)):
            seat = by_code(code)
            if seat is None:
                continue
            session.add(
                Store(
                    dealer_id=dealer.dealer_id,
                    store_id=new_id(now),
                    code=f"S{number}",
                    name=f"青骥{seat.name}店",
                    province_code=seat.province_code,
                    city_code=seat.city_code,
                    county_code=code,
                    address="",
                    lng=seat.lng,
                    lat=seat.lat,
                    point_source="county",
                    hours=ALL_DAY.to_json(),
                    daily_capacity=None,
                    status="active",
                    created_at=now,
                    changed_at=now,
                )
            )

    def _campaign(self, session: Any, now: datetime) -> tuple[Any, Any]:
        from shared.campaigns import opening
        from shared.identity.actor import system

        opening.open_with_texts(session, code="BENCH", name="压测", actor=system("bench"), now=now)
        session.flush()
        campaign = session.query(Campaign).one()
        share = session.query(ConsentText).filter_by(kind="share").one()
        return campaign.campaign_id, share.text_id

    def fill(self, rows: int) -> None:
        """That many received sign-ups."""
        engine = make_engine(self.settings.role_urls["worker"])
        for begun in range(0, rows, _CHUNK):
            with unit_of_work(engine) as session:
                now = now_of(session)
                chunk = [self._row(number, now) for number in range(min(_CHUNK, rows - begun))]
                insert_many(session, chunk, import_id=new_id(now), sealer=self.sealer, now=now)
        engine.dispose()
        with psycopg.connect(self.settings.owner_url, autocommit=True) as connection:
            connection.execute("ANALYZE")

    def _row(self, number: int, now: datetime) -> ImportedRow:
        rnd = self.random
        again = self.people and rnd.random() < 0.34
        phone, openid = (
            rnd.choice(self.people) if again else (f"13{rnd.randrange(10**9):09}", f"o{rnd.getrandbits(96)}")
        )
        self.people.append((phone, openid))
        submission = Submission(
            occurred_at=now - timedelta(minutes=rnd.randrange(20_000)),
            touchpoint=rnd.choice(("mini_program", "official_account", "community", "moments")),
            name="陈小明",
            phone=phone,
            phone_verified=rnd.choice(("wechat", "sms", "none")),
            openid=openid,
            device_id=f"{rnd.getrandbits(128):x}",
            ip=f"36.{rnd.randrange(250)}.{rnd.randrange(250)}.{rnd.randrange(250)}",
            user_agent=f"MicroMessenger/8.0.{rnd.randrange(60)}",
            region={"county_code": rnd.choice(self.counties)},
            interest={
                "model": "青骥 Q1",
                "purchase_horizon": rnd.choice(("now", "1m", "3m", "6m", "later", "none")),
                "current_vehicle": rnd.choice(("none", "ebike_other", "car")),
                "budget": rnd.choice(("<2000", "2000-3500", "3500-5000")),
            },
            actions={"draws": rnd.randrange(4), "booked_test_ride": rnd.random() < 0.1, "visited_store": False},
        )
        return ImportedRow(submission=submission, campaign_id=self.campaign, row=number, share_text_id=self.text)


def _measured(world: World, rows: int, *, workers: int) -> float:
    """Sign-ups per second from received to decided and routed."""
    world.fill(rows)
    context = multiprocessing.get_context("fork")
    started = time.perf_counter()
    processes = [context.Process(target=_work, args=(world.settings, number)) for number in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(_LONGEST_S)
    seconds = time.perf_counter() - started
    _nothing_left(world.settings)
    return rows / seconds


def _work(settings: Settings, number: int) -> None:
    """A worker: both drains until nothing is due; with two, the second begins with qualify too."""
    with at_work(settings.worker()) as place:
        while sum(run_drain(place, find(name)).rows for name in _DRAINS):
            continue


def _nothing_left(settings: Settings) -> None:
    with psycopg.connect(settings.owner_url) as connection:
        query = "SELECT count(*) FROM signups WHERE state = 'received' OR aside_at IS NOT NULL"
        left = connection.execute(query).fetchone()
    if left != (0,):
        raise RuntimeError(f"{left} sign-ups were not decided")


def _statements(world: World) -> float:
    """Statements of both drains per sign-up with 500 waiting: breadcrumbs, rules and the last look included."""
    world.fill(_WAITING)
    sent = 0
    with at_work(world.settings.worker()) as place:

        def count(*_call: object) -> None:
            nonlocal sent
            sent += 1

        event.listen(place.engine, "before_cursor_execute", count)
        for name in _DRAINS:
            run_drain(place, find(name))
    return sent / _WAITING


def _bare(settings: Settings, world: World, *, workers: int) -> float:
    """Rows per second of the bare drain over everything there is."""
    with psycopg.connect(settings.owner_url, autocommit=True) as connection:
        connection.execute(_BARE_TABLES)
        connection.execute(_BARE_FILL)
        rows = connection.execute("SELECT count(*) FROM bare_queue").fetchone()
    context = multiprocessing.get_context("fork")
    started = time.perf_counter()
    processes = [context.Process(target=_bare_work, args=(settings.owner_url,)) for _ in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(_LONGEST_S)
    return (rows[0] if rows else 0) / (time.perf_counter() - started)


def _bare_work(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            try:
                if connection.execute(_BARE_BATCH).rowcount == 0:
                    return
            except psycopg.errors.DeadlockDetected:
                continue


def _share_in_leads(settings: Settings) -> float:
    with psycopg.connect(settings.owner_url) as connection:
        row = connection.execute("SELECT avg((outcome = 'in_lead')::int)::float FROM signups").fetchone()
    found: Mapping[int, Any] = dict(enumerate(row or (0.0,)))
    return float(found[0] or 0.0)
