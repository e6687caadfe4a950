"""Keeps Koi's processes running: starts them in order, restarts one that dies, stops all of them together.

None of them outlives the supervisor, however it dies: each asks the kernel for a signal at its parent's death
(`shared.platform.process`), and so do gunicorn's workers and RQ's work-horses (`forks_follow`).
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Protocol

from shared.platform.process import adopt_orphans, children, send, spawn

_TICK_S = 0.1
_STEADY_S = 20.0
_LONGEST_PAUSE_S = 10.0
Say = Callable[[str], None]


class Child(Protocol):
    """Something that is kept running."""

    @property
    def name(self) -> str: ...
    def start(self) -> None:
        """Start it, and return when others may use it."""

    def ended(self) -> int | None:
        """The exit code, or None while it runs."""

    def ask_to_stop(self) -> None:
        """Ask it to stop; does not wait."""

    def wait_stopped(self, timeout_s: float) -> None:
        """Wait for that, then insist."""


@dataclass(slots=True, kw_only=True)
class Program:
    """A program of ours: gunicorn, a worker, the ticker."""

    name: str
    words: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    cwd: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.process = spawn(self.words, log=self.log, cwd=self.cwd, env=self.env)

    def ended(self) -> int | None:
        return self.process.poll() if self.process is not None else None

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            send(self.process.pid, signal.SIGTERM)

    def wait_stopped(self, timeout_s: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass(slots=True)
class _Kept:
    child: Child
    since: float = 0.0
    deaths: int = 0
    again_at: float | None = None


class Supervisor:
    """Runs children until it is told to stop.

    Args:
        say: where lines for the person at the console go.
        clock: seconds that never go back.
    """

    def __init__(self, say: Say, clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self._clock = say, clock
        self._kept: list[_Kept] = []
        self.stopping = False

    def listen(self) -> None:
        """Stop on SIGINT, SIGTERM and SIGHUP from now on."""
        adopt_orphans()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._told_to_stop)

    def start(self, child: Child) -> None:
        """Start a child and keep it."""
        self._kept.append(_Kept(child, since=self._clock()))
        child.start()

    def look(self) -> None:
        """See who died and start those again whose pause is over. Call it often."""
        for kept in self._kept:
            if self.stopping:
                return
            if kept.again_at is None and kept.child.ended() is not None:
                self._note_death(kept)
            if kept.again_at is not None and self._clock() >= kept.again_at:
                self._start_again(kept)

    def deaths(self, name: str) -> int:
        """How often a child died soon after its start, in a row."""
        return max((kept.deaths for kept in self._kept if kept.child.name == name), default=0)

    def stay(self) -> None:
        """Keep everything running until told to stop."""
        while not self.stopping:
            self.look()
            time.sleep(_TICK_S)

    def stop(self, timeout_s: float = 15.0, servers: Sequence[str] = ()) -> None:
        """Stop everything: first what uses the servers, at once, then the servers, last started first."""
        self.stopping = True
        users = [kept.child for kept in self._kept if kept.child.name not in servers]
        for child in users:
            child.ask_to_stop()
        deadline = self._clock() + timeout_s
        for child in users:
            child.wait_stopped(max(0.0, deadline - self._clock()))
        for kept in reversed(self._kept):
            if kept.child.name in servers:
                kept.child.ask_to_stop()
                kept.child.wait_stopped(timeout_s)
        self._sweep()

    def _told_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _note_death(self, kept: _Kept) -> None:
        lived = self._clock() - kept.since
        kept.deaths = 1 if lived > _STEADY_S else kept.deaths + 1
        pause = restart_pause_s(kept.deaths)
        kept.again_at = self._clock() + pause
        self._say(f"{kept.child.name} ended ({kept.child.ended()}); starting it again in {pause:.1f} s")

    def _start_again(self, kept: _Kept) -> None:
        kept.since, kept.again_at = self._clock(), None
        try:
            kept.child.start()
        except Exception as error:  # noqa: BLE001 (whatever it is, it must not end the others)
            self._say(f"{kept.child.name} did not start: {error}")
            kept.deaths += 1
            kept.again_at = self._clock() + restart_pause_s(kept.deaths)

    @staticmethod
    def _sweep() -> None:
        """End grandchildren that were handed to us because their parent died."""
        for pid in children():
            send(pid, signal.SIGKILL)


def restart_pause_s(deaths: int) -> float:
    """Seconds before the next start after so many quick deaths in a row: 0.1, 0.4, 1.6, 6.4, 10, 10 …"""
    return min(0.1 * 4.0 ** min(max(0, deaths - 1), 10), _LONGEST_PAUSE_S)
