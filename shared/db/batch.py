"""Many rows in one statement: a list per column, `unnest` in the FROM clause."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rows:
    """The shape of a batch.

    Attributes:
        columns: name → PostgreSQL type of each column, in the order of the tuples.
    """

    columns: Mapping[str, str]

    @property
    def names(self) -> str:
        """The columns for an INSERT."""
        return ", ".join(self.columns)

    @property
    def source(self) -> str:
        """The FROM item, named `t`. Types without an array literal of their own (jsonb) travel as text."""
        arrays = ", ".join(f"CAST(:{name} AS {_sent_as(kind)}[])" for name, kind in self.columns.items())
        values = ", ".join(
            name if _sent_as(kind) == kind else f"u.{name}::{kind} AS {name}" for name, kind in self.columns.items()
        )
        return f"(SELECT {values} FROM unnest({arrays}) AS u ({self.names})) AS t"  # noqa: S608 (names from code)

    def parameters(self, rows: Iterable[Sequence[Any]]) -> dict[str, list[Any]]:
        """One list per column; values of jsonb columns are written as JSON."""
        columns = list(zip(*rows, strict=True)) or [()] * len(self.columns)
        return {
            name: [_json(value) for value in values] if kind == "jsonb" else list(values)
            for (name, kind), values in zip(self.columns.items(), columns, strict=True)
        }


def _sent_as(kind: str) -> str:
    return "text" if kind == "jsonb" else kind


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
