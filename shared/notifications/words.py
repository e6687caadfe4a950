"""Sentences for notices, as both portals show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from shared.notifications.lines import Line
from shared.web.formats import moment
from shared.web.locale import language, today_and_now
from shared.web.words import advise, say, tell

tell("notice.offered", _l("A new lead to claim"))
tell("notice.given", _l("A lead was given to you"), _l("Call now; every hour costs chances."))
tell("notice.taken", _l("Another store claimed the lead"), _l("It costs you nothing."))
tell("notice.expired", _l("A lead was not claimed in time"), _l("It has gone on to another store."))
tell("notice.recalled", _l("Headquarters took a lead back"), _l("The customer's number is no longer shown."))
tell("notice.recycled", _l("A lead was taken back because nobody followed up"))
tell("notice.claim_soon", _l("A lead must be claimed soon"), _l("After that it goes to another store."))
tell("notice.contact_soon", _l("A customer is to be called soon"))
tell("notice.follow_up_soon", _l("A follow-up is due soon"))
tell("notice.claim_late", _l("The time to claim a lead is over"))
tell("notice.contact_late", _l("A customer was not called in time"), _l("Call now; every hour costs chances."))
tell("notice.follow_up_late", _l("A follow-up is late"))
tell("notice.escalated", _l("A late lead was escalated"), _l("It needs somebody who decides now."))
tell("notice.strengthened", _l("A customer signed up again"), _l("A good moment to call."))
tell("notice.desk", _l("A lead waits on the assignment desk"), _l("No store could take it; somebody must decide."))

tell("topic.new", _l("Fresh leads"))
tell("topic.time", _l("Deadlines"))
tell("topic.ended", _l("Taken away"))
tell("topic.desk", _l("Assignment desk"))

_MANY: Final[Mapping[str, Callable[[int], str]]] = {
    "offered": lambda n: ngettext("%(num)d new lead", "%(num)d new leads", n),
    "given": lambda n: ngettext("%(num)d lead was given to you", "%(num)d leads were given to you", n),
    "strengthened": lambda n: ngettext("%(num)d customer signed up again", "%(num)d customers signed up again", n),
    "claim_soon": lambda n: ngettext("%(num)d lead to be claimed soon", "%(num)d leads to be claimed soon", n),
    "contact_soon": lambda n: ngettext("%(num)d customer to be called soon", "%(num)d customers to be called soon", n),
    "follow_up_soon": lambda n: ngettext("%(num)d follow-up due soon", "%(num)d follow-ups due soon", n),
    "claim_late": lambda n: ngettext(
        "%(num)d lead past its time to claim", "%(num)d leads past their time to claim", n
    ),
    "contact_late": lambda n: ngettext(
        "%(num)d customer was not called in time", "%(num)d customers were not called in time", n
    ),
    "follow_up_late": lambda n: ngettext("%(num)d follow-up is late", "%(num)d follow-ups are late", n),
    "expired": lambda n: ngettext("%(num)d lead was not claimed in time", "%(num)d leads were not claimed in time", n),
    "recycled": lambda n: ngettext(
        "%(num)d lead was taken back: no follow-up", "%(num)d leads were taken back: no follow-up", n
    ),
    "recalled": lambda n: ngettext("Headquarters took back %(num)d lead", "Headquarters took back %(num)d leads", n),
    "taken": lambda n: ngettext("Other stores claimed %(num)d lead", "Other stores claimed %(num)d leads", n),
    "escalated": lambda n: ngettext("%(num)d late lead was escalated", "%(num)d late leads were escalated", n),
    "desk": lambda n: ngettext(
        "%(num)d lead waits on the assignment desk", "%(num)d leads wait on the assignment desk", n
    ),
}


def headline(line: Line) -> str:
    """What a line of the inbox says: one notice, or how many of a kind."""
    return say(f"notice.{line.kind}") if line.is_one else _MANY[line.kind](len(line.notices))


def more(line: Line) -> str:
    """What to know or do about it: until when, and what it means."""
    if line.earliest is None:
        return advise(f"notice.{line.kind}")
    if line.kind in ("offered", "claim_soon"):
        until = _("claim by %(when)s", when=_when(line.earliest))
        return str(until if line.is_one else _("the first by %(when)s", when=_when(line.earliest)))
    return str(_("due %(when)s", when=_when(line.earliest)))


def _when(at: datetime) -> str:
    return moment(at, today_and_now(), language())
