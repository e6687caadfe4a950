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


def check(copy: str) -> None:
    """Refuse copy that names a variable which does not exist.

    Raises:
        UnknownVariable: with the first such name and the names that do exist.
    """
    for name in _VARIABLE.findall(copy):
        if name not in VARIABLES:
            raise UnknownVariable(variable=name, known=list(VARIABLES), field="copy_text")


def fill(copy: str, values: StoreValues) -> str:
    """The copy as the store sends it; an unknown variable stays as written."""

    def one(found: re.Match[str]) -> str:
        name = VARIABLES.get(found[1])
        return values.value(name) if name else found[0]

    return _VARIABLE.sub(one, copy)
