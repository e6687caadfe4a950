"""`./koi run`: servers, migrations, web, workers and ticker as one thing."""

from __future__ import annotations

import http.client
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.platform.embedded.lock import RunLock
from shared.platform.embedded.postgres import Postgres
from shared.platform.embedded.servers import Servers, prepare, under
from shared.platform.embedded.valkey import Valkey
from shared.platform.gate import VARIABLE
from shared.platform.reach import READY, has_real_servers
from shared.platform.settings import CHECKOUT, BadSetting, Settings, parse_port, var_folder
from shared.platform.supervisor import Program, Supervisor

WORKERS = 2
_WEB = "web"
_SERVERS = ("PostgreSQL", "Valkey")
_ANSWER_S = 60.0
_GIVE_UP_DEATHS = 3
FirstRun = Callable[[Settings], Sequence[str]]
OnceUp = Callable[[Settings, Callable[[], bool]], None]


class CannotRun(Exception):
    """`./koi run` cannot start here; the message says why and what to do."""


@dataclass(slots=True)
class EmbeddedPostgres:
    """PostgreSQL as the supervisor sees it."""

    postgres: Postgres
    name: str = _SERVERS[0]

    def start(self) -> None:
        self.postgres.start()

    def ended(self) -> int | None:
        return self.postgres.process.poll() if self.postgres.process is not None else None

    def ask_to_stop(self) -> None:
        """Nothing yet: `wait_stopped` does both."""

    def wait_stopped(self, timeout_s: float) -> None:
        self.postgres.stop("fast", timeout_s)


@dataclass(slots=True)
class EmbeddedValkey:
    """Valkey as the supervisor sees it."""

    valkey: Valkey
    name: str = _SERVERS[1]

    def start(self) -> None:
        self.valkey.start()

    def ended(self) -> int | None:
        return self.valkey.process.poll() if self.valkey.process is not None else None

    def ask_to_stop(self) -> None:
        """Nothing yet: `wait_stopped` does both."""

    def wait_stopped(self, timeout_s: float) -> None:
        del timeout_s
        self.valkey.stop()


def run(environ: Mapping[str, str], *, first_run: FirstRun, once_up: OnceUp) -> int:
    """Start everything, say where it is, keep it running until told to stop; the exit code.

    Args:
        environ: KOI_PORT and so on; with DATABASE_URL and REDIS_URL no server is started.
        first_run: called once the database is migrated, before the first request; gives lines for the console.
        once_up: called when pages answer, before the workers start, with a question whether to stop.

    Raises:
        CannotRun: the port is taken, another run has this checkout, or the web does not come up.
        BadSetting: a setting cannot be used.
    """
    port, host, var = parse_port(environ), environ.get("KOI_HOST") or "127.0.0.1", var_folder(environ)
    lock = RunLock(var)
    if not lock.take(f"run http://{host}:{port}"):
        holder = lock.holder() or "another ./koi"
        raise CannotRun(f"This checkout is already in use ({holder}). One ./koi run at a time.")
    check_port(host, port)
    ready, gate = var / READY, var / "migrated"
    for mark in (ready, gate):
        mark.unlink(missing_ok=True)
    settings, servers = _addresses(environ, var)
    supervisor = Supervisor(_say)
    supervisor.listen()
    try:
        programs = _programs({**environ, **_told(settings), VARIABLE: str(gate)}, var / "log")
        # The web loads its code, the longest part of a start, while the servers start and are migrated.
        supervisor.start(programs[0])
        if servers is not None:
            _start_servers(supervisor, servers, settings)
        lines = _migrate(settings, first_run)
        gate.touch()
        if _answers(supervisor, host, port, var / "log" / f"{_WEB}.log"):
            _announce(settings, host, port, lines)
            once_up(settings, lambda: supervisor.stopping)
            for program in programs[1:]:
                supervisor.start(program)
            ready.touch()
        supervisor.stay()
        return 0
    finally:
        ready.unlink(missing_ok=True)
        _say("stopping …")
        supervisor.stop(servers=_SERVERS)
        lock.give_back()


def check_port(host: str, port: int) -> None:
    """See that nobody listens there.

    Raises:
        CannotRun: somebody does, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotRun(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                f"Stop what uses it, or take another: ./koi run --port {port + 1}"
            ) from error


def _addresses(environ: Mapping[str, str], var: Path) -> tuple[Settings, Servers | None]:
    """Where the servers are or will be, and those that are ours to start."""
    if has_real_servers(environ):
        settings = Settings.from_env(environ)
        from shared.platform.server_version import check_server

        check_server(settings.owner_url)
        return settings, None
    servers = under(var)
    servers.locate()
    return Settings.from_env({**environ, **servers.environment()}), servers


def _start_servers(supervisor: Supervisor, servers: Servers, settings: Settings) -> None:
    supervisor.start(EmbeddedPostgres(servers.postgres))
    supervisor.start(EmbeddedValkey(servers.valkey))
    prepare(servers.postgres, settings.secret)


def _migrate(settings: Settings, first_run: FirstRun) -> Sequence[str]:
    from shared.db.migrate import migrate

    migrate(settings.owner_url, settings.secret)
    return first_run(settings)


def _told(settings: Settings) -> dict[str, str]:
    """What children need to know on top of our environment."""
    return {
        "DATABASE_URL": settings.owner_url,
        "REDIS_URL": settings.redis_url,
        "KOI_SECRET_KEY": settings.secret_text,
        "KOI_EMBEDDED": "1" if settings.embedded else "",
        "KOI_HOST": settings.host,
        "KOI_PORT": str(settings.port),
        "PYTHONUNBUFFERED": "1",
    }


def _programs(env: Mapping[str, str], logs: Path) -> list[Program]:
    """The web first, then who works behind it."""
    gunicorn = ("-m", "gunicorn", "--config", "python:shared.platform.gunicorn_settings")
    programs: dict[str, tuple[str, ...]] = {_WEB: gunicorn}
    programs |= {f"worker-{number}": ("wsgi.py", "worker", "--name", f"{number}") for number in range(1, WORKERS + 1)}
    programs["ticker"] = ("wsgi.py", "ticker")
    return [
        Program(name=name, words=[sys.executable, *words], env=env, cwd=CHECKOUT, log=logs / f"{name}.log")
        for name, words in programs.items()
    ]


def _answers(supervisor: Supervisor, host: str, port: int, log: Path) -> bool:
    """Wait until the web answers; False when told to stop before.

    Raises:
        CannotRun: it died three times, or said nothing for 60 s.
    """
    deadline = time.monotonic() + _ANSWER_S
    while not supervisor.stopping:
        supervisor.look()
        if _asks(host, port):
            return True
        if supervisor.deaths(_WEB) >= _GIVE_UP_DEATHS or time.monotonic() > deadline:
            raise CannotRun(f"The web server does not come up. {log} ends:\n{_end_of(log)}")
        time.sleep(0.05)
    return False


def _asks(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(_reachable(host), port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 (looked up, not bound)


def _announce(settings: Settings, host: str, port: int, lines: Sequence[str]) -> None:
    base = f"http://{_reachable(host)}:{port}"
    print(f"\nKoi 锦鲤 is running.\n  HQ         {base}/hq/\n  Stores     {base}/dealer/\n  Public     {base}/")
    print(f"  Logs       {os.path.relpath(settings.var / 'log')}/\n  Stop with Ctrl-C.\n")
    for line in lines:
        print(line)
    sys.stdout.flush()


def _end_of(log: Path, lines: int = 20) -> str:
    if not log.exists():
        return "(nothing)"
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _say(line: str) -> None:
    print(f"koi: {line}", file=sys.stderr, flush=True)


__all__ = ["BadSetting", "CannotRun", "check_port", "run"]
