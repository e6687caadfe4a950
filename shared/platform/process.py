"""Processes that never outlive the one that started them (Linux: prctl(2), PR_SET_PDEATHSIG)."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LONGEST_LOG = 20 * 1024 * 1024  # bytes
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(parent: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel send us a signal when our parent process dies; leave at once if it already has.

    To be called in the child, after any change of user (a change of user forgets it). `parent` is the pid that forked.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def spawn(
    words: Sequence[str],
    *,
    log: Path | None,
    cwd: Path,
    env: Mapping[str, str],
    uid: int | None = None,
    gid: int | None = None,
    on_our_death: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own that gets a signal when we die.

    `log`: file that its output is appended to; None: our own output. `uid` and `gid`: as whom, when we are root.
    """
    parent = os.getpid()
    with contextlib.ExitStack() as files:
        output = files.enter_context(_appended(log)) if log is not None else None
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd,
            env=dict(env),
            start_new_session=True,
            user=uid,
            group=gid,
            extra_groups=None if uid is None else [],
            # Set between fork and exec, because a change of user forgets it; it takes no lock.
            preexec_fn=lambda: die_with_parent(parent, on_our_death),  # noqa: PLW1509
        )


def _appended(log: Path) -> IO[bytes]:
    """The log, begun anew beside one older file when it has grown beyond 20 MB."""
    if log.exists() and log.stat().st_size > _LONGEST_LOG:
        log.replace(log.with_suffix(".old.log"))
    return log.open("ab")


def forks_follow() -> None:
    """Make every later `os.fork()` of this process (gunicorn's workers, RQ's work-horses) die with it."""
    parents: list[int] = []
    os.register_at_fork(
        before=lambda: parents.append(os.getpid()),
        after_in_parent=parents.clear,
        after_in_child=lambda: die_with_parent(parents[-1]),
    )


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose parent died, so that `stop_group` and `wait` still reach them."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def alive(pid: int) -> bool:
    """Whether a process with this id exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _state(pid) != "Z"


def wait_gone(pid: int, timeout_s: float) -> bool:
    """Wait until a process that is not our child is gone; False when it still lives after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def send(pid: int, number: signal.Signals) -> None:
    """Signal a process that may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def children() -> list[int]:
    """The processes whose parent we are, adopted ones too."""
    listing = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(pid) for pid in listing.read_text(encoding="ascii").split()] if listing.exists() else []


def _state(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:  # noqa: PTH123 (called often)
            return stat.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z" if sys.platform == "linux" else "?"
