"""A whole Koi for the fault tests: durable servers, gunicorn, workers and clock as processes that a supervisor keeps
running, a client that sends again what was not acknowledged, and somebody who checks the books all the time."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import queue
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from hq.qualification.books import balance
from shared.db.session import make_engine, unit_of_work
from shared.platform.embedded.servers import DATABASE, Servers
from shared.platform.ids import new_id
from shared.platform.process import alive, send
from shared.platform.settings import CHECKOUT, Settings
from shared.platform.supervisor import Program, Supervisor
from shared.signups.models import ApiClient
from tests.factories import network, people
from tests.factories.counting import NOW
from tests.servers import migrated_environment, new_folder, new_servers
from tests.waiting import until

TOKEN = "a token of the tests"
CAMPAIGN = "faults"
_CLIENTS = 8
_GIVE_UP_S = 60.0

# The books, read in one statement: what was acknowledged, and what became of it.
BOOKS = """
SELECT (SELECT count(*) FROM receipts) + (SELECT coalesce(sum(accepted), 0) FROM imports WHERE kind = 'signups'),
       count(*),
       count(*) FILTER (WHERE state = 'received' AND aside_at IS NULL),
       count(*) FILTER (WHERE aside_at IS NOT NULL),
       count(*) FILTER (WHERE state = 'decided' AND aside_at IS NULL)
FROM signups
"""


@dataclass(frozen=True, slots=True)
class Books:
    """Acknowledged on the left; sign-ups on the right, as pending, aside and decided."""

    acknowledged: int
    signups: int
    pending: int
    aside: int
    decided: int


@dataclass
class Plant:
    """Everything runs below `folder`; `kill` and friends break it, the supervisor mends it."""

    folder: Path
    servers: Servers
    environment: dict[str, str]
    port: int
    supervisor: Supervisor = field(default_factory=lambda: Supervisor(lambda _line: None))
    programs: dict[str, Program] = field(default_factory=dict)
    differences: list[int] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Bring up the processes, and somebody who looks after them and one who looks at the books."""
        words = {
            "web": ("-m", "gunicorn", "--config", "python:shared.platform.gunicorn_settings"),
            "worker": ("wsgi.py", "worker"),
            "ticker": ("wsgi.py", "ticker"),
        }
        for name, line in words.items():
            program = Program(
                name=name,
                words=[sys.executable, *line],
                env=self.environment,
                cwd=CHECKOUT,
                log=self.folder / "log" / f"{name}.log",
            )
            self.programs[name] = program
            self.supervisor.start(program)
        for work in (self._supervise, self._keep_books):
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            self._threads.append(thread)
        until(self.answers, what="the web to answer", seconds=60)

    def tell(self) -> None:
        """Print what the processes said last; shown when a test fails."""
        for name, program in self.programs.items():
            said = program.log.read_text(encoding="utf-8", errors="replace") if program.log.exists() else ""
            print(f"--- {name}: {program.ended()}\n{said[-2000:]}")

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(10)
        self.supervisor.stopping = True  # its own `stop` would end every child of ours, other tests' servers too
        for program in self.programs.values():
            send(self.pid(program.name), signal.SIGCONT)
            program.ask_to_stop()
        for program in self.programs.values():
            program.wait_stopped(5)
        self.servers.valkey.stop(kill=True)
        self.servers.postgres.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def answers(self) -> bool:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
            try:
                connection.request("GET", "/healthz")
                return connection.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                return False

    # Breaking things

    def pid(self, name: str) -> int:
        process = self.programs[name].process
        assert process is not None
        return process.pid

    def kill(self, name: str) -> None:
        """SIGKILL to a program, and to nobody else: what becomes of its children is its own affair."""
        send(self.pid(name), signal.SIGKILL)

    def children(self, name: str) -> list[int]:
        with contextlib.suppress(psutil.NoSuchProcess):
            return [child.pid for child in psutil.Process(self.pid(name)).children() if alive(child.pid)]
        return []

    def pause(self) -> None:
        """Nobody works: sign-ups pile up."""
        for name in ("ticker", "worker"):
            send(self.pid(name), signal.SIGSTOP)
        until(lambda: not self.children("worker"), what="the work-horse to finish", seconds=30)

    def go_on(self) -> None:
        for name in ("worker", "ticker"):
            send(self.pid(name), signal.SIGCONT)

    def in_a_batch(self) -> None:
        """Wait until somebody has taken a batch and not finished it: its breadcrumb lies there."""
        with self.look() as connection:
            until(
                lambda: connection.execute("SELECT EXISTS (SELECT FROM breadcrumbs)").fetchone() == (True,),
                what="a batch to begin",
                seconds=30,
                every=0.001,
            )

    # Looking

    def look(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.servers.postgres.url(DATABASE), autocommit=True)

    def books(self) -> Books:
        with self.look() as connection:
            row = connection.execute(BOOKS).fetchone()
        assert row is not None
        return Books(*row)

    def scalar(self, query: str) -> Any:
        with self.look() as connection:
            row = connection.execute(query).fetchone()  # type: ignore[call-overload]
        return row[0]

    def _supervise(self) -> None:
        while not self._over.wait(0.1):
            self.supervisor.look()

    def _keep_books(self) -> None:
        """What `./koi reconcile` says, ten times a second."""
        engine = make_engine(Settings.from_env(self.environment).role_urls["hq"], pool_size=1)
        while not self._over.wait(0.1):
            with contextlib.suppress(OperationalError), unit_of_work(engine) as session:
                self.differences.append(balance(session).difference)
        engine.dispose()

    # Sending

    def post(self, people: list[str]) -> dict[str, str]:
        """Send a sign-up per person, each until it is acknowledged; gives the id that each was told."""
        lines: queue.Queue[http.client.HTTPConnection] = queue.Queue()
        for _ in range(_CLIENTS):
            lines.put(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10))
        with ThreadPoolExecutor(_CLIENTS) as pool:
            told = list(pool.map(lambda person: _until_acknowledged(lines, person), people))
        while not lines.empty():
            lines.get().close()
        return dict(zip(people, told, strict=True))


def _until_acknowledged(lines: queue.Queue[http.client.HTTPConnection], person: str) -> str:
    """As a mini-program's server does: the same key and body again after an error, a refusal to serve, silence."""
    deadline, body = time.monotonic() + _GIVE_UP_S, b""
    while time.monotonic() < deadline:
        line = lines.get()
        try:
            status, body = _send(line, person)
        except (OSError, http.client.HTTPException) as error:
            line.close()
            status, body = 503, repr(error).encode()
        finally:
            lines.put(line)
        if status == 202:
            return str(json.loads(body)["id"])
        if status < 500 and status != 429:
            raise AssertionError(f"{status}: {body!r}")
        time.sleep(0.1)
    raise AssertionError(f"{person} was not acknowledged within {_GIVE_UP_S:.0f} s; last: {body!r}")


def _send(line: http.client.HTTPConnection, person: str) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": person, "Content-Type": "application/json"}
    line.request("POST", f"/api/v1/campaigns/{CAMPAIGN}/signups", json.dumps(_body(person)), headers)
    answer = line.getresponse()
    return answer.status, answer.read()


def _body(person: str) -> dict[str, Any]:
    number = int(hashlib.sha256(person.encode()).hexdigest()[:12], 16) % 10**8
    return {
        "touchpoint": "mini_program",
        "openid": f"o-{person}",
        "phone": f"+86139{number:08}",
        "phone_verified": "wechat",
        "name": "陈小明",
        "interest": {"purchase_horizon": "now", "current_vehicle": "none", "budget": "3500-5000"},
        "region": {"county_code": "330106"},
        "consents": {"marketing": False, "share_with_dealer": True, "share_with_dealer_version": 1},
    }


@contextlib.contextmanager
def running_plant() -> Iterator[Plant]:
    """A plant with one campaign, a token and two stores."""
    folder = new_folder()
    servers = new_servers(folder, durable=True)
    try:
        environment = migrated_environment(servers, folder)
        _seed(servers.postgres.url(DATABASE))
        port = _free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KOI_")}
        plant = Plant(folder, servers, {**kept, **environment, "KOI_PORT": str(port), "KOI_WEB_PROCESSES": "2"}, port)
    except BaseException:
        servers.stop()
        raise
    try:
        plant.start()
        yield plant
    except BaseException:
        plant.tell()
        raise
    finally:
        plant.stop()


def _seed(url: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with Session(engine) as session:
        stores = [network.store(session, cap=None), network.store(session, cap=None)]
        campaign = people.campaign(session, code=CAMPAIGN)
        people.share_text(session, campaign, stores)
        session.add(
            ApiClient(
                client_id=new_id(NOW),
                name="tests",
                token_hash=hashlib.sha256(TOKEN.encode()).digest(),
                campaign_id=None,
                created_at=NOW,
                revoked_at=None,
            )
        )
        session.commit()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
