"""`./koi run` as a person has it: a process that is started, killed, started twice, and stopped."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.platform.process import alive
from shared.platform.settings import CHECKOUT
from tests.servers import new_folder

pytestmark = pytest.mark.alone
_UP_S, _GONE_S = 90.0, 15.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """One `wsgi.py run` with a folder of its own."""

    def __init__(self, var: Path, port: int) -> None:
        self.var, self.port = var, port
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KOI_")}
        self.console = var / f"console-{os.urandom(4).hex()}.txt"
        self.output = self.console.open("w+b")
        self.process = subprocess.Popen(
            [sys.executable, "wsgi.py", "run", "--no-demo", "--port", str(port)],
            cwd=CHECKOUT,
            env={**kept, "KOI_VAR": str(var), "PYTHONDONTWRITEBYTECODE": ""},
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )

    def said(self) -> str:
        return self.console.read_text(encoding="utf-8")

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def wait_up(self) -> None:
        until(lambda: (self.var / "ready").exists() and self.answers(), _UP_S, self.said)

    def family(self) -> dict[int, str]:
        """Every descendant: pid and what it runs."""
        found: dict[int, str] = {}
        todo = [self.process.pid]
        while todo:
            pid = todo.pop()
            try:
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            found[pid] = command
            todo += map(int, children)
        return found

    def child(self, words: str) -> int:
        return next(pid for pid, command in sorted(self.family().items()) if words in command)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self.output.close()


def until(condition: Callable[[], bool], longest_s: float, said: Callable[[], str] = lambda: "") -> None:
    deadline = time.monotonic() + longest_s
    while not condition():
        assert time.monotonic() < deadline, said()
        time.sleep(0.05)


@pytest.fixture
def var() -> Iterator[Path]:
    folder = new_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def running(var: Path) -> Iterator[Running]:
    run = Running(var, free_port())
    try:
        run.wait_up()
        yield run
    finally:
        run.end()


@pytest.fixture(scope="module")
def staying() -> Iterator[Running]:
    """One for all tests that leave it as it was."""
    folder = new_folder()
    run = Running(folder, free_port())
    try:
        run.wait_up()
        yield run
    finally:
        run.end()
        shutil.rmtree(folder)


def test_killed_it_leaves_no_process_and_starts_again(running: Running) -> None:
    family = running.family()
    assert sum("gunicorn" in command for command in family.values()) == 3
    assert sum("worker --name" in command for command in family.values()) >= 2
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait()
    until(lambda: not any(map(alive, family)), _GONE_S, lambda: str({p: c for p, c in family.items() if alive(p)}))
    again = Running(running.var, running.port)
    again.wait_up()
    again.end()


def test_a_child_that_is_killed_comes_back(staying: Running) -> None:
    for words in ("gunicorn", "worker --name 1", "wsgi.py ticker", "valkey-server", "bin/postgres"):
        killed = staying.child(words)
        os.kill(killed, signal.SIGKILL)
        until(lambda k=killed: not alive(k), _GONE_S)
        until(lambda w=words: any(w in command for command in staying.family().values()), _GONE_S, staying.said)
    until(staying.answers, 30, staying.said)


def test_told_to_stop_it_stops_everything(running: Running) -> None:
    family = running.family()
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(40) == 0
    assert not [command for pid, command in family.items() if alive(pid)]
    assert "is running" in running.said()


def test_connections_that_say_nothing_keep_nobody_waiting(staying: Running) -> None:
    silent = [socket.create_connection(("127.0.0.1", staying.port)) for _number in range(40)]
    started = time.monotonic()
    assert all(staying.answers() for _number in range(10))
    assert time.monotonic() - started < 3  # each of them held a thread for five seconds
    for each in silent:
        each.close()


def test_a_second_run_is_refused_in_words(staying: Running) -> None:
    same_folder = Running(staying.var, free_port())
    assert same_folder.process.wait(30) == 1
    assert "already in use (run http" in same_folder.said()
    other = new_folder()
    same_port = Running(other, staying.port)
    assert same_port.process.wait(30) == 1
    assert f"Port {staying.port} on 127.0.0.1 cannot be used" in same_port.said()
    for each in (same_folder, same_port):
        each.end()
