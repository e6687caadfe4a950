"""Messages that did not arrive, with the reason, and sending them again."""

from __future__ import annotations

from uuid import UUID

from flask import g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from hq.notices.views import bp
from shared.identity.permissions import Permission
from shared.notifications import sent
from shared.notifications.sent import Failed
from shared.web import notes, words
from shared.web.access import requires
from shared.web.words import tell


@bp.get("/failed")
@requires(Permission.WORK_READ)
def failed() -> ResponseReturnValue:
    """The latest of them."""
    return render_template("notices/failed.html", failed=sent.failed(g.session), most=sent.MOST)


@bp.post("/failed/<uuid:message_id>/again")
@requires(Permission.NOTIFICATIONS_WRITE)
def again(message_id: UUID) -> ResponseReturnValue:
    """Send one of them again."""
    return _sent(sent.again(g.session, [message_id], actor=g.actor, now=g.now))


@bp.post("/failed/again")
@requires(Permission.NOTIFICATIONS_WRITE)
def again_all() -> ResponseReturnValue:
    """Send all of them again that may be."""
    return _sent(sent.again(g.session, None, actor=g.actor, now=g.now))


@bp.app_template_filter("why_failed")
def why_failed(one: Failed) -> str:
    """The reason in words; the server's own status where it gave one."""
    if one.reason.isdecimal():
        return str(_("The server refused it (%(status)s)", status=one.reason))
    known = f"unsent.{one.reason}"
    return words.say(known if words.knows(known) else "unsent.away")


@bp.app_template_global("failed_messages")
def failed_messages() -> int:
    """The number beside the page's name."""
    return sent.count_failed(g.session)


def _sent(count: int) -> ResponseReturnValue:
    if count:
        notes.done(ngettext("%(num)d message is sent again.", "%(num)d messages are sent again.", count))
    else:
        notes.done(_("Nothing was left to send again."))
    return redirect(url_for(".failed"), 303)


tell("about.notices", _l("Notices"))
tell("about.confirm", _l("Code to confirm an e-mail address"))
tell("about.code_signup", _l("Code to sign up"))
tell("about.code_own_page", _l("Code for a customer's own page"))
tell("about.code_staff_sign_in", _l("Code to sign in to a store"))
tell("about.code_reset", _l("Code to set a new password"))
tell("about.code_new_phone", _l("Code to change the number"))
tell("about.code_notices", _l("Code to confirm a number for messages"))
tell("unsent.too_late", _l("It could not be sent while it was of use"))
tell("unsent.no_gateway", _l("No gateway is set up"))
tell("unsent.no_server", _l("No mail server is set up"))
tell("unsent.no_answer_noted", _l("The worker stopped before it noted the answer"))
tell("unsent.away", _l("The server did not answer"))
