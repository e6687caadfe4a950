"""Server time of the main pages with 200,000 leads and 5,000 stores, through the WSGI applications, signed in.

`p99_ms` and `p50_ms` are of one reader at a time; `statements` counts everything that a page sends, its session and
the time of day included. The bare limit is a Flask route with one SELECT by key on the same database, called in turn
with the pages. `kb_gz` is what a first visit loads: page, style sheet, script, icons.
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from html import unescape
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from dealer.app import create_dealer_app
from hq.app import create_hq_app
from hq.intake.public.app import create_public_app
from shared.db.session import make_engine
from shared.identity import passwords
from shared.identity.permissions import Role
from shared.platform.embedded.servers import DATABASE
from shared.platform.settings import Settings
from tests.bench import full
from tests.factories import content, network
from tests.portals.conftest import PASSWORD, Browser, sign_in
from tests.servers import migrated_environment, new_folder, new_servers
from wsgi import every

_TIMES = 200
_DEEP = 1_000
_WARM = 5
_FILES = re.compile(r'(?:href|src)="([^"]+/static/[^"#]+)')


@dataclass
class _Faces:
    """The applications over the filled database, and browsers of people who are signed in."""

    hq: Flask
    dealer: Flask
    public: Flask
    whole: Flask
    engines: Sequence[Engine]

    def browser(self) -> Browser:
        return Browser(self.whole.test_client())


def run(words: Sequence[str]) -> dict[str, Any]:
    """Measure; `--leads N`, `--stores N`, `--times N`, `--show PATTERN` (only these pages, with their statements)."""
    for name in ("models", "jobs"):
        list(every(name))
    sizes = {"--leads": 200_000, "--stores": 5_000, "--times": _TIMES}
    sizes |= {word: int(words[at + 1]) for at, word in enumerate(words[:-1]) if word in sizes}
    show = words[words.index("--show") + 1] if "--show" in words else ""
    folder = new_folder()
    servers = new_servers(folder, durable=True)
    try:
        settings = Settings.from_env(migrated_environment(servers, folder))
        started = time.monotonic()
        world = _World(settings, servers.postgres.url(DATABASE), leads=sizes["--leads"], stores=sizes["--stores"])
        built_s = time.monotonic() - started
        with _faces(settings) as faces:
            result = _measure(world, faces, times=sizes["--times"], show=show)
    finally:
        servers.valkey.stop(kill=True)
        servers.postgres.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)
    result["notes"] = [
        f"{sizes['--leads']:,} leads, {sizes['--stores']:,} stores, made in {built_s:.0f} s",
        f"each page {sizes['--times']} times",
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    ]
    return result


class _World:
    """The data, and who looks at it."""

    def __init__(self, settings: Settings, url: str, *, leads: int, stores: int) -> None:
        keys = settings.hq().keys
        self.url = url
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
        hashed = passwords.hash_password(PASSWORD)
        with Session(engine) as session:
            boss = network.hq_user(
                session, Role.ADMINISTRATOR, login="boss@example.com", name="沈清", password_hash=hashed
            )
            boss_id = boss.user_id
            session.commit()
        full.fill(url, keys, leads=leads, stores=stores, user_id=boss_id)
        with Session(engine) as session:
            from shared.dealers.models import Store

            self.store = session.query(Store).order_by(Store.code).first()
            network.staff(session, [self.store], login="manager", name="店长", password_hash=hashed)
            for number in range(12):
                made = content.asset(session, title=f"素材 {number}")
                content.publication(session, made, [self.store])
            session.commit()
            self.store_id: UUID = self.store.store_id
        engine.dispose()
        full.seal_cards(url, keys, [self.store_id])

    def one(self, statement: str) -> Any:
        with psycopg.connect(self.url) as connection:
            found = connection.execute(statement).fetchone()
        return found[0] if found else None


@contextmanager
def _faces(settings: Settings) -> Iterator[_Faces]:
    hq, dealer, public = (
        create_hq_app(settings.hq()),
        create_dealer_app(settings.dealer()),
        create_public_app(settings.public()),
    )
    whole = Flask("mounted", static_folder=None)
    engines = [app.extensions["koi_engine"] for app in (hq, dealer, public)]
    _add_bare(hq, settings)
    whole.wsgi_app = DispatcherMiddleware(public, {"/hq": hq, "/dealer": dealer})  # type: ignore[method-assign]
    yield _Faces(hq, dealer, public, whole, engines)
    for engine in engines:
        engine.dispose()


def _add_bare(hq: Flask, settings: Settings) -> None:
    """The limit: a route without anything around it, and one SELECT by key."""
    engine = make_engine(settings.role_urls["hq"])
    bare = Flask("bare", static_folder=None)

    @bare.get("/<uuid:lead_id>")
    def one(lead_id: UUID) -> dict[str, Any]:
        with engine.connect() as connection:
            row = connection.exec_driver_sql("SELECT grade, points FROM leads WHERE lead_id = %s", (lead_id,)).one()
        return {"grade": row.grade, "points": row.points}

    hq.extensions["bench_bare"] = bare


def _pages(world: _World, boss: Browser) -> dict[str, str]:
    lead = world.one("SELECT lead_id FROM leads WHERE state = 'placed' ORDER BY opened_at DESC LIMIT 1 OFFSET 50")
    contact = world.one("SELECT contact_id FROM leads ORDER BY opened_at DESC LIMIT 1 OFFSET 50")
    return {
        "hq_overview": "/hq/overview",
        "leads": "/hq/leads",
        "leads_deadline_2": _next("/hq/leads?state=offered&sort=deadline", boss),
        "leads_opened": "/hq/leads?sort=-opened",
        "leads_page_1000": _deep("/hq/leads?sort=-opened", boss, world),
        "leads_held": "/hq/leads?state=held&sort=-points",
        "leads_last4": "/hq/leads?q=0007",
        "leads_name": "/hq/leads?q=王芳",
        "lead": f"/hq/leads/{lead}",
        "desk": "/hq/desk",
        "signups": "/hq/signups",
        "signups_rejected": "/hq/signups?became=rejected",
        "contacts": "/hq/contacts",
        "contact": f"/hq/contacts/{contact}",
        "stores": "/hq/stores",
        "store": f"/hq/stores/{world.store_id}",
        "imports": "/hq/imports",
        "content": "/hq/content",
        "audit": "/hq/audit",
        "dealer_home": "/dealer/inbox",
        "dealer_leads": "/dealer/leads",
        "campaign": "/c/bench",
    }


def _next(address: str, boss: Browser) -> str:
    found = re.search(r'href="([^"]+)" rel="next"', boss.get(address).text)
    return unescape(found[1]) if found else address


def _deep(address: str, boss: Browser, world: _World) -> str:
    """The page that begins after 50,000 rows, by a cursor as the 999th page gives it."""
    from shared.web import paging

    with psycopg.connect(world.url) as connection:
        row = connection.execute(
            "SELECT opened_at, lead_id FROM leads ORDER BY opened_at DESC, lead_id DESC OFFSET %s LIMIT 1",
            [(_DEEP - 1) * 50 - 1],
        ).fetchone()
    app = boss.client.application.wsgi_app.mounts["/hq"]  # type: ignore[attr-defined]
    with app.app_context():
        cursor = paging.encode(("-opened", (_DEEP - 1) * 50, *row), paging.secret()) if row else ""
    return f"{address}&after={cursor}"


def _measure(world: _World, faces: _Faces, *, times: int, show: str) -> dict[str, Any]:
    boss, manager, stranger = faces.browser(), faces.browser(), faces.browser()
    assert sign_in(boss, "/hq", "boss@example.com").status_code == 303
    assert sign_in(manager, "/dealer", "manager").status_code == 303
    pages = {name: path for name, path in _pages(world, boss).items() if re.search(show, name)}
    who = {name: _reader(path, boss, manager, stranger) for name, path in pages.items()}
    bare = faces.hq.extensions["bench_bare"].test_client()
    lead = world.one("SELECT lead_id FROM leads LIMIT 1")
    took: dict[str, list[float]] = {name: [] for name in (*pages, "bare")}
    figures: dict[str, Any] = {}
    for name, path in pages.items():
        with _statements(faces.engines) as sent:
            answer = who[name].get(path)
        if answer.status_code >= 400:
            raise RuntimeError(f"{name} answers {answer.status_code}")
        print(name, answer.status_code, len(sent), "statements", f"{len(answer.data):,} bytes")
        if show:
            _explain(world.url, sent)
        figures[f"{name}.statements"] = len(sent)
        figures[f"{name}.kb_gz"] = _kb_gz(who[name], path)
    getters: dict[str, Callable[[], Any]] = {name: partial(who[name].get, path) for name, path in pages.items()}
    getters["bare"] = partial(bare.get, f"/{lead}")
    gc.collect()
    gc.freeze()  # as the web server does before it serves
    for turn in range(times + _WARM):
        for name, get in getters.items():
            started = time.perf_counter()
            answer = get()
            if turn >= _WARM:
                took[name].append((time.perf_counter() - started) * 1000)
            if answer.status_code >= 400:
                raise RuntimeError(f"{name}: {answer.status_code}")
    return _figures(took, figures)


def _figures(took: dict[str, list[float]], figures: dict[str, Any]) -> dict[str, Any]:
    for name, spans in took.items():
        if name != "bare":
            figures[f"{name}.p50_ms"] = round(statistics.median(spans), 1)
            figures[f"{name}.p99_ms"] = round(_p99(spans), 1)
    bare = statistics.median(took["bare"])
    return {
        "name": "pages",
        "figures": dict(sorted(figures.items())),
        "limits": {"bare_route_p50_ms": round(bare, 2), "bare_route_p99_ms": round(_p99(took["bare"]), 2)},
        "ratios": {
            f"{name}_to_bare": round(statistics.median(spans) / bare, 1)
            for name, spans in took.items()
            if name != "bare"
        },
    }


def _p99(spans: Sequence[float]) -> float:
    return sorted(spans)[max(0, round(len(spans) * 0.99) - 1)]


def _reader(path: str, boss: Browser, manager: Browser, stranger: Browser) -> Browser:
    return boss if path.startswith("/hq") else manager if path.startswith("/dealer") else stranger


@contextmanager
def _statements(engines: Sequence[Engine]) -> Iterator[list[tuple[str, Any]]]:
    sent: list[tuple[str, Any]] = []

    def note(*call: Any) -> None:
        sent.append((call[2], call[3]))

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def _explain(url: str, sent: Sequence[tuple[str, Any]]) -> None:
    """Say what each statement of a page costs; the slow ones with their plan."""
    with psycopg.connect(url) as connection:
        for statement, parameters in sent:
            if not statement.lstrip().upper().startswith(("SELECT", "WITH")):
                continue
            plan = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", parameters).fetchall()
            ms = float(re.sub(r"[^0-9.]", "", plan[-1][0]))
            print(f"\n-- {ms:.1f} ms: {' '.join(statement.split())[:300]}")
            if ms > 5:
                print("\n".join(line[0] for line in plan))


def _kb_gz(browser: Browser, path: str) -> float:
    page = browser.client.get(path, headers={"Accept-Encoding": "gzip"})
    text = browser.client.get(path).text
    files = {unescape(found) for found in _FILES.findall(text)}
    files |= {unescape(found) for found in re.findall(r'href="([^"#]*icons\.svg[^"#]*)', text)}
    sizes = [len(browser.client.get(file, headers={"Accept-Encoding": "gzip"}).data) for file in sorted(files)]
    return round((len(page.data) + sum(sizes)) / 1000, 1)
