"""Deadlines as a store reads them: until when, and how much of its own working time is left or over."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shared.dealers.hours import DEFAULT_HOURS, working_seconds
from shared.leads.lifecycle import Stage
from shared.leads.queries import Held, Offered
from shared.platform.clock import beijing_day
from shared.web.formats import clock, day
from shared.web.locale import language, today_and_now
from shared.web.words import say, tell

_MINUTE = 60
_AHEAD = {
    "claim": _l("Claim by %(when)s, %(left)s left (opening hours)"),
    "contact": _l("Call by %(when)s, %(left)s left (opening hours)"),
    "follow_up": _l("Follow up by %(when)s, %(left)s left (opening hours)"),
}
_PASSED = {
    "claim": _l("Was to be claimed by %(when)s"),
    "contact": _l("Was to be called by %(when)s"),
    "follow_up": _l("A follow-up was due by %(when)s"),
}
_OVER = {
    "claim": _PASSED["claim"],
    "contact": _l("%(over)s late (opening hours): was to be called by %(when)s"),
    "follow_up": _l("%(over)s late (opening hours): a follow-up was due by %(when)s"),
}
tell("deadline_over", _l("%(over)s late (opening hours)"))
for _family, _texts in (("deadline", _AHEAD), ("deadline_over", _OVER), ("deadline_passed", _PASSED)):
    for _kind, _text in _texts.items():
        tell(f"{_family}.{_kind}", _text)


def deadline_words(one: Held | Offered, *, short: bool = False) -> str:
    """What is due for a lead or an offer, as a sentence; empty when nothing is. `short`: of what is late only by how
    much.
    """
    kind, due = _due(one)
    if due is None:
        return ""
    now, hours = today_and_now(), DEFAULT_HOURS if one.hours.never_open else one.hours
    if due > now:
        return say(f"deadline.{kind}", {"when": _when(due, now), "left": _span(working_seconds(now, due, hours))})
    seconds = working_seconds(due, now, hours)
    if seconds < _MINUTE:  # it passed at closing time, and the store has not opened since
        return say(f"deadline_passed.{kind}", {"when": _when(due, now)})
    return say("deadline_over" if short else f"deadline_over.{kind}", {"when": _when(due, now), "over": _span(seconds)})


def is_late(one: Held) -> bool:
    """Whether what is due for a lead is over."""
    due = _due(one)[1]
    return due is not None and due <= today_and_now()


def _due(one: Held | Offered) -> tuple[str, datetime | None]:
    if isinstance(one, Offered):
        return "claim", one.deadline_at
    if not one.held or one.stage is Stage.WON or one.due_kind is None:
        return "", None
    return one.due_kind, one.due_at


def _when(due: datetime, now: datetime) -> str:
    """A moment with its day, today too: 今天 17:20."""
    that_day = beijing_day(due)
    words = str(_("today")) if that_day == beijing_day(now) else day(that_day, now, language())
    return f"{words} {clock(due)}"


def _span(seconds: float) -> str:
    """Working time to the minute: 2 小时 20 分; a store's day has so many hours as it is open, so there are no days."""
    hours, minutes = divmod(int(timedelta(seconds=seconds).total_seconds()) // 60, 60)
    if not hours:
        return str(_("%(minutes)s min", minutes=minutes))
    return str(
        _("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes) if minutes else _("%(hours)s h", hours=hours)
    )
