"""Sentences about a number of things, declared before anybody knows the number or the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import get_domain

_MANY = 2


@dataclass(frozen=True, slots=True)
class Counted:
    """One text for one thing and one for many; the parameter `of` says how many there are.

    `Counted("%(count)s row was lost", "%(count)s rows were lost")`
    """

    one: str
    many: str
    of: str = "count"

    def said(self, number: int) -> str:
        """The text for so many, in the reader's language; its parameters are still open."""
        return str(get_domain().get_translations().ungettext(self.one, self.many, number))

    def among(self, params: Mapping[str, object]) -> str:
        """The text for the number that the parameters tell; for many when they tell none."""
        number = str(params.get(self.of, ""))
        return self.said(int(number) if number.isdecimal() else _MANY)
