"""How long a start takes: from a fresh clone to an answering page, and again when everything is there."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from shared.platform.embedded.servers import under
from shared.platform.settings import CHECKOUT

_LONGEST_FRESH_S = 900.0
_LONGEST_RESTART_S = 60.0
_RESTARTS = 3


def run(words: Sequence[str]) -> dict[str, Any]:
    """Measure. With `--restart-only` nothing is cloned or installed: this checkout's own .venv is used.

    `fresh_s` holds the downloads of all packages, without pip's or npm's cache: it depends on the network.
    """
    figures: dict[str, float] = {}
    with _folder() as folder:
        checkout = CHECKOUT
        if "--restart-only" not in words:
            checkout = folder / "koi"
            started = time.monotonic()
            subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(checkout)], check=True)
            figures["clone_s"] = time.monotonic() - started
            figures["fresh_s"] = figures["clone_s"] + _start_s(checkout, folder, _LONGEST_FRESH_S)
        else:
            figures["first_start_s"] = _start_s(checkout, folder, _LONGEST_RESTART_S)
        again = sorted(_start_s(checkout, folder, _LONGEST_RESTART_S) for _ in range(_RESTARTS))
        figures["restart_s"] = again[_RESTARTS // 2]
        limits = {"servers_only_s": _servers_s(folder), "import_of_the_app_s": _import_s(checkout)}
    bare = limits["servers_only_s"] + limits["import_of_the_app_s"]
    return {
        "name": "start",
        "figures": {name: round(value, 3) for name, value in figures.items()},
        "limits": {name: round(value, 3) for name, value in limits.items()},
        "ratios": {"restart_to_servers_and_import": round(figures["restart_s"] / bare, 2)},
        "notes": ["fresh_s holds the download of every package; restart_s is the median of three"],
    }


def _start_s(checkout: Path, folder: Path, longest_s: float) -> float:
    """Seconds from `./koi run` to a page that answers; it is stopped again."""
    port = _free_port()
    started = time.monotonic()
    process = subprocess.Popen(
        ["./koi", "run", "--port", str(port)], cwd=checkout, env=_environment(folder), stdout=sys.stderr
    )
    try:
        while not _answers(port):
            if process.poll() is not None or time.monotonic() - started > longest_s:
                raise RuntimeError(f"./koi run did not come up ({process.poll()})")
            time.sleep(0.02)
        return time.monotonic() - started
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _answers(port: int) -> bool:
    """Whether headquarters' first page (the sign-in) comes with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        target = "/hq/"
        for _ in range(3):
            connection.request("GET", target)
            reply = connection.getresponse()
            reply.read()
            if reply.status not in {301, 302, 303, 307, 308}:
                return reply.status == 200
            target = reply.headers["Location"].removeprefix(f"http://127.0.0.1:{port}")
        return False
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _servers_s(folder: Path) -> float:
    """Both servers alone, data there, up and answering."""
    servers = under(folder / "var")
    started = time.monotonic()
    servers.start()
    taken = time.monotonic() - started
    servers.stop()
    return taken


def _import_s(checkout: Path) -> float:
    """Python importing the three faces and nothing else."""
    words = [".venv/bin/python", "-c", "import hq.app, dealer.app, hq.intake.public.app"]
    started = time.monotonic()
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(words, cwd=checkout, check=True, env=compiled)
    return time.monotonic() - started


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KOI_")}
    for name in ("DATABASE_URL", "REDIS_URL"):
        kept.pop(name, None)
    return {
        **kept,
        "KOI_VAR": str(folder / "var"),
        "PIP_NO_CACHE_DIR": "1",
        "npm_config_cache": str(folder / "npm"),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="koi-start-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
