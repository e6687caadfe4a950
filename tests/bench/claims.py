"""How many claims a second: 32 clients over two processes, each claim a transaction of the service as a store's role.

Every client claims offers of many stores, one after the other. The bare limit are the statements that a claim of the
service sends, noted from one and sent again for other offers by psycopg alone, as the same role under the same row
policies: no session, no objects, no checks. The rounds take turns, and the one with the median rate is told.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from shared.platform.clock import beijing_day
from shared.platform.embedded.servers import DATABASE
from shared.platform.ids import new_id
from shared.platform.settings import CHECKOUT, Settings
from tests.bench.claimers import PROCESSES, THREADS
from tests.factories import network
from tests.servers import migrated_environment, new_folder, new_servers
from wsgi import every

_STORES = 500
_CLAIMS = 4_000
_ROUNDS = 3
_OFFERS = """
INSERT INTO assignments (dealer_id, assignment_id, store_id, lead_id, contact_id, scope_id, stage, grade, offer, hop,
                         offered_at, deadline_at, moved_at, settled_at, end_reason)
SELECT t.dealer_id, t.assignment_id, t.store_id, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'offered',
       'A', '{"phone": "138****0000", "name": "陈**", "district": "西湖区", "km": 2.3, "stores": 1}', 1,
       now(), now() + interval '1 day', now(), now(), '{}'
FROM unnest(%(dealers)s::uuid[], %(stores)s::uuid[], %(keys)s::uuid[]) AS t (dealer_id, store_id, assignment_id)
"""


def run(words: Sequence[str]) -> dict[str, Any]:
    """Measure the bare statements and the service in turns. `--quick`: one round; `--claims N` in each."""
    list(every("models"))
    claims = int(words[words.index("--claims") + 1]) if "--claims" in words else _CLAIMS
    rounds = 1 if "--quick" in words else _ROUNDS
    folder = new_folder()
    servers = new_servers(folder, durable=True)
    try:
        settings = Settings.from_env(migrated_environment(servers, folder))
        town = _Town(servers.postgres.url(DATABASE), settings.role_urls["dealer"])
        measured: dict[str, list[dict[str, Any]]] = {"bare": [], "service": []}
        for _number in range(rounds):
            for how, found in measured.items():
                found.append(town.measure(how, claims))
        town.check(claims * 2 * rounds)
    finally:
        servers.valkey.stop(kill=True)
        servers.postgres.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)
    return _result(_median(measured["service"]), _median(measured["bare"]), rounds)


def _result(ours: Mapping[str, Any], bare: Mapping[str, Any], rounds: int) -> dict[str, Any]:
    names = ("claims_per_s", "p50_ms", "p99_ms")
    return {
        "name": "claims",
        "figures": {**{name: ours[name] for name in names}, "statements": ours["statements"]},
        "limits": {f"bare_{name}": bare[name] for name in names},
        "ratios": {"to_bare": round(ours["claims_per_s"] / bare["claims_per_s"], 3)},
        "notes": [
            f"{PROCESSES * THREADS} clients in {PROCESSES} processes, {_STORES} stores, fsync on, rounds: {rounds}",
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        ],
    }


def _median(rounds: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return sorted(rounds, key=lambda each: float(each["claims_per_s"]))[len(rounds) // 2]


class _Town:
    """Stores with open days, and who measures claims of fresh offers to them."""

    def __init__(self, url: str, role_url: str) -> None:
        self._url, self._role_url, now = url, role_url, datetime.now(UTC)
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
        with Session(engine) as session:
            made = [network.store(session, cap=1_000_000, weekly_capacity=1_000_000) for _number in range(_STORES)]
            for store in made:
                network.open_day(session, store, day=beijing_day(now))
            self._stores: list[tuple[UUID, UUID]] = [(store.dealer_id, store.store_id) for store in made]
            session.commit()
        engine.dispose()

    def measure(self, how: str, claims: int) -> dict[str, Any]:
        """Offer so many leads, and have them claimed. `how`: service or bare."""
        offers = self._offer(claims + PROCESSES)  # each process claims one before the clock starts
        order = {"url": self._role_url, "how": how}
        words = [sys.executable, "-m", "tests.bench.claimers"]
        clients = [
            subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT)
            for _number in range(PROCESSES)
        ]
        for number, client in enumerate(clients):
            assert client.stdin is not None
            client.stdin.write(json.dumps({**order, "offers": offers[number::PROCESSES]}) + "\n")
            client.stdin.flush()
        for client in clients:
            assert client.stdout is not None
            client.stdout.readline()  # it is ready
        for client in clients:
            assert client.stdin is not None
            client.stdin.write("go\n")
            client.stdin.flush()
        told = [json.loads(client.communicate()[0]) for client in clients]
        return _together(told)

    def check(self, claims: int) -> None:
        """Whether every claim counts: one hold and one entry of the ledger each, and the days agree."""
        with psycopg.connect(self._url) as connection:
            found = connection.execute(
                "SELECT (SELECT count(*) FROM holds), (SELECT sum(delta) FROM quota_ledger),"
                " (SELECT sum(taken) FROM store_days), (SELECT sum(taken) FROM store_weeks)"
            ).fetchone()
        if found is None or len(set(found)) != 1 or found[0] < claims:
            raise RuntimeError(f"holds, ledger, days and weeks do not agree: {found}, {claims} claimed")

    def _offer(self, count: int) -> list[list[str]]:
        now = datetime.now(UTC)
        places = [self._stores[number % _STORES] for number in range(count)]
        keys = [new_id(now) for _number in range(count)]
        dealers, stores = zip(*places, strict=True)
        with psycopg.connect(self._url) as connection:
            connection.execute("SET session_replication_role = replica")  # offers without their people
            connection.execute(_OFFERS, {"dealers": list(dealers), "stores": list(stores), "keys": keys})
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE assignments")
            connection.execute("CHECKPOINT")
            leads = dict(connection.execute("SELECT assignment_id, lead_id FROM assignments").fetchall())
        return [[*map(str, place), str(key), str(leads[key])] for place, key in zip(places, keys, strict=True)]


def _together(told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    times = sorted(each for one in told for each in one["times"])
    seconds = max(one["ended"] for one in told) - min(one["began"] for one in told)
    return {
        "claims_per_s": round(len(times) / seconds, 1),
        "p50_ms": round(times[len(times) // 2] * 1000, 1),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1),
        "statements": told[0]["statements"],
    }
