"""A real PgBouncer in transaction mode before the tests' database; installed by root on Debian when it is missing."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
import pytest

from tests.servers import new_folder
from tests.waiting import until


def program() -> str:
    """PgBouncer's path; skips aloud where it is missing and cannot be installed."""
    found = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("installing Debian's pgbouncer for the pool test")
        subprocess.run(["apt-get", "install", "-y", "-q", "pgbouncer"], check=False, capture_output=True)
        found = shutil.which("/usr/sbin/pgbouncer")
    if found is None:
        pytest.skip("PgBouncer is not installed, and this account cannot install Debian's package pgbouncer")
    return found


@contextlib.contextmanager
def before(url: str, *, pool_size: int) -> Iterator[str]:
    """Run PgBouncer before the database of `url` and give the address to use instead."""
    asked = urlsplit(url)
    query = parse_qs(asked.query)
    server = query.get("host", [asked.hostname or ""])[0]
    server_port = query.get("port", [str(asked.port or 5432)])[0]
    database, user, password = asked.path.lstrip("/"), unquote(asked.username or ""), unquote(asked.password or "")
    folder = new_folder()
    port = _free_port()
    users = folder / "users.txt"
    users.write_text(f'"{user}" "{password}"\n')
    config = folder / "pgbouncer.ini"
    config.write_text(
        f"[databases]\n{database} = host={server} port={server_port} dbname={database} pool_size={pool_size}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\npool_mode = transaction\n"
        f"auth_type = plain\nauth_file = {users}\nmax_client_conn = 200\nlogfile = {folder / 'log'}\n"
    )
    for path in (users, config):
        path.chmod(0o644)
    with _running([program(), str(config)], folder):
        address = f"postgresql+psycopg://{user}:{password}@127.0.0.1:{port}/{database}"
        until(lambda: _answers(address.replace("+psycopg", "")), what="PgBouncer to answer")
        yield address


@contextlib.contextmanager
def _running(command: list[str], folder: Path) -> Iterator[None]:
    # PgBouncer refuses root.
    account = {"user": "nobody"} if os.geteuid() == 0 else {}
    if account:
        shutil.chown(folder, "nobody")
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **account)  # type: ignore[call-overload]
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
