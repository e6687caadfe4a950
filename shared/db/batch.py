"""Many rows in one statement: a list per column, `unnest` in the FROM clause."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.types.array import ListBinaryDumper
from psycopg.types.uuid import UUIDBinaryDumper


class Column(list[Any]):
    """Values of one type for an array parameter, sent in binary: in text every quote would have to be quoted, and
    that took a third of a batch's time."""


class _ColumnDumper(ListBinaryDumper):
    """`ListBinaryDumper` for this class only; other lists go as psycopg sends them."""

    def _dump_list(self, L: list[Any], dim: int, dims: list[int], data: list[Any]) -> int:  # noqa: N803 (psycopg's name)
        """Ids, of which batches are full, without a call for each."""
        if not isinstance(self.sub_dumper, UUIDBinaryDumper):
            return super()._dump_list(L, dim, dims, data)
        data += [_NULL if item is None else _SIXTEEN + item.int.to_bytes(16, "big") for item in L]
        return int(None in L)


_NULL = (-1).to_bytes(4, "big", signed=True)  # lengths of the binary form of arrays
_SIXTEEN = (16).to_bytes(4, "big")

psycopg.adapters.register_dumper(Column, _ColumnDumper)


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
        """The FROM item, named `t`."""
        functions = ", ".join(_function(name, kind) for name, kind in self.columns.items())
        values = ", ".join(f"NULLIF({n}, 'null') AS {n}" if k == _JSON else n for n, k in self.columns.items())
        return f"(SELECT {values} FROM ROWS FROM ({functions}) AS u ({self.names})) AS t"  # noqa: S608 (names from code)

    def parameters(self, rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
        """One list per column; a jsonb column travels as one JSON array."""
        columns = list(zip(*rows, strict=True)) or [()] * len(self.columns)
        return {
            name: json.dumps(values, ensure_ascii=False) if kind == _JSON else Column(values)
            for (name, kind), values in zip(self.columns.items(), columns, strict=True)
        }


_JSON = "jsonb"


def _function(name: str, kind: str) -> str:
    return f"jsonb_array_elements(CAST(:{name} AS jsonb))" if kind == _JSON else f"unnest(CAST(:{name} AS {kind}[]))"
