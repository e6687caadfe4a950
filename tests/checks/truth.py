"""`./koi check truth DIR`: a folder of `make_signups.py` through Koi, three times, compared with its truth.

Its stores, then the workbook, the GB18030 list and the event stream (with its retries and reused keys, through the
web server), each into a database of its own; the pipeline runs to its end each time.
"""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hq.intake.api.posting import Poster
from hq.intake.imports.command_line import import_file
from hq.rules.defaults import defaults
from hq.rules.service import ensure_defaults
from shared.campaigns import opening
from shared.db.session import make_engine, now_of, unit_of_work
from shared.identity.actor import system
from shared.platform.settings import Settings
from shared.signups import clients
from shared.work.drains import find
from shared.work.place import at_work
from shared.work.runs import run as run_drain
from tests.bench.intake import served
from tests.checks import compare
from tests.servers import Host, worker_settings
from wsgi import every

WAYS = ("xlsx", "csv", "jsonl")
_FILES = {"xlsx": "报名导出.xlsx", "csv": "报名导出.csv", "jsonl": "signups.jsonl"}
_STORES = {"xlsx": "stores.xlsx", "csv": "stores.csv", "jsonl": "stores.xlsx"}
_DRAINS = ("hq.days", "hq.qualify", "hq.route", "hq.alarms", "hq.settle")
_CLI = system("check")


@dataclass(frozen=True, slots=True)
class Truth:
    """What the folder says: a row per sign-up, the events by line, and facts about the whole."""

    folder: Path
    rows: list[dict[str, str]]
    events: list[dict[str, Any]]
    facts: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> Truth:
        with (folder / "truth.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        lines = (folder / "signups.jsonl").read_text(encoding="utf-8").splitlines()
        facts = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        return cls(folder, rows, [json.loads(line) for line in lines], facts)

    def campaigns(self) -> dict[str, str]:
        """Code and name of every campaign: the events know the codes, the lists the names."""
        named = {}
        text = (self.folder / _FILES["csv"]).read_bytes().decode("gb18030", "replace")
        records = list(csv.reader(text.splitlines()[1:]))
        number, name = records[0].index("报名编号"), records[0].index("活动")
        by_row = {record[number]: record[name] for record in records[1:] if len(record) > name}
        for row in self.rows:
            code = self.events[int(row["jsonl_line"]) - 1]["campaign_code"]
            if code not in named and by_row.get(row["row_id"]):
                named[code] = by_row[row["row_id"]]
        return named


def run(folder: Path, words: list[str]) -> dict[str, Any]:
    """Run the ways in `words` (all by default) and compare."""
    for name in ("models", "jobs"):
        list(every(name))
    truth = Truth.read(folder)
    host = Host()
    try:
        ways = {way: _way(way, truth, worker_settings(host.shared(), way)[0]) for way in words or WAYS}
    finally:
        host.close()
    return {"name": "truth", "folder": str(folder), "ways": ways, "ok": all(each["ok"] for each in ways.values())}


def _way(way: str, truth: Truth, settings: Settings) -> dict[str, Any]:
    started = time.monotonic()
    _defaults(settings)
    stores = import_file(
        settings, kind="stores", path=truth.folder / _STORES[way], campaign=None, again=False, progress=_silent
    )
    token = _open(settings, truth.campaigns())
    if way == "jsonl":
        taken_in = _post(settings, truth, token)
    else:
        facts = import_file(
            settings, kind="signups", path=truth.folder / _FILES[way], campaign=None, again=False, progress=_silent
        )
        taken_in = {"rows": facts.rows, "accepted": facts.accepted, "rejected": facts.rejected}
    intake_s = time.monotonic() - started
    drained = _drain(settings)
    account = {"stores": stores.accepted, **taken_in, **compare.account(way, truth.rows, truth.facts, settings)}
    seconds = {"intake_s": round(intake_s, 1), "pipeline_s": round(time.monotonic() - started - intake_s, 1)}
    return {"ok": not account["wrong"], **account, "drained": drained, **seconds}


def _defaults(settings: Settings) -> None:
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    with unit_of_work(engine) as session:
        ensure_defaults(session, defaults(), now=now_of(session))
    engine.dispose()


def _open(settings: Settings, campaigns: Mapping[str, str]) -> str:
    token = clients.new_token()
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    with unit_of_work(engine) as session:
        now = now_of(session)
        for code, name in sorted(campaigns.items()):
            opening.open_with_texts(session, code=code, name=name, actor=_CLI, now=now)
        clients.add(session, name="check", token=token, actor=_CLI, now=now)
    engine.dispose()
    return token


def _post(settings: Settings, truth: Truth, token: str) -> dict[str, Any]:
    environment = {
        "DATABASE_URL": settings.owner_url,
        "REDIS_URL": settings.redis_url,
        "KOI_SECRET_KEY": settings.secret_text,
        "KOI_VAR": str(settings.var),
        "KOI_BASE_URL": "http://localhost",
    }
    with (
        served(environment, [], "/healthz") as port,
        (truth.folder / _FILES["jsonl"]).open("rb") as lines,
    ):
        report = Poster(f"http://127.0.0.1:{port}", token, connections=16).send(lines)
    return {
        "lines": report.lines,
        "accepted": report.accepted,
        "replayed": report.replayed,
        "conflicts": len(report.conflicts),
        "refused": dict(report.refused),
        "unsent": len(report.unsent),
    }


def _drain(settings: Settings) -> int:
    """Run the pipeline until nothing is due; returns the rows done."""
    done = 0
    with at_work(settings.worker()) as place:
        while rows := sum(run_drain(place, find(name)).rows for name in _DRAINS):
            done += rows
    return done


def _silent(_facts: object) -> None:
    return None
