"""Sentences for codes: what the domain says in codes and parameters, in the reader's language.

Features add their own where they are used: `tell("quota_reached", _l("…"), _l("…"))` at import of their views.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from shared.web import formats
from shared.web.counted import Counted
from shared.web.locale import language, today_and_now


@dataclass(frozen=True, slots=True)
class Words:
    """A headline, and what it means or what to do next."""

    title: Any
    advice: Any = ""


_WORDS: dict[str, Words] = {}


def tell(code: str, title: Any, advice: Any = "") -> None:
    """Teach the registry a code; both texts are lazy gettext or `Counted`, with `%(name)s` for parameters."""
    _WORDS[code] = Words(title, advice)


def knows(code: str) -> bool:
    """Whether there are words for a code."""
    return code in _WORDS


def codes() -> frozenset[str]:
    """Every code that has words."""
    return frozenset(_WORDS)


def say(code: str, params: Mapping[str, object] | None = None) -> str:
    """The headline for a code; the code itself when nobody taught it."""
    words = _find(code, params or {})
    return _fill(words.title, params or {}) if words else code


def later(code: str) -> LazyString:
    """The headline for a code, in the language of whoever reads it: for what is declared once."""
    return LazyString(say, code)


def advise(code: str, params: Mapping[str, object] | None = None) -> str:
    """What a code means for the reader, and what to do; may be empty."""
    words = _find(code, params or {})
    return _fill(words.advice, params or {}) if words else ""


def sentence(code: str, params: Mapping[str, object] | None = None) -> str:
    """The headline and the advice as running text."""
    title, advice = say(code, params), advise(code, params)
    stop = "。" if language() == "zh" else ". "
    return f"{title}{stop}{advice}" if advice else title


def listing(parts: Iterable[object]) -> str:
    """Several things in a row, as one reads them: 甲、乙 or A, B."""
    return ("、" if language() == "zh" else ", ").join(map(str, parts))


def _find(code: str, params: Mapping[str, object]) -> Words | None:
    """The words for this reason of a code where there are some, else for the code."""
    return _WORDS.get(f"{code}.{params.get('reason')}") or _WORDS.get(code)


class _Lenient(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


def _fill(text: Any, params: Mapping[str, object]) -> str:
    filled = text.among(params) if isinstance(text, Counted) else str(text)
    return filled % _Lenient({name: _show(value) for name, value in params.items()}) if "%(" in filled else filled


def _show(value: object) -> object:
    if isinstance(value, datetime):
        return formats.moment(value, today_and_now(), language())
    if isinstance(value, date):
        return formats.day(value, today_and_now(), language())
    return listing(value) if isinstance(value, (list, tuple)) else value


tell("refused", _l("That did not work"), _l("Nothing was changed."))
tell(
    "missing",
    _l("There is nothing here"),
    _l("It may have been removed, or the link belongs to somebody else. Start again from the list."),
)
tell("conflict", _l("It has changed in the meantime"), _l("Look at it again, then decide. Nothing was changed."))
tell("invalid", _l("Something is not right yet"), _l("Correct it and send it again. Nothing was changed."))
tell(
    "forbidden",
    _l("Your role does not include this"),
    _l("Ask an administrator when you need it for your work. Nothing was changed."),
)
tell(
    "sign_in_needed",
    _l("Your sign-in has ended"),
    _l("Nothing was changed. Sign in again; you will come back to where you were."),
)
tell(
    "form_expired",
    _l("This page was open for too long"),
    _l("Nothing was saved. Go back, load the page again, and send it once more."),
)
tell("cross_site", _l("This form was sent from another site"), _l("Nothing was saved. Open the page here and send it."))
tell("bad_request", _l("That request cannot be read"), _l("Go back and try it again."))
tell("not_found", _l("This page does not exist"), _l("Check the address, or start from the first page."))
tell("method_not_allowed", _l("This address cannot be opened like that"), _l("Start from the first page."))
tell("too_large", _l("That is too large"), _l("Make the file or the text smaller and send it again."))
tell("unsupported", _l("This kind of content cannot be read here"), _l("Send it in the form the page asks for."))
tell("too_many_requests", _l("Too many attempts"), _l("Wait %(wait)s, then try again."))
tell("unavailable", _l("Not available at the moment"), _l("Nothing was lost. Try again in a minute."))
tell(
    "unexpected",
    _l("Something went wrong on our side"),
    _l("It has been noted. Nothing was changed; try again, and pass on the number below if it happens again."),
)
