"""Phrases of the store's pages that are put together from codes; template filters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask
from flask_babel import gettext as _

import dealer.words  # noqa: F401  (teaches the codes)
import shared.web.vocabulary  # noqa: F401  (teaches the codes)
from dealer.deadlines import deadline_words, is_late
from dealer.followups.steps import SUGGESTS
from shared.leads.offers import Offer
from shared.platform.clock import BEIJING, beijing_day
from shared.web import formats, words
from shared.web.formats import clock, day, moment
from shared.web.locale import language, today_and_now

_PLAIN = {"yes", "no", "missing"}
_FAMILY = {"purchase_horizon": "horizon", "current_vehicle": "vehicle", "phone_verified": "verified"}


def wish_line(wish: Mapping[str, Any]) -> str:
    """What the person wants, and when: 想买 S1，一个月内."""
    model = wish.get("model")
    if wish.get("booked_test_ride"):
        start = _("Wants to try %(model)s", model=model) if model else _("Wants a test ride")
    else:
        start = _("Wants %(model)s", model=model) if model else _("Wants to buy")
    horizon = wish.get("purchase_horizon")
    if not horizon or not words.knows(f"soon.{horizon}"):
        return str(start)
    return str(_("%(wish)s, %(when)s", wish=start, when=words.say(f"soon.{horizon}")))


def where_line(offer: Offer) -> str:
    """Where the person lives and how far that is: 西湖区 · 离店 2.3 公里."""
    name = (offer.name or "").replace("*", "\N{WORD JOINER}*")  # 张** stays together at the end of a line
    parts = [offer.district, far_words(offer), name]
    return " · ".join(part for part in parts if part)


def far_words(offer: Offer) -> str:
    """How far the person lives from the store, or that nobody knows; empty when nothing at all is known."""
    if offer.rough:
        return words.say(f"rough.{offer.rough}")
    return str(_("%(far)s away", far=formats.kilometres(offer.km, language()))) if offer.km is not None else ""


def reason_line(reason: Mapping[str, Any]) -> str:
    """One reason of the score, as far as there are words for it; else empty."""
    fact, step = str(reason.get("fact", "")), str(reason.get("bin", ""))
    if step == "missing":
        return _say(f"reason.{fact}.missing")
    if step in _PLAIN:
        return _say(f"reason.{fact}.{step}")
    if own := _say(f"reason.{fact}.{step}"):
        return own
    if step.endswith("+"):
        return _say(f"reason.{fact}", {"from": step.removesuffix("+")})
    return _say(f"{_FAMILY.get(fact, fact)}.{step}")


def reasons(offer: Offer, most: int = 5) -> list[tuple[str, bool]]:
    """The reasons that weigh most, in words, with whether each speaks for the person."""
    weighed = sorted(offer.reasons, key=lambda one: -abs(float(one.get("points", 0))))
    told = [(reason_line(one), float(one["points"]) > 0) for one in weighed if one.get("points")]
    return sorted([pair for pair in told if pair[0]][:most], key=lambda pair: not pair[1])


def spoken_phone(e164: str) -> str:
    """A number as people read it out: 138 0013 8000."""
    digits = e164.removeprefix("+86")
    return f"{digits[:3]} {digits[3:7]} {digits[7:]}" if len(digits) == 11 else e164


def iso_moment(text: str) -> str:
    """A moment in ISO form, as people read it."""
    return moment(datetime.fromisoformat(text), today_and_now(), language())


def beijing_date(when: datetime) -> str:
    """The day of a moment as a date field wants it, 2026-11-20."""
    return beijing_day(when).isoformat()


def chip_time(text: str, code: str) -> str:
    """The time below a chip that names its day: 15:00, 周六 10:00, 27 日 10:00."""
    when = datetime.fromisoformat(text)
    local, time = when.astimezone(BEIJING), clock(when)
    if code in ("afternoon", "monday"):
        return time
    if code == "in_a_week":
        return f"{local.day} 日 {time}" if language() == "zh" else f"{day(local.date(), today_and_now(), 'en')} {time}"
    return f"{words.say(f'weekday.{local.weekday()}')} {time}"


def suggested(outcome: str) -> str:
    """The codes of times that an outcome suggests, for the page's script."""
    return " ".join(SUGGESTS.get(outcome, ()))


def row_time(when: datetime) -> str:
    """When a lead is due, beside its row: the clock for today and tomorrow, whose heading says which, else the day."""
    now = today_and_now()
    away = (beijing_day(when) - beijing_day(now)).days
    if away in (0, 1):
        return clock(when)
    return day(beijing_day(when), now, language()) if away == -1 else f"{beijing_day(when):%m-%d}"


def late_by(when: datetime) -> str:
    """How late something is, short enough to stand beside a row: 晚 42 分."""
    minutes = max(1, int((today_and_now() - when).total_seconds()) // 60)
    if minutes < 60:
        return str(_("%(count)s min late", count=minutes))
    if minutes < 24 * 60:
        return str(_("%(count)s h late", count=minutes // 60))
    return str(_("%(count)s d late", count=minutes // (24 * 60)))


def register(app: Flask) -> None:
    """Give templates the filters."""
    filters = (
        wish_line,
        where_line,
        far_words,
        reasons,
        spoken_phone,
        iso_moment,
        beijing_date,
        chip_time,
        row_time,
        late_by,
        deadline_words,
    )
    app.jinja_env.filters.update({each.__name__: each for each in filters})
    app.jinja_env.globals.update(suggested=suggested)
    app.jinja_env.tests["late"] = is_late
    app.jinja_env.tests["endpoint"] = lambda name: name in app.view_functions


def _say(code: str, params: Mapping[str, object] | None = None) -> str:
    return words.say(code, params) if words.knows(code) else ""
