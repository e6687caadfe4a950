"""One Valkey server in a folder of ours, reached over a unix socket only; what it holds survives `kill -9`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import redis

from shared.platform.embedded.account import Account
from shared.platform.embedded.folders import existing, forget, socket_folder
from shared.platform.embedded.postgres import ServerFailed
from shared.platform.process import send, spawn

START_S = 30.0
STOP_S = 10.0


@dataclass(slots=True, kw_only=True)
class Valkey:
    """A server that can be started, stopped, killed, and started again.

    Attributes:
        folder: holds the append-only files and `socket/`.
        program: path of `valkey-server`.
        log: file that the server's messages are appended to.
    """

    folder: Path
    program: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None
    _sockets: Path | None = None

    @property
    def url(self) -> str:
        """The address for a redis client."""
        return f"unix://{quote(str(self._socket()))}?db=0"

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            ServerFailed: it did not answer within 30 s.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.locate()
        self._socket().unlink(missing_ok=True)
        self.process = spawn(
            [str(self.program), *self._options()],
            log=self.log,
            cwd=self.folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        )
        if not self._became_ready(self.process):
            raise ServerFailed(f"Valkey did not start; see {self.log}")

    def locate(self) -> None:
        """Settle where the server will listen, so that `url` can be told before it runs."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sockets = socket_folder(self.folder / "socket", Account())

    def attach(self) -> None:
        """Know the address of a server that somebody else started in this folder."""
        self._sockets = existing(self.folder / "socket")

    def stop(self, *, kill: bool = False) -> None:
        """Stop it, cleanly or with SIGKILL."""
        if self.process is None:
            return
        send(self.process.pid, signal.SIGKILL if kill else signal.SIGTERM)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def remove(self) -> None:
        """Delete everything of a stopped server."""
        forget(self.folder / "socket")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _socket(self) -> Path:
        if self._sockets is None:
            raise ServerFailed("Valkey has not been started")
        return self._sockets / "valkey.sock"

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket()),
            "unixsocketperm": "700",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return [word for name, value in options.items() for word in (f"--{name}", value)]

    def _became_ready(self, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + START_S
        with redis.Redis.from_url(self.url, socket_timeout=1) as client:
            while time.monotonic() < deadline and process.poll() is None:
                try:
                    if client.ping():
                        return True
                except redis.RedisError:
                    time.sleep(0.01)
        return False
