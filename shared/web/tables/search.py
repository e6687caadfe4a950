"""The search field of a list: a number, its last four digits, or words. A whole number never stands in an address."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement

from shared.contacts.crypto import BlindIndex
from shared.contacts.phones import Phone, mask, parse_phone
from shared.web import paging
from shared.web.tables.filters import Args, Asked, Filter, Values, tidy


@dataclass(frozen=True, slots=True)
class Sought:
    """A phone number that somebody looks for: the whole, or its last four digits; one of the two is set."""

    whole: bytes | None = None
    last4: bytes | None = None

    def among(self, whole: Any, last4: Any) -> ColumnElement[bool]:
        """The condition on the columns with the blind indexes."""
        condition: ColumnElement[bool] = whole == self.whole if self.whole is not None else last4 == self.last4
        return condition


@dataclass(frozen=True, slots=True)
class Search:
    """The search field of a list.

    Attributes:
        hint: what may be typed, lazy gettext.
        words: the condition for a name, a store, a code.
        phone: the condition for a number; None where rows have none.
    """

    hint: Any
    words: Callable[[str], ColumnElement[bool]]
    phone: Callable[[Sought], ColumnElement[bool]] | None = None

    def filters(self) -> Sequence[Filter]:
        """As filters: of typed words, and of a number that was posted."""
        return (_Typed(self), _Number(self.phone)) if self.phone else (_Typed(self),)


class _Typed:
    """`q`: words, or the last four digits of a number. A whole number is taken here too, but no link holds it."""

    key, label, kind = "q", _l("Search"), "hidden"

    def __init__(self, search: Search) -> None:
        self._search = search

    def read(self, args: Args) -> Values:
        """What was typed."""
        value = args.get("q", "").strip()
        return (value,) if value and tidy(value) else ()

    def where(self, values: Values, asked: Asked) -> ColumnElement[bool]:
        """By number where it is one, else by words."""
        typed, phone = values[0], self._search.phone
        if phone and re.fullmatch(r"\d{4}", typed):
            return phone(Sought(last4=asked.blind.last4(typed)))
        number = parse_phone(typed)
        if phone and isinstance(number, Phone):
            return phone(Sought(whole=asked.blind.phone(number.e164)))
        return self._search.words(typed)

    def words(self, values: Values, asked: Asked) -> str:
        """What was typed, a number masked."""
        number = parse_phone(values[0])
        return mask(number.e164) if isinstance(number, Phone) else values[0]


class _Number:
    """`phone`: a whole number as a token that only this server can make: its blind index, and the masked number."""

    key, label, kind = "phone", _l("Phone number"), "hidden"

    def __init__(self, phone: Callable[[Sought], ColumnElement[bool]]) -> None:
        self._phone = phone

    def read(self, args: Args) -> Values:
        """The token, when it is ours."""
        value = args.get("phone", "")
        return (value,) if value and number_of(value) else ()

    def where(self, values: Values, asked: Asked) -> ColumnElement[bool]:
        """By its index."""
        return self._phone(Sought(whole=bytes.fromhex(number_of(values[0])[0])))

    def words(self, values: Values, asked: Asked) -> str:
        """The masked number."""
        return number_of(values[0])[1]


def token_of(typed: str, blind: BlindIndex) -> str | None:
    """The token of a whole number, for an address; None when what was typed is none."""
    number = parse_phone(typed)
    if not isinstance(number, Phone):
        return None
    return paging.encode(("phone", blind.phone(number.e164).hex(), mask(number.e164)), paging.secret())


def number_of(token: str) -> tuple[str, ...]:
    """Blind index (hex) and masked number of a token; empty when it is not ours."""
    try:
        kind, index, masked = map(str, paging.decode(token, paging.secret()))
    except (paging.BadCursor, ValueError):
        return ()
    return (index, masked) if kind == "phone" else ()
