"""How it is said who of a store gets a lead, and who is on duty."""

from __future__ import annotations

from datetime import date

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shared.leads.sellers.queries import Desk, First
from shared.platform.clock import beijing_day
from shared.web.formats import day, moment
from shared.web.locale import language, today_and_now
from shared.web.words import tell

tell("way.claim", _l("Whoever claims it"), _l("Who claims first keeps it."))
tell(
    "way.manager",
    _l("Whom the manager gives it to"),
    _l("The manager claims and gives it to somebody. After half of the time to claim, everybody may claim."),
)
tell(
    "way.turn",
    _l("In turn among those on duty"),
    _l(
        "Each waiting lead is for the next in turn: they claim it, or the manager claims it for them. After half of the"
        " time to claim, everybody may claim. While nobody is on duty, the manager gives it out."
    ),
)
tell("way_set.claim", _l("Whoever claims a lead has it now"))
tell("way_set.manager", _l("The manager gives leads out now"))
tell("way_set.turn", _l("Leads go out in turn now"))
tell("duty.today", _l("Only today"))
tell("duty.open", _l("Until switched on again"))
tell("duty.pick", _l("Until a day"))
tell("bad_duty_day", _l("Choose a day within the next %(days)s days"))
tell("not_your_turn.person", _l("It is %(name)s's turn"), _l("From %(when)s on everybody may claim it."))
tell("not_your_turn.manager", _l("The manager gives this one out"), _l("From %(when)s on everybody may claim it."))
tell("not_your_turn.later", _l("It is not your turn yet"), _l("From %(when)s on everybody may claim it."))
tell("not_your_turn", _l("It is not your turn yet"))
tell("shares_changed", _l("Something has changed meanwhile. This is how it would be now."))
tell("nobody_on_duty", _l("Nobody is on duty"))
tell("given.turn", _l("in turn"))
tell("given.hand", _l("by hand"))
tell("given.share", _l("shared out"))
tell("given.back", _l("taken back"))


def first_words(first: First, own_id: object) -> str:
    """Whose an offer is first, and from when everybody's; empty when everybody may claim it."""
    if first.free:
        return ""
    until = moment(first.until, today_and_now(), language())
    if first.by == "person" and first.who is not None:
        if first.who.user_id == own_id:
            return str(_("Your turn. From %(when)s on everybody may", when=until))
        return str(_("%(name)s's turn. From %(when)s on everybody may", name=first.who.name, when=until))
    if first.by == "manager":
        return str(_("For the manager to give out. From %(when)s on everybody may", when=until))
    return str(_("Waits for the next turn. From %(when)s on everybody may", when=until))


def off_words(back_on: date | None) -> str:
    """Until when somebody is off duty."""
    now = today_and_now()
    if back_on is None:
        return str(_("off duty"))
    return str(_("off duty, back %(day)s", day=day(back_on, now, language())))


def nobody_words(at: Desk) -> str:
    """Why it is nobody's turn."""
    if not at.sellers:
        return str(_("No sellers at this store: the manager gives leads out"))
    if at.open:
        return str(_("Nobody is on duty: the manager gives leads out"))
    opening = at.hours.on(beijing_day(today_and_now()))
    if opening:
        return str(_("The store is shut now: turns go on when it opens"))
    return str(_("The store is shut today: turns go on when it opens"))


def register(app: Flask) -> None:
    """Give templates the filters."""
    app.jinja_env.filters.update({each.__name__: each for each in (first_words, off_words, nobody_words)})
