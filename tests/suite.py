"""`./koi lint` and `./koi test`: every check of the checkout, in the order in which they fail fastest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from shared.platform.build import build_all
from shared.platform.settings import CHECKOUT
from tests.browser.chromium import NoBrowser, ensure
from tests.servers import DEBIAN_15

_CODE = ("hq", "dealer", "shared", "content_library", "tests", "wsgi.py")
_LONGEST_MODULE = 500
_NOTHING_COLLECTED = 5
_OURS = "KOI_"
# Tests that measure time or kill servers have the machine to themselves; so do browsers.
_TOGETHER, _ONE_BY_ONE = "not browser and not alone", "browser or alone"
ALONE_IN = ("tests/browser", "tests/integration/platform", "tests/work")
"""Where these are: to look for them everywhere takes as long as some of them. The collection sees to it."""


def lint() -> int:
    """Ruff, its format, mypy, the import rules, module sizes; 0 when all pass."""
    python = [sys.executable, "-m"]
    checks: dict[str, Callable[[], int]] = {
        "ruff": lambda: _call([*python, "ruff", "check", "--quiet", "."]),
        "format": lambda: _call([*python, "ruff", "format", "--check", "--quiet", "."]),
        "sizes": _sizes,
        "imports": _import_rules,
        "types": lambda: _call([*python, "mypy"]),
    }
    return _all(checks)


def test(words: Sequence[str]) -> int:
    """Everything, or with words for pytest only what they choose.

    Args:
        words: `--long` for the full size and a second round on Debian's PostgreSQL 15; the rest goes to pytest.
    """
    long = "--long" in words
    for_pytest = [word for word in words if word != "--long"]
    _say("making what is built from sources")
    build_all()
    if for_pytest:
        return _pytest([*(["--long"] if long else []), *for_pytest])
    try:
        _say(f"browser: {ensure(_say)}")
    except NoBrowser as error:
        _say(str(error))
        return 1
    checks: dict[str, Callable[[], int]] = {"lint": lint, "tests": lambda: _tests(long, {})}
    if long:
        checks["tests on PostgreSQL 15"] = lambda: _tests(long, {"KOI_TEST_DATABASE": "debian15"}, _debian_15)
    return _all(checks)


def _tests(long: bool, more: Mapping[str, str], prepare: Callable[[], bool] = lambda: True) -> int:
    if not prepare():
        return 1
    size = ["--long"] if long else []
    workers = ["-n", str(max(2, min(4, os.cpu_count() or 2))), "--dist", "loadfile"]
    codes = [
        _pytest(["-q", *size, *workers, "-m", _TOGETHER], more),
        _pytest(["-q", *size, "-m", _ONE_BY_ONE, *ALONE_IN], more),
    ]
    ran = [code for code in codes if code != _NOTHING_COLLECTED]
    return max(ran) if ran else _NOTHING_COLLECTED


def _debian_15() -> bool:
    """See that Debian's PostgreSQL 15 is there, installing it where we may."""
    if (DEBIAN_15 / "postgres").exists():
        return True
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        _say(f"PostgreSQL 15 is not in {DEBIAN_15}; as root on Debian it would be installed now.")
        return False
    _say("installing PostgreSQL 15 (apt-get install postgresql-15)")
    settings = Path("/etc/postgresql-common/createcluster.conf")
    if not settings.exists():  # only the programs are wanted, no server of the machine's own
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("create_main_cluster = false\n", encoding="utf-8")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "postgresql-15"]):
        subprocess.run(["apt-get", *words], check=False, env=environment, stdout=subprocess.DEVNULL)
    return (DEBIAN_15 / "postgres").exists()


def _pytest(words: Sequence[str], more: Mapping[str, str] | None = None) -> int:
    # The tests start servers of their own: what this shell points Koi at is none of their business.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS) or "TEST" in name}
    for name in ("DATABASE_URL", "REDIS_URL"):
        kept.pop(name, None)
    return _call([sys.executable, "-m", "pytest", *words], {**kept, **(more or {})})


def _import_rules() -> int:
    start = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    words = [sys.executable, "-W", "ignore", "-c", start]
    done = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode != 0:  # its banner and its list of kept rules are for nobody otherwise
        print(done.stdout + done.stderr)
    return done.returncode


def _sizes() -> int:
    too_long = []
    for root in _CODE:
        path = CHECKOUT / root
        for module in [path] if path.is_file() else sorted(path.rglob("*.py")):
            lines = len(module.read_text(encoding="utf-8").splitlines())
            # A migration is a snapshot of the tables, written once.
            if lines > _LONGEST_MODULE and "versions" not in module.parts:
                too_long.append(f"{module.relative_to(CHECKOUT)}: {lines} lines, {_LONGEST_MODULE} at most")
    for line in too_long:
        print(line)
    return 1 if too_long else 0


def _all(checks: Mapping[str, Callable[[], int]]) -> int:
    failed = []
    for name, check in checks.items():
        started = time.monotonic()
        code = check()
        _say(f"{name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - started:.0f} s)")
        if code != 0:
            failed.append(name)
    if failed:
        _say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _call(words: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    sys.stdout.flush()
    return subprocess.run(words, cwd=CHECKOUT, env=environment, check=False).returncode


def _say(line: str) -> None:
    print(f"koi: {line}", flush=True)
