"""The live draw: the minute in which a presenter says "now", through the API to the offers, with everything running.

The events are those of `make_signups.py --live-draw` (kept beside the checkout, never shipped): 40 % of all sign-ups of
two weeks within 60 s, front-loaded, with repeats and reused keys. Each is sent when it was due, and again until it is
answered, to what `./koi run` starts: the web's processes, two workers, the ticker, PostgreSQL with fsync, Valkey. The
times of decisions and offers are those of their commits, not of their rows. The sender runs on the same cores.

The limit is the bare route of `intake`, which stores the same requests as they are and decides nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

from hq.intake.imports.command_line import import_file
from hq.qualification.books import balance
from shared.campaigns import opening
from shared.db.session import make_engine, now_of, unit_of_work
from shared.dealers.hours import ALL_DAY
from shared.identity.actor import system
from shared.platform.embedded.servers import Servers, under
from shared.platform.settings import CHECKOUT, Settings
from shared.signups import clients
from tests.bench import bare_route
from tests.bench.intake import free_port, served, until_answers
from tests.servers import SECRET_TEXT, migrated_environment, new_folder, programs
from wsgi import every

_MAKER = CHECKOUT.parent / "shared" / "data" / "signups" / "make_signups.py"
_PEOPLE, _QUICK_PEOPLE = 59_000, 6_000
_DAY, _CODE = "2025-10-20", "LIVE2025"  # the middle of the two weeks
_MINUTE = (f"{_DAY}T20:00:00+08:00", f"{_DAY}T20:01:00+08:00")
_HOUR_BEFORE = (f"{_DAY}T00:00:00+08:00", _MINUTE[0])  # what makes everything warm
_CONNECTIONS = 64
_ROOM = 1_000  # leads a day and store: none has to wait for room
_AHEAD_S, _LONGEST_S, _LOOK_S = 8.0, 180.0, 1.0
_BOUND_S = 30.0
# A lead stands somewhere once its story says so. Told by commits: a row's own time is that of its batch's beginning.
_DELAYS = """
WITH told AS (
    SELECT lead_id, min(pg_xact_commit_timestamp(xmin)) AS at FROM lead_events
    WHERE kind NOT IN ('opened', 'strengthened') GROUP BY lead_id
),
each AS (
    SELECT s.outcome, s.accepted_at, pg_xact_commit_timestamp(d.xmin) AS decided_at, d.lead_id, t.at AS told_at
    FROM signups s JOIN campaigns c USING (campaign_id)
    LEFT JOIN signup_decisions d ON d.signup_id = s.signup_id AND d.run = 1 LEFT JOIN told t ON t.lead_id = d.lead_id
    WHERE c.code = %s AND s.accepted_at >= %s
)
SELECT count(*), count(*) FILTER (WHERE decided_at IS NULL OR (lead_id IS NOT NULL AND told_at IS NULL)),
    count(lead_id), extract(epoch FROM max(greatest(decided_at, told_at)) - %s),
    percentile_cont(ARRAY[.5, .99, 1]) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - accepted_at)),
    percentile_cont(ARRAY[.5, .99, 1]) WITHIN GROUP (
        ORDER BY extract(epoch FROM greatest(decided_at, told_at) - accepted_at)) FILTER (WHERE lead_id IS NOT NULL)
FROM each
"""
_LEFT = """
SELECT (SELECT count(*) FROM signups WHERE state = 'received')
    + (SELECT count(*) FROM leads WHERE state = 'waiting' AND due_at <= now())
"""
_STANDS = """
SELECT state, coalesce(state_reason ->> 'code', ''), count(*) FROM leads GROUP BY 1, 2 ORDER BY 3 DESC
"""


def run(words: Sequence[str]) -> dict[str, Any]:
    """Measure; `--quick`: a tenth of the people. Without the generator there is nothing to measure."""
    if not _MAKER.exists():
        note = f"SKIPPED: {_MAKER} is not there"
        return {"name": "live", "figures": {}, "limits": {}, "ratios": {}, "notes": [note]}
    list(every("models"))
    folder = new_folder()
    people = _QUICK_PEOPLE if "--quick" in words else _PEOPLE
    # Commits carry their time.
    servers = under(folder, programs=programs(), settings={"track_commit_timestamp": "on"}, secret=SECRET_TEXT)
    try:
        environment = _environment(servers, folder)
        _make(folder / "data", people)
        with _running(environment) as port, _Looker(environment) as looker:
            figures = _measured(environment, folder, port)
        bare = _bare(environment, folder)
    finally:
        servers.valkey.stop(kill=True)
        servers.postgres.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)
    return _result(figures, looker, bare)


def _result(found: Mapping[str, Any], looker: _Looker, bare: Mapping[str, Any]) -> dict[str, Any]:
    sent, bare_rate = found["sent"], bare["posted"] / bare["seconds"]
    refused = {name: count for name, count in sent["statuses"].items() if not name.startswith("202")}
    wrong = found["stored"] != sent["acknowledged"] or found["left"] or any(looker.differences)
    if wrong or sent["acknowledged"] != sent["keys"]:
        raise RuntimeError(f"{sent}, {found}, differences {set(looker.differences)}")
    return {
        "name": "live",
        "figures": {
            "posted": sent["posted"],
            "acknowledged": sent["acknowledged"],
            "replayed": sent["statuses"].get("202 replayed", 0),
            "retried": sent["retried"],
            **{f"refused_{name.replace(' ', '_')}": count for name, count in refused.items()},
            "sent_s": sent["seconds"],
            "acknowledged_p50_ms": sent["p50_ms"],
            "acknowledged_p99_ms": sent["p99_ms"],
            **{f"to_decision_{name}_s": value for name, value in found["decided"].items()},
            "qualified": found["qualified"],
            **{f"to_offer_or_reason_{name}_s": value for name, value in found["told"].items()},
            "all_done_s": found["seconds"],
            "reconcile_difference": max(map(abs, looker.differences)),
            "memory_mb": round(looker.memory_mb),
        },
        "limits": {"bare_route_per_s": round(bare_rate, 1), "bare_route_p99_ms": bare["p99_ms"]},
        "ratios": {"to_bare_route": round(sent["posted"] / found["seconds"] / bare_rate, 3)},
        "notes": [
            f"bound: {_BOUND_S:.0f} s from acceptance to an offer or a reason",
            f"{_CONNECTIONS} connections, answers timed from when they were due, {len(looker.differences)} looks",
            "the bare route takes them as fast as it can; Koi gets them within their minute",
            "leads: " + ", ".join(f"{count} {state} {code}".rstrip() for state, code, count in found["stands"]),
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, fsync on, the sender on the same cores",
        ],
    }


def _environment(servers: Servers, folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KOI_")}
    more = {"KOI_SMS_URL": "log", "KOI_MAIL_URL": "log", "KOI_PORT": str(free_port())}
    return {**kept, **migrated_environment(servers, folder), **more}


def _make(folder: Path, people: int) -> None:
    words = [sys.executable, str(_MAKER), "--people", str(people), "--seed", "1", "--live-draw", "--out", str(folder)]
    subprocess.run(words, check=True, stdout=sys.stderr)


@contextlib.contextmanager
def _running(environment: Mapping[str, str]) -> Iterator[int]:
    """`./koi run` on these servers."""
    port = int(environment["KOI_PORT"])
    words = [sys.executable, "wsgi.py", "run", "--no-demo"]
    process = subprocess.Popen(words, cwd=CHECKOUT, env=dict(environment), stdout=sys.stderr)
    try:
        until_answers(f"http://127.0.0.1:{port}/healthz", process)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _measured(environment: Mapping[str, str], folder: Path, port: int) -> dict[str, Any]:
    settings = Settings.from_env(environment)
    token = _network_and_campaigns(settings, folder / "data")
    order = {
        "host": "127.0.0.1",
        "port": port,
        "token": token,
        "file": str(folder / "data" / "signups.jsonl"),
        "connections": _CONNECTIONS,
        "path": "/api/v1/campaigns/{campaign}/signups",
    }
    with psycopg.connect(settings.owner_url, autocommit=True) as connection:
        _until_done(connection)
        _send({**order, "first": _HOUR_BEFORE[0], "last": _HOUR_BEFORE[1], "paced": False, "begin_at": time.time()})
        _until_done(connection)
        connection.execute("ANALYZE")
        begin = time.time() + _AHEAD_S
        sent = _send({**order, "first": _MINUTE[0], "last": _MINUTE[1], "paced": True, "begin_at": begin})
        _until_done(connection)
        moment = connection.execute("SELECT to_timestamp(%s)", (begin,)).fetchone()
        row = connection.execute(_DELAYS, (_CODE, moment[0], moment[0])).fetchone() if moment else None
        stands = connection.execute(_STANDS).fetchall()
    if row is None or row[4] is None or row[5] is None:
        raise RuntimeError("nothing was accepted")
    names = ("p50", "p99", "max")
    return {
        "sent": sent,
        "stored": row[0],
        "left": row[1],
        "qualified": row[2],
        "seconds": round(float(row[3]), 1),
        "decided": {name: round(float(value), 2) for name, value in zip(names, row[4], strict=True)},
        "told": {name: round(float(value), 2) for name, value in zip(names, row[5], strict=True)},
        "stands": stands,
    }


def _network_and_campaigns(settings: Settings, data: Path) -> str:
    """The folder's stores, with room and always open, by night as by day; its campaigns; a token."""
    list(every("jobs"))
    import_file(
        settings, kind="stores", path=data / "stores.xlsx", campaign=None, again=False, progress=lambda _facts: None
    )
    with psycopg.connect(settings.owner_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE stores SET daily_capacity = %s, hours = %s::jsonb, changed_at = now()",
            (_ROOM, json.dumps(ALL_DAY.to_json())),
        )
    codes = {json.loads(line)["campaign_code"] for line in (data / "signups.jsonl").open(encoding="utf-8")}
    token, actor = clients.new_token(), system("bench")
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    with unit_of_work(engine) as session:
        now = now_of(session)
        for code in sorted(codes):
            opening.open_with_texts(session, code=code, name=code, actor=actor, now=now)
        clients.add(session, name="bench", token=token, actor=actor, now=now)
    engine.dispose()
    return token


def _send(order: Mapping[str, Any]) -> dict[str, Any]:
    words = [sys.executable, "-m", "tests.bench.sender"]
    done = subprocess.run(words, input=json.dumps(order), stdout=subprocess.PIPE, text=True, cwd=CHECKOUT, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _until_done(connection: psycopg.Connection[Any]) -> None:
    """Wait until no sign-up and no lead is due."""
    deadline = time.monotonic() + _LONGEST_S
    while connection.execute(_LEFT).fetchone() != (0,):
        if time.monotonic() > deadline:
            raise RuntimeError(f"sign-ups or leads are still due after {_LONGEST_S:.0f} s")
        time.sleep(0.5)


def _bare(environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """The same requests through the bare route."""
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(bare_route.TABLE)
    known = {**environment, "KOI_BENCH_DATABASE": environment["DATABASE_URL"]}
    with served(known, ["tests.bench.bare_route:make_app()"], "/") as port:
        order = {"host": "127.0.0.1", "port": port, "token": "-", "path": "/bare", "connections": _CONNECTIONS}
        minute = {"first": _MINUTE[0], "last": _MINUTE[1], "paced": False, "begin_at": time.time()}
        return _send({**order, **minute, "file": str(folder / "data" / "signups.jsonl")})


class _Looker:
    """What `./koi reconcile` says and how much memory all processes use, once a second."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.differences: list[int] = []
        self.memory_mb = 0.0
        self._url, self._over = Settings.from_env(environment).role_urls["hq"], threading.Event()
        self._thread = threading.Thread(target=self._look, name="looker")

    def __enter__(self) -> _Looker:
        self._thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        engine = make_engine(self._url, pool_size=1)
        while not self._over.wait(_LOOK_S):
            with unit_of_work(engine) as session:
                self.differences.append(balance(session).difference)
            self.memory_mb = max(self.memory_mb, _memory_mb())
        engine.dispose()


def _memory_mb() -> float:
    """Of all processes that came from this one, except the sender's: what is shared is counted once (PSS)."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    mine, found = {os.getpid()}, -1
    while found != len(mine):
        found = len(mine)
        mine |= {pid for pid, parent in parents.items() if parent in mine}
    total = 0
    for pid in mine - {os.getpid()}:
        with contextlib.suppress(OSError):
            if b"tests.bench.sender" not in (Path("/proc") / str(pid) / "cmdline").read_bytes():
                text = (Path("/proc") / str(pid) / "smaps_rollup").read_text()
                total += int(text.partition("\nPss:")[2].split()[0])
    return total / 1024
