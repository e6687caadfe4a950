"""Makes or renews `.venv` from a hash-locked list; run by ./koi with the machine's own Python, standard library only.

Two at once do not disturb each other: the second waits for the first and then finds everything done.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
VENV = CHECKOUT / ".venv"


def main(lock_name: str) -> int:
    """Install the list; 0 when everything is there."""
    with (CHECKOUT / ".koi-install").open("a") as waiting:
        fcntl.flock(waiting, fcntl.LOCK_EX)
        mark = VENV / f"koi-{lock_name}"
        wanted = _checksum(CHECKOUT / lock_name)
        if _healthy() and mark.exists() and mark.read_text(encoding="ascii") == wanted:
            return 0
        if not _healthy():
            _say("Making .venv …")
            shutil.rmtree(VENV, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        _say(f"Installing Python packages of {lock_name} (about a minute, once) …")
        done = subprocess.run(_pip(lock_name), check=False, cwd=CHECKOUT, env=_environment())
        if done.returncode != 0:
            _say("The packages could not be installed; pip's own words are above.")
            return 1
        _write(mark, wanted)
        if lock_name == "requirements-dev.txt":  # it contains the other
            _write(VENV / "koi-requirements.txt", _checksum(CHECKOUT / "requirements.txt"))
        return 0


def _write(mark: Path, checksum: str) -> None:
    """A mark is there whole or not at all, and a copy of .venv that shares its files keeps its own."""
    new = mark.with_suffix(".new")
    new.write_text(checksum, encoding="ascii")
    new.replace(mark)


def _pip(lock_name: str) -> list[str]:
    return [
        str(VENV / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "-qq",  # errors only: a machine's pip settings may warn about every package
        "--disable-pip-version-check",
        "--no-input",
        "--no-compile",  # most modules are never imported; those that are, are compiled then
        "--require-hashes",
        "--requirement",
        lock_name,
    ]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}


def _healthy() -> bool:
    python = VENV / "bin" / "python"
    if not os.access(python, os.X_OK):
        return False
    check = [str(python), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(check, capture_output=True, check=False).returncode == 0


def _checksum(path: Path) -> str:
    """What `cksum <FILE` prints, which ./koi compares with."""
    with path.open("rb") as file:
        return subprocess.run(["cksum"], stdin=file, capture_output=True, check=True, text=True).stdout.strip()


def _say(line: str) -> None:
    print(f"koi: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        _say("stopped; the next ./koi goes on from here.")
        sys.exit(130)
