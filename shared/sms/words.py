"""Sentences for what codes refuse. A face imports this where it uses codes."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from shared.db.links import Busy
from shared.platform.errors import DomainError
from shared.web.counted import Counted
from shared.web.words import sentence, tell

_A_MINUTE_S = 60
_AN_HOUR_S = 3600

tell("sms_too_soon", _l("A code was just sent to this number"), _l("You can ask for another one in %(wait)s."))
tell(
    "sms_too_soon.device",
    _l("Too many codes were asked for on this phone"),
    _l("You can ask for another one in %(wait)s."),
)
tell(
    "sms_too_soon.address",
    _l("Too many codes were asked for on this network and not used"),
    _l("Try again in %(wait)s, or use mobile data instead of Wi-Fi."),
)
tell(
    "sms_code_wrong",
    Counted(
        "This is not the code that was sent. %(left)s more try",
        "This is not the code that was sent. %(left)s more tries",
        "left",
    ),
)
tell("sms_code_gone", _l("This code does not hold any more. Ask for a new one"))
tell("sms_not_set_up", _l("No text messages can be sent at the moment"), _l("Nothing was lost. Try again later."))


def wait_words(seconds: int) -> str:
    """How long to wait, rounded up: `45 seconds`, `12 minutes`, `3 hours`."""
    if seconds <= 2 * _A_MINUTE_S:
        return str(ngettext("%(num)d second", "%(num)d seconds", seconds))
    if seconds <= 2 * _AN_HOUR_S:
        return str(_("%(count)s minutes", count=-(-seconds // _A_MINUTE_S)))
    return str(_("%(count)s hours", count=-(-seconds // _AN_HOUR_S)))


def refusal(error: DomainError) -> str:
    """One of the errors of `shared.sms.errors` as a sentence."""
    if isinstance(error, Busy):  # its code has words of its own for those who call the API
        return str(_("Too many people at the moment. Try it once more."))
    seconds = error.params.get("seconds")
    more = {"wait": wait_words(seconds)} if isinstance(seconds, int) else {}
    return sentence(error.code, {**error.params, **more})
