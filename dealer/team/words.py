"""How a store's own figures are said; template filters."""

from __future__ import annotations

from datetime import date

from flask import Flask
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from dealer.team import giving_words
from dealer.team.figures import Shown
from shared.web.formats import day
from shared.web.locale import language, today_and_now
from shared.web.words import listing

_HOUR = 60


def figure(one: Shown) -> Markup:
    """The figure itself with its unit in small."""
    if one.value is None:
        return Markup("–")
    if one.measure == "won":
        number, unit = str(one.part), str(ngettext("vehicle", "vehicles", one.part))
    elif one.measure == "in_time":
        number, unit = str(one.value), "%"
    else:
        number, unit = _span(one.value)
    return Markup("{}<small> {}</small>").format(number, unit)


def figure_says(one: Shown) -> str:
    """A sentence that repeats what the line shows."""
    if one.value is None:
        return str(_("Nothing to reckon with yet."))
    own = _own(one)
    if one.median is None:
        return str(_("%(own)s. Too few stores to compare with.", own=own))
    if one.measure == "response":
        return _speed(one.value, one.median)
    return str(_("%(own)s; median %(median)s%%", own=own, median=one.median))


def openings(spans: tuple[tuple[int, int], ...]) -> str:
    """Openings of a day: 9:00–18:30."""
    return listing(f"{_clock(opens)}–{_clock(closes)}" for opens, closes in spans)


def iso_day(text: str) -> str:
    """A day in ISO form, as people read it."""
    try:
        return day(date.fromisoformat(text), today_and_now(), language())
    except ValueError:
        return text


def register(app: Flask) -> None:
    """Give templates the filters."""
    giving_words.register(app)
    app.jinja_env.filters.update({each.__name__: each for each in (figure, figure_says, openings, iso_day)})


def _own(one: Shown) -> str:
    if one.measure == "response":
        return str(_("%(part)s of %(whole)s claimed were called", part=one.part, whole=one.whole))
    if one.measure == "in_time":
        return str(_("%(part)s of %(whole)s in time", part=one.part, whole=one.whole))
    return str(_("%(part)s of %(whole)s sold, %(value)s%%", part=one.part, whole=one.whole, value=one.value))


def _speed(value: int, median: int) -> str:
    usual = " ".join(map(str, _span(median)))
    apart = " ".join(map(str, _span(abs(value - median))))
    if value == median:
        return str(_("As fast as the median, %(usual)s", usual=usual))
    if value < median:
        return str(_("%(apart)s faster than the median of %(usual)s", apart=apart, usual=usual))
    return str(_("%(apart)s slower than the median of %(usual)s", apart=apart, usual=usual))


def _span(minutes: int) -> tuple[str, str]:
    if minutes < 2 * _HOUR:
        return str(minutes), str(_("min"))
    return f"{minutes / _HOUR:.1f}".removesuffix(".0"), str(_("hours"))


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"
