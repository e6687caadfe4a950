"""Every component of both portals on a page of its own, for those who build pages.

Only where Koi runs on servers that `./koi run` started itself (`Settings.embedded`), so never in production. What the
pages show is invented here; nothing is read from the database.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField, TextAreaField

from hq.analytics import provinces
from shared.identity.permissions import Permission
from shared.web.access import requires
from shared.web.forms import KoiForm, choices, required, stripped
from shared.web.notes import Undo, done

bp = Blueprint("design", __name__, url_prefix="/_design", template_folder="templates")
_HOURS = (180, 96, 54, 31, 22, 40, 120, 310, 480, 620, 910, 1240)

_PROVINCES = {"32": 1842, "37": 1285, "33": 1406, "41": 1164, "44": 967, "51": 287, "21": 62, "23": 14, "": 9}


class SampleForm(KoiForm):
    """A form with a field of each kind."""

    name = StringField(_l("Name"), filters=[stripped], validators=[required()])
    model = SelectField(_l("Model"), choices=choices(("s1", "S1"), ("c2", "C2")))
    horizon = RadioField(_l("Plan"), choices=choices(("now", _l("Wants to buy now")), ("1m", _l("Within a month"))))
    note = TextAreaField(_l("Note"))
    password = PasswordField(_l("Password"))
    news = BooleanField(_l("Send me news"))


def show_in(app: Flask) -> None:
    """Add the pages to headquarters' portal."""
    app.register_blueprint(bp)


@bp.get("")
@requires(Permission.ACCOUNT_USE)
def index() -> ResponseReturnValue:
    """What the desk is made of."""
    return render_template("design/desk.html", **_shown(SampleForm()))


@bp.get("/phone")
@requires(Permission.ACCOUNT_USE)
def phone() -> ResponseReturnValue:
    """What the phone is made of."""
    return render_template("design/phone.html", **_shown(SampleForm()))


@bp.post("")
@requires(Permission.ACCOUNT_USE)
def send() -> ResponseReturnValue:
    """Check the sample form, and say so as any act does."""
    form = SampleForm()
    if not form.validate():
        return render_template("design/desk.html", **_shown(form)), 422
    done(_("Given to %(name)s.", name=form.name.data), undo=Undo(url_for(".take_back"), {"name": form.name.data}))
    return redirect(url_for(".index"), 303)


@bp.post("/take-back")
@requires(Permission.ACCOUNT_USE)
def take_back() -> ResponseReturnValue:
    """What an undo does."""
    done(_("Taken back."))
    return redirect(url_for(".index"), 303)


def _shown(form: SampleForm) -> dict[str, Any]:
    now: datetime = g.now
    return {
        "form": form,
        "hours": list(enumerate(_HOURS)),
        "grid": provinces.grid({code: (leads, leads // 2, leads, leads // 40) for code, leads in _PROVINCES.items()}),
        "soon": now + timedelta(minutes=4, seconds=38),
        "later": now + timedelta(minutes=41),
        "past": now - timedelta(hours=3),
    }
