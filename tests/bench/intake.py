"""What the sign-up API takes: 64 keep-alive connections, everything on, through gunicorn as `./koi run` sets it up.

Everything on: token, campaign and consent versions, strict validation, idempotency key and body HMAC, blind indexes,
AES-GCM, three rows, log line, metrics, doorbell; PostgreSQL with fsync. The load generator runs on the same cores.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

from shared.campaigns import opening
from shared.db.session import make_engine, now_of, unit_of_work
from shared.dealers.models import Dealer
from shared.identity.actor import system
from shared.platform.ids import new_id
from shared.platform.settings import CHECKOUT, Settings
from shared.signups import clients
from tests.bench import bare_route
from tests.servers import migrated_environment, new_folder, new_servers

_CONNECTIONS = 64
_ROUNDS = 3
_REQUESTS = 9_000
_WARM_UP = 1_000
_STARTS_S = 30.0
_CODE = "BENCH"
_BODY = {
    "touchpoint": "mini_program",
    "phone_verified": "wechat",
    "name": "杜佳林",
    "interest": {"model": "青骥 Q1", "purchase_horizon": "1m", "current_vehicle": "none", "budget": "3500-5000"},
    "actions": {"draws": 2, "booked_test_ride": False, "visited_store": False},
    "region": {"province": "山西省", "city": "太原市", "county": "小店区"},
    "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/537.36 Mobile "
    "MicroMessenger/8.0.52 MiniProgramEnv",
    "occurred_at": "2026-11-10T00:00:06.973+08:00",
    "consents": {
        "marketing": True,
        "marketing_version": 1,
        "share_with_dealer": True,
        "share_with_dealer_version": 1,
    },
}


def run(words: Sequence[str]) -> dict[str, Any]:
    """Measure the bare route and ours in turns, and give the rounds with the median rate. `--quick`: one round."""
    rounds = 1 if "--quick" in words else _ROUNDS
    folder = new_folder()
    servers = new_servers(folder, durable=True)
    try:
        environment = migrated_environment(servers, folder)
        token = _campaign(Settings.from_env(environment))
        with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(bare_route.TABLE)
        ours, bare = [], []
        for _number in range(rounds):
            bare.append(_bare(environment))
            ours.append(_ours(environment, token))
        stored = _stored(environment)
    finally:
        servers.valkey.stop(kill=True)
        servers.postgres.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)
    return _result(_median(ours), _median(bare), stored, rounds)


def _result(ours: Mapping[str, Any], bare: Mapping[str, Any], stored: int, rounds: int) -> dict[str, Any]:
    sent = rounds * _REQUESTS
    if ours["statuses"] != {"202": _REQUESTS} or stored != sent:
        raise RuntimeError(f"{ours['statuses']} answered, {stored} of {sent} stored")
    return {
        "name": "intake",
        "figures": {name: ours[name] for name in ("requests_per_s", "p50_ms", "p99_ms")},
        "limits": {f"bare_route_{name}": bare[name] for name in ("requests_per_s", "p50_ms", "p99_ms")},
        "ratios": {"to_bare_route": round(ours["requests_per_s"] / bare["requests_per_s"], 3)},
        "notes": [
            f"{_CONNECTIONS} connections, {os.cpu_count()} cores, fsync on, the load generator on the same cores"
        ],
    }


def _median(rounds: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return sorted(rounds, key=lambda each: float(each["requests_per_s"]))[len(rounds) // 2]


def _campaign(settings: Settings) -> str:
    """A campaign with a dealer, and a token for it."""
    token = clients.new_token()
    engine = make_engine(settings.role_urls["hq"])
    with unit_of_work(engine) as session:
        now, actor = now_of(session), system("bench")
        session.add(Dealer(dealer_id=new_id(now), code="D1", name="青骥测试销售", status="active", created_at=now))
        session.flush()
        opening.open_with_texts(session, code=_CODE, name="压测", actor=actor, now=now)
        clients.add(session, name="bench", token=token, actor=actor, now=now)
    engine.dispose()
    return token


def _stored(environment: Mapping[str, str]) -> int:
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        query = "SELECT count(*) FROM receipts JOIN signups USING (signup_id) JOIN signup_payloads USING (signup_id)"
        found = connection.execute(query).fetchone()
    return int(found[0]) if found else 0


def _ours(environment: Mapping[str, str], token: str) -> dict[str, Any]:
    with served(environment, [], "/healthz") as port:
        return _load({"port": port, "path": f"/api/v1/campaigns/{_CODE}/signups", "token": token})


def _bare(environment: Mapping[str, str]) -> dict[str, Any]:
    known = {**environment, "KOI_BENCH_DATABASE": environment["DATABASE_URL"]}
    with served(known, ["tests.bench.bare_route:make_app()"], "/") as port:
        return _load({"port": port, "path": "/bare", "token": "-"})


def _load(order: Mapping[str, Any]) -> dict[str, Any]:
    told = {
        "host": "127.0.0.1",
        "connections": _CONNECTIONS,
        "requests": _REQUESTS,
        "warm_up": _WARM_UP,
        "body": _BODY,
        **order,
    }
    words = [sys.executable, "-m", "tests.bench.load"]
    done = subprocess.run(words, input=json.dumps(told), capture_output=True, text=True, cwd=CHECKOUT, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


@contextlib.contextmanager
def served(environment: Mapping[str, str], application: Sequence[str], page: str) -> Iterator[int]:
    """gunicorn with the settings of `./koi run` on a free port."""
    port = free_port()
    log = Path(environment["KOI_VAR"]) / "bench-web.log"
    words = [sys.executable, "-m", "gunicorn", "--config", "python:shared.platform.gunicorn_settings", *application]
    env = {**os.environ, **environment, "KOI_PORT": str(port)}
    with log.open("ab") as output:
        process = subprocess.Popen(words, cwd=CHECKOUT, env=env, stdout=output, stderr=output)
    try:
        until_answers(f"http://127.0.0.1:{port}{page}", process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def until_answers(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers, with whatever."""
    deadline = time.monotonic() + _STARTS_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except urllib.error.HTTPError:
            return  # it answers, if only to say that there is no such page
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the web server did not come up")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
