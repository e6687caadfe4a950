"""What the brand decides: which notices go out by which way, when nothing does, and how many become one."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hq.notices.views import bp
from shared.identity.permissions import Permission
from shared.notifications import choosing, people
from shared.notifications.brand import Pace
from shared.notifications.choosing import BadChoice
from shared.notifications.recipients import brand_of
from shared.web import notes
from shared.web.access import requires


@bp.get("/settings")
@requires(Permission.NOTIFICATIONS_WRITE)
def settings() -> ResponseReturnValue:
    """The settings in force."""
    return _page()


@bp.post("/settings")
@requires(Permission.NOTIFICATIONS_WRITE)
def save() -> ResponseReturnValue:
    """Put them in force; they hold for everybody who has not decided otherwise."""
    try:
        brand = choosing.read_brand(request.form, brand_of(g.session))
    except BadChoice as refusal:
        return _page(refusal), 422
    people.set_brand(g.session, brand, actor=g.actor, now=g.now)
    notes.done(_("Saved. It holds from the next message on."))
    return redirect(url_for(".settings"), 303)


def _page(refused: BadChoice | None = None) -> str:
    brand = brand_of(g.session)
    return render_template(
        "notices/settings.html",
        brand=brand,
        rows=choosing.brand_rows(brand),
        paces=list(Pace),
        refused=refused,
        clock=choosing.clock_text,
    )
