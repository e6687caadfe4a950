"""How a command reaches the servers: its own for the moment, those of a running `./koi run`, or real ones."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from shared.platform.embedded.lock import RunLock
from shared.platform.embedded.servers import Servers, under
from shared.platform.settings import BadSetting, Settings, var_folder

START_S = 60.0
READY = "ready"


def has_real_servers(environ: Mapping[str, str]) -> bool:
    """Whether the environment names servers.

    Raises:
        BadSetting: it names only half of them.
    """
    given = [name for name in ("DATABASE_URL", "REDIS_URL") if environ.get(name)]
    if len(given) == 1:
        raise BadSetting(f"{given[0]} is set alone: set both DATABASE_URL and REDIS_URL, or neither of them.")
    return bool(given)


@contextmanager
def reached(environ: Mapping[str, str]) -> Iterator[Settings]:
    """Settings whose servers answer, for the length of the `with`.

    Without DATABASE_URL: the servers of a `./koi run` that is up; else the embedded ones, started and migrated for as
    long as this command takes.

    Raises:
        BadSetting: half of the servers are named, or `./koi run` did not come up within 60 s.
    """
    if has_real_servers(environ):
        yield Settings.from_env(environ)
        return
    var = var_folder(environ)
    lock, servers = RunLock(var), under(var)
    if lock.take("command") or (_is_command(lock) and _wait(lock)):
        try:
            yield _started(servers, environ)
        finally:
            servers.stop()
            lock.give_back()
    else:
        yield _joined(servers, var, environ)


def _started(servers: Servers, environ: Mapping[str, str]) -> Settings:
    from shared.db.migrate import migrate

    servers.start()
    settings = Settings.from_env({**environ, **servers.environment()})
    migrate(settings.owner_url, settings.secret)
    return settings


def _joined(servers: Servers, var: Path, environ: Mapping[str, str]) -> Settings:
    deadline = time.monotonic() + START_S
    while not (var / READY).exists():
        if time.monotonic() > deadline:
            raise BadSetting("./koi run holds this checkout's database but is not ready; see var/log/.")
        time.sleep(0.1)
    servers.attach()
    return Settings.from_env({**environ, **servers.environment()})


def _is_command(lock: RunLock) -> bool:
    return lock.holder().startswith("command")


def _wait(lock: RunLock) -> bool:
    print("koi: another command is using the database; waiting for it …", file=sys.stderr, flush=True)
    return lock.take("command", wait=True)
