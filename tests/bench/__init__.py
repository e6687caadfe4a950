"""Measurements: each module has `run(words) -> dict` with `name`, `figures`, `limits` and `ratios`.

`figures` are Koi's own; `limits` are bare measurements of the same work in the same run; `ratios` compare the two.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


def names() -> list[str]:
    """What can be measured: the modules that have `run`."""
    return sorted(path.stem for path in _HERE.glob("*.py") if "\ndef run(" in path.read_text(encoding="utf-8"))


def main(name: str | None, words: list[str], *, as_json: bool) -> int:
    """Run one and print it: a table, or one JSON object and nothing else on standard output."""
    if name not in names():
        known = "  ".join(names())
        print(f"koi: ./koi bench NAME [--json], NAME one of: {known}", file=sys.stderr)
        return 0 if name is None else 2
    with contextlib.redirect_stdout(sys.stderr):
        result = importlib.import_module(f"tests.bench.{name}").run(words)
    print(json.dumps(result, ensure_ascii=False) if as_json else table(result))
    return 0


def table(result: Mapping[str, Any]) -> str:
    """The result for a person to read."""
    lines = [str(result["name"])]
    for part in ("figures", "limits", "ratios"):
        lines += [f"  {part:8} {name:34} {_number(value):>12}" for name, value in result[part].items()]
    lines += [f"  note     {note}" for note in result.get("notes", ())]
    return "\n".join(lines)


def _number(value: object) -> str:
    return f"{value:,.3f}" if isinstance(value, float) else str(value)
