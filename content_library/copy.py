"""Copy with a store's own values in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from shared.platform.errors import Invalid

# What an author may write → which of the store's values stands there. Both languages mean the same.
VARIABLES: Final[Mapping[str, str]] = {
    "门店名称": "store",
    "门店": "store",
    "店长": "manager",
    "地址": "address",
    "城市": "city",
    "经销商": "dealer",
    "报名链接": "link",
    "store": "store",
    "manager": "manager",
    "address": "address",
    "city": "city",
    "dealer": "dealer",
    "link": "link",
}
#: What the editor offers, in both languages.
OFFERED: Final = ("门店名称", "店长", "地址", "城市", "经销商", "报名链接")
OFFERED_EN: Final = ("store", "manager", "address", "city", "dealer", "link")
_VARIABLE = re.compile(r"\{ *([^{}\n]{1,20}?) *\}")
_OPEN = re.compile(r"\{([^{}\n]{0,20})")
_LIKE: Final = 0.4  # how alike a suggestion must be


class UnknownVariable(Invalid):
    """The copy names a variable that does not exist; `params["variable"]` is its name, `suggestion` a near one."""

    code = "unknown_variable"


class OpenBrace(Invalid):
    """A variable was begun and not ended; `params["begun"]` is how it begins."""

    code = "open_brace"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreValues:
    """What a store fills in. What a store does not have is replaced by its own name."""

    store: str
    manager: str | None
    address: str
    city: str = ""
    dealer: str = ""
    link: str = ""

    def value(self, name: str) -> str:
        """The value of a variable, by the name on the right side of `VARIABLES`."""
        own = {
            "manager": self.manager,
            "address": self.address,
            "city": self.city,
            "dealer": self.dealer,
            "link": self.link,
        }
        return own.get(name) or self.store


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of filled copy; `own`: a value of the store's, not the author's words."""

    text: str
    own: bool


def tidy(copy: str) -> str:
    """Copy with the braces of a Chinese keyboard as plain ones."""
    return copy.replace("｛", "{").replace("｝", "}")


def check(copy: str) -> None:
    """Refuse copy that names a variable which does not exist, or that does not end one.

    Raises:
        UnknownVariable: with the first such name, the names that do exist and the one most like it.
        OpenBrace: a brace before a known name without its other half.
    """
    for name in _VARIABLE.findall(copy):
        if name not in VARIABLES:
            raise UnknownVariable(variable=name, known=list(VARIABLES), suggestion=_suggestion(name), field="copy_text")
    for begun in _OPEN.findall(_VARIABLE.sub("", copy)):
        name = next((each for each in VARIABLES if begun.strip().startswith(each)), None)
        if name is not None:
            raise OpenBrace(begun=begun[:20], suggestion=name, field="copy_text")


def _suggestion(name: str) -> str | None:
    """The variable most like a name that does not exist, if any is."""
    names = [each for each in VARIABLES if each.isascii() == name.isascii()]
    likeness, best = max((_likeness(name.casefold(), each), each) for each in names)
    return best if likeness >= _LIKE else None


def _likeness(name: str, known: str) -> float:
    return max(SequenceMatcher(None, name, known).ratio(), 0.9 if known in name or name in known else 0.0)


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
