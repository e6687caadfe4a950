"""Repeatable checks against data whose truth is known: each module has `run(folder, words) -> dict` with `ok`."""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
from pathlib import Path
from typing import Any

NAMES = ("truth",)


def main(name: str, folder: Path, words: list[str], *, as_json: bool) -> int:
    """Run a check, print its account (one JSON object, or lines), and fail when something differs."""
    with contextlib.redirect_stdout(sys.stderr):
        result: dict[str, Any] = importlib.import_module(f"tests.checks.{name}").run(folder, words)
    print(json.dumps(result, ensure_ascii=False) if as_json else "\n".join(_lines(result)))
    return 0 if result["ok"] else 1


def _lines(result: dict[str, Any]) -> list[str]:
    lines = []
    for way, account in result["ways"].items():
        lines.append(f"{way}: {'as the truth says' if account['ok'] else 'DIFFERS'}")
        lines += [f"  {name:34} {json.dumps(value, ensure_ascii=False)}" for name, value in account.items()]
    return lines
