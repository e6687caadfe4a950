"""Copy with a store's own values in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.platform.errors import Invalid

# What an author may write → which of the store's values stands there. Both languages mean the same.
VARIABLES: Final[Mapping[str, str]] = {
    "门店名称": "store",
    "门店": "store",
    "店长": "manager",
    "地址": "address",
    "store": "store",
    "manager": "manager",
    "address": "address",
}
_VARIABLE = re.compile(r"\{([^{}\n]{1,20})\}")


class UnknownVariable(Invalid):
    """The copy names a variable that does not exist; `params["variable"]` is its name."""

    code = "unknown_variable"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreValues:
    """What a store fills in. A store without a manager says its own name instead."""

    store: str
    manager: str | None
    address: str

    def value(self, name: str) -> str:
        return {"store": self.store, "manager": self.manager or self.store, "address": self.address}[name]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of filled copy; `own`: a value of the store's, not the author's words."""

    text: str
    own: bool


def check(copy: str) -> None:
    """Refuse copy that names a variable which does not exist.

    Raises:
        UnknownVariable: with the first such name and the names that do exist.
    """
    for name in _VARIABLE.findall(copy):
        if name not in VARIABLES:
            raise UnknownVariable(variable=name, known=list(VARIABLES), field="copy_text")


def pieces(copy: str, values: StoreValues) -> tuple[Piece, ...]:
    """The copy as the store sends it, in parts; an unknown variable stays as written."""
    found: list[Piece] = []
    end = 0
    for variable in _VARIABLE.finditer(copy):
        name = VARIABLES.get(variable[1])
        if name is None:
            continue
        found += [Piece(copy[end : variable.start()], own=False), Piece(values.value(name), own=True)]
        end = variable.end()
    found.append(Piece(copy[end:], own=False))
    return tuple(piece for piece in found if piece.text)


def fill(copy: str, values: StoreValues) -> str:
    """The copy as the store sends it; an unknown variable stays as written."""
    return "".join(piece.text for piece in pieces(copy, values))
