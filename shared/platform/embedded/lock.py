"""Who uses the folder `var`: one `./koi run`, or one command at a time, which others wait for."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO


class RunLock:
    """A lock that the kernel gives back when its holder dies, with a note that says who that is."""

    def __init__(self, var: Path) -> None:
        self._path = var / "run.lock"
        self._file: IO[str] | None = None

    def take(self, holder: str, *, wait: bool = False) -> bool:
        """Take it; False when somebody else has it. `holder`: `run …` or `command …`, for others to read."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            file.close()
            return False
        file.truncate(0)
        file.write(f"{holder}\n{os.getpid()}\n")
        file.flush()
        self._file = file
        return True

    def holder(self) -> str:
        """What the holder (or the last one) wrote."""
        try:
            return self._path.read_text(encoding="utf-8").partition("\n")[0]
        except FileNotFoundError:
            return ""

    def give_back(self) -> None:
        """Let the next one in."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None
