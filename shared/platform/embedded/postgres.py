"""One PostgreSQL server in a folder of ours, reached over a unix socket only."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from shared.platform.embedded.account import Account, choose
from shared.platform.embedded.binaries import Unavailable
from shared.platform.embedded.folders import existing, forget, socket_folder
from shared.platform.process import alive, send, spawn, wait_gone

SUPERUSER = "postgres"
START_S = 60.0
STOP_S = 30.0
_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "kill": signal.SIGKILL}
# Errors are logged without the row they were about: a row may be a person's.
_ALWAYS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    # A batch writes a few megabytes of log in one go: with less room its statements wait for the disk.
    "wal_buffers": "16MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "shared_preload_libraries": "pg_stat_statements",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "lc_messages": "C",
}
UNSAFE_FAST: Mapping[str, str] = MappingProxyType(
    {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
)


class ServerFailed(Exception):
    """A server did not start or stop; the message ends with the end of its log."""


@dataclass(slots=True, kw_only=True)
class Postgres:
    """A server that can be started, stopped in every way, and started again.

    Attributes:
        folder: holds `data/` and `socket/`.
        programs: folder of `postgres` and `initdb`.
        password: the superuser's.
        log: file that the server's messages are appended to.
        settings: further `postgresql.conf` settings.
    """

    folder: Path
    programs: Path
    password: str = field(repr=False)
    log: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    _sockets: Path | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        """The address of a database here."""
        if self._sockets is None:
            raise ServerFailed("PostgreSQL has not been started")
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{quote(user, safe='')}:{secret}@/{quote(database, safe='')}?host={_quoted(self._sockets)}"

    def start(self) -> None:
        """Make the cluster if there is none, start the server and wait until it takes connections.

        Raises:
            ServerFailed: it did not start within 60 s.
            Unavailable: it cannot run on this machine.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        account = self.locate()
        if not (self.data / "PG_VERSION").exists():
            self._initialise(account)
        self._refuse_other_version()
        self._end_leftover()
        deadline = time.monotonic() + START_S
        while True:
            self.process = self._launch(account)
            if self._became_ready(deadline):
                return
            # After a kill -9 old backends may hold the shared memory for a moment: try again.
            if time.monotonic() > deadline or "still in use" not in self._log_end():
                raise ServerFailed(f"PostgreSQL did not start. Its log ends:\n{self._log_end()}")
            time.sleep(0.1)

    def locate(self) -> Account:
        """Settle where the server will listen, so that `url` can be told before it runs; as whom it will run.

        Raises:
            Unavailable: it cannot run on this machine.
        """
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        account = choose(self.data, self.programs)
        self._sockets = socket_folder(self.folder / "socket", account)
        return account

    def attach(self) -> None:
        """Know the address of a server that somebody else started in this folder."""
        self._sockets = existing(self.folder / "socket")

    def stop(self, mode: str = "fast", timeout_s: float = STOP_S) -> None:
        """Stop it: `fast` (clean), `immediate` (as in a crash, orderly) or `kill` (SIGKILL to the postmaster).

        Raises:
            ServerFailed: it is still there after `timeout_s`.
        """
        if self.process is None:
            return
        children = _children(self.process.pid)
        send(self.process.pid, _SIGNALS[mode])
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise ServerFailed(f"PostgreSQL did not stop within {timeout_s:.0f} s and was killed") from None
        for child in children:
            if not wait_gone(child, timeout_s):
                send(child, signal.SIGKILL)
        self.process = None

    def remove(self) -> None:
        """Delete everything of a stopped server."""
        forget(self.folder / "socket")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _initialise(self, account: Account) -> None:
        """Make the cluster beside its place and move it there, so that a half-made one is never used."""
        making = self.folder / "data.new"
        shutil.rmtree(making, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        account.own(making)
        with tempfile.NamedTemporaryFile("w", dir=self.folder, suffix=".pw") as secret:
            secret.write(self.password)
            secret.flush()
            if account.uid is not None and account.gid is not None:
                os.chown(secret.name, account.uid, account.gid)
            words = [str(self.programs / "initdb"), "-D", str(making), "-U", SUPERUSER, "--pwfile", secret.name]
            words += ["--auth=scram-sha-256", "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync"]
            done = subprocess.run(
                [*account.prefix, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=_environment(),
                check=False,
                user=account.uid if account.switch else None,
                group=account.gid if account.switch else None,
                extra_groups=[] if account.switch else None,
            )
        if done.returncode != 0:
            raise ServerFailed(f"initdb failed:\n{done.stdout.decode(errors='replace')}")
        making.rename(self.data)
        os.sync()

    def _launch(self, account: Account) -> subprocess.Popen[bytes]:
        options = {**_ALWAYS, "unix_socket_directories": f'"{self._sockets}"', **self.settings}
        words = [*account.prefix, str(self.programs / "postgres"), "-D", str(self.data)]
        for name, value in options.items():
            words += ["-c", f"{name}={value}"]
        return spawn(
            words,
            log=self.log,
            cwd=Path("/"),
            env=_environment(),
            uid=account.uid if account.switch else None,
            gid=account.gid if account.switch else None,
            # Immediate: backends leave at once, and the next start recovers from the log.
            on_our_death=signal.SIGQUIT,
        )

    def _became_ready(self, deadline: float) -> bool:
        if self.process is None:
            return False
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            lines = self._pid_file()
            # The last line of postmaster.pid is the server's state (pidfile.h, LOCK_FILE_LINE_PM_STATUS).
            if len(lines) >= 8 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(0.01)
        self.process.kill()
        return False

    def _end_leftover(self) -> None:
        """Wait for a server of an earlier start that is still leaving, end one that does not, clear a stale pid."""
        lines = self._pid_file()
        if not lines or not lines[0].strip().isdigit():
            return
        pid = int(lines[0])
        if alive(pid) and self._is_ours(pid) and not wait_gone(pid, 5.0):
            send(pid, signal.SIGQUIT)
            wait_gone(pid, 10.0)
        if not (alive(pid) and self._is_ours(pid)):
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return os.fsencode(self.data) in words

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _refuse_other_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        said = subprocess.run([self.programs / "postgres", "--version"], capture_output=True, check=True, text=True)
        found = re.search(r"(\d+)", said.stdout)
        if found is None or found[1] != made_by:
            raise Unavailable(
                f"{self.data} was made by PostgreSQL {made_by}, and this is {said.stdout.strip()}. "
                "See 'Upgrade' in docs/operations.md."
            )

    def _log_end(self, lines: int = 15) -> str:
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _quoted(path: Path) -> str:
    return quote(str(path), safe="")
