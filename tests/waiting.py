"""Waiting for something to become true, with an end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def until(true: Callable[[], bool], *, what: str, seconds: float = 20, every: float = 0.05) -> None:
    """Ask again and again until it is true; fail with words when the time is over."""
    pause = threading.Event()
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        pause.wait(every)
