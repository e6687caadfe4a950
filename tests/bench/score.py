"""How fast a million people are scored anew, through the drains that do it in life: locks, facts, card, writing, story.

Three runs: everybody's score is another one (the first after the data were made), a fifth changes (one bin of the card
has other points), nobody's does (the night). The bare limit is numpy on columns that are in memory already, and a COPY
of who, points and grade into a table without an index: no facts to read, nothing to compare, no story.
"""

from __future__ import annotations

import copy
import json
import multiprocessing
import os
import resource
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from hq.qualification.rescore import service as rescoring
from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.scoring.many import score_many
from hq.qualification.scoring.scorecard import Scorecard
from hq.rules import service as rules
from shared.db.session import make_engine, now_of, unit_of_work
from shared.identity.actor import system
from shared.platform.embedded.servers import DATABASE
from shared.platform.settings import Settings
from shared.regions.divisions import by_code
from shared.work.drains import find
from shared.work.place import at_work
from shared.work.runs import run as run_drain
from tests.bench.pipeline import World
from tests.servers import migrated_environment, new_folder, new_servers
from wsgi import every

_PEOPLE = 1_000_000
_GPS = 0.2  # of the people send a position of their own, as in the demo's traffic; the others name a county
_ACTOR = system("bench")
_HERE = Path(__file__).parent
_LONGEST_S = 1_800.0


def run(words: Sequence[str]) -> dict[str, Any]:
    """Measure; `--people N`, `--workers N`."""
    for name in ("models", "jobs"):
        list(every(name))
    sizes = {"--people": _PEOPLE, "--workers": 2}
    sizes |= {word: int(words[at + 1]) for at, word in enumerate(words[:-1]) if word in sizes}
    people, workers = sizes["--people"], sizes["--workers"]
    folder = new_folder()
    servers = new_servers(folder, durable=True)
    try:
        settings = Settings.from_env(migrated_environment(servers, folder))
        _fill(World(settings), servers.postgres.url(DATABASE), people)
        first = _Run.of(settings, workers)
        _put(settings, _other_points())
        fifth = _Run.of(settings, workers)
        night = _Run.of(settings, workers)
        numpy_s, copy_s = _bare(settings, people)
    finally:
        servers.valkey.stop(kill=True)
        servers.postgres.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)
    runs = {"all_change": first, "some_change": fifth, "none_changes": night}
    peak = max(each.peak_mb for each in runs.values())
    return {
        "name": "score",
        "figures": {
            "rows_per_s": round(people / first.seconds, 1),
            "peak_mb": round(peak, 1),
            **{f"seconds_{name}": round(each.seconds, 1) for name, each in runs.items()},
            **{f"changed_{name}": each.changed for name, each in runs.items()},
        },
        "limits": {
            "bare_numpy_s": round(numpy_s, 2),
            "bare_copy_s": round(copy_s, 2),
            "bare_rows_per_s": round(people / (numpy_s + copy_s), 1),
        },
        "ratios": {f"to_bare_{name}": round((numpy_s + copy_s) / each.seconds, 4) for name, each in runs.items()},
        "notes": [
            (
                f"{people:,} people, {people * 7 // 10:,} open leads, {people * 6 // 5:,} sign-ups, {workers} workers;"
                " rows_per_s: everybody's score changes; peak_mb: all workers together, at their largest; fsync on"
            ),
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        ],
    }


class _Run:
    """One run over everybody: how long it took, what changed, and how much memory the workers had."""

    def __init__(self, seconds: float, changed: int, peak_mb: float) -> None:
        self.seconds = seconds
        self.changed = changed
        self.peak_mb = peak_mb

    @classmethod
    def of(cls, settings: Settings, workers: int) -> _Run:
        context = multiprocessing.get_context("spawn")
        peaks: Any = context.SimpleQueue()
        ready = context.Barrier(workers + 1)
        processes = [context.Process(target=_work, args=(settings, ready, peaks)) for _ in range(workers)]
        for process in processes:
            process.start()
        ready.wait(_LONGEST_S)
        started = time.perf_counter()
        engine = make_engine(settings.role_urls["hq"], pool_size=1)
        with unit_of_work(engine) as session:
            run_id = rescoring.start(session, cause="activated", actor=_ACTOR, now=now_of(session))
        engine.dispose()
        ready.wait(_LONGEST_S)
        for process in processes:
            process.join(_LONGEST_S)
        seconds = time.perf_counter() - started
        with psycopg.connect(settings.owner_url) as connection:
            query = "SELECT state, changed FROM rescore_runs WHERE run_id = %s"
            state, changed = connection.execute(query, [run_id]).fetchone() or ("gone", 0)
        if state != "done":
            raise RuntimeError(f"the run is {state}")
        return cls(seconds, changed, sum(peaks.get() for _ in processes))


def _work(settings: Settings, ready: Any, peaks: Any) -> None:
    """A worker: it is there when the run begins, and does pages until there are none."""
    for name in ("models", "jobs"):
        list(every(name))
    with at_work(settings.worker()) as place:
        ready.wait(_LONGEST_S)
        ready.wait(_LONGEST_S)
        run_drain(place, find("hq.rescore"))
    peaks.put(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _fill(world: World, url: str, people: int) -> None:
    places = [
        (number, place.code, place.lng, place.lat) for number, place in enumerate(map(by_code, world.counties)) if place
    ]
    given = {"people": people, "places": len(places), "gps": _GPS, "campaign": world.campaign, "text": world.text}
    with psycopg.connect(url, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        connection.execute((_HERE / "full_first.sql").read_text(encoding="utf-8"))
        connection.execute("CREATE TABLE bench_places (i int PRIMARY KEY, code text, lng float8, lat float8)")
        with connection.cursor() as cursor, cursor.copy("COPY bench_places FROM STDIN") as rows:
            for place in places:
                rows.write_row(place)
        found = connection.execute("SELECT scope_id, now() FROM consent_scopes").fetchone() or ()
        given |= dict(zip(("scope", "now"), found, strict=True))
        for statement in (_HERE / "score.sql").read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                connection.execute(statement, given)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE bench_people, bench_plan, bench_places")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _other_points() -> dict[str, Any]:
    """The typed card with other points for a fifth of the people: those who want to buy within three months."""
    card = copy.deepcopy(DEFAULT_CARD)
    card["attributes"][0]["bins"][2]["points"] += 3
    return card


def _put(settings: Settings, card: dict[str, Any]) -> None:
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    with unit_of_work(engine) as session:
        now = now_of(session)
        what: dict[str, Any] = {"kind": "scorecard", "actor": _ACTOR, "now": now}
        version = rules.draft(session, source=1, **what)
        rules.edit(session, version=version, seen=1, body=json.loads(json.dumps(card)), **what)
        rules.activate(session, version=version, seen=2, seen_active=1, note="bench", **what)
    engine.dispose()


def _bare(settings: Settings, people: int) -> tuple[float, float]:
    """Seconds of numpy on ready columns, and of copying the result."""
    chance, card = np.random.default_rng(5), Scorecard.parse(DEFAULT_CARD)
    columns: dict[str, Any] = {fact: chance.uniform(0, 100, people) for fact in card.facts}
    started = time.perf_counter()
    scores = score_many(columns, card, people)
    numpy_s = time.perf_counter() - started
    names, points, grades = range(people), scores.points.tolist(), scores.grade.tolist()
    started = time.perf_counter()
    with psycopg.connect(settings.owner_url) as connection:
        connection.execute("CREATE TABLE bare_scores (n bigint, points integer, grade text)")
        with connection.cursor() as cursor, cursor.copy("COPY bare_scores FROM STDIN") as rows:
            for row in zip(names, points, grades, strict=True):
                rows.write_row(row)
    return numpy_s, time.perf_counter() - started
