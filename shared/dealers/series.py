"""The brand's series: which one a model belongs to, and which ones somebody names. Pure but for `book`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.dealers.models import Series

_NOISE = re.compile(r"[\W_]+")
_BETWEEN = re.compile(r"[,;，；、/|\n]+")
_ALL = frozenset({"", "全部", "全系", "不限", "all"})


def plain(text: str) -> str:
    """A name for comparison: half-width, lower case, without blanks and punctuation."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text).lower())


class UnknownSeries(ValueError):
    """There is no series called so; `args[0]` is the word."""


@dataclass(frozen=True, slots=True)
class SeriesBook:
    """All series.

    Attributes:
        names: name by code, in order of code.
        models: the names of its models by code.
    """

    names: Mapping[str, str]
    models: Mapping[str, Sequence[str]]
    _words: Mapping[str, str]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, Sequence[str]]]) -> SeriesBook:
        """From code, name and models of each series."""
        ordered = sorted(rows)
        words: dict[str, str] = {}
        for code, name, models in ordered:
            for word in (code, name, *models):
                words.setdefault(plain(word), code)
        words.pop("", None)
        return cls({code: name for code, name, _ in ordered}, {code: tuple(m) for code, _, m in ordered}, words)

    def code_of(self, model: str | None) -> str | None:
        """The series of a model as a person wrote it (`锦程S1 Pro 2026款`); None when no name stands in it.

        Of several names that stand in it the longest counts.
        """
        text = plain(model or "")
        if text in self._words:
            return self._words[text]
        inside = [word for word in self._words if len(word) > 1 and word in text]
        return self._words[max(inside, key=len)] if inside else None

    def read(self, text: str) -> list[str] | None:
        """The codes that words between commas name, sorted; None (all) for no words, 全部 or 不限.

        Raises:
            UnknownSeries: a word names none.
        """
        if text.strip().lower() in _ALL:
            return None
        codes = set()
        for word in filter(str.strip, _BETWEEN.split(text)):
            code = self._words.get(plain(word))
            if code is None:
                raise UnknownSeries(word.strip())
            codes.add(code)
        return sorted(codes) or None

    def write(self, codes: Sequence[str] | None) -> str:
        """The text that `read` reads."""
        return "、".join(self.names.get(code, code) for code in codes or ())


NO_SERIES = SeriesBook.of(())


def book(session: Session) -> SeriesBook:
    """The series as they are now (one statement)."""
    return SeriesBook.of(tuple(row) for row in session.execute(select(Series.code, Series.name, Series.models)))
