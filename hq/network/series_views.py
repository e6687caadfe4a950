"""Headquarters' pages about the brand's series."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.network import history, series
from hq.network.errors import CodeTaken, NameTaken, Stale
from hq.network.forms import NewSeriesForm, SeriesForm
from shared.identity.permissions import Permission
from shared.web.access import requires
from shared.web.counted import Counted
from shared.web.notes import done
from shared.web.words import tell

bp = Blueprint("series", __name__, url_prefix="/network/series", template_folder="templates")


@bp.get("")
@requires(Permission.STORES_READ)
def index() -> ResponseReturnValue:
    """All series."""
    return render_template("network/series.html", lines=series.lines(g.session))


@bp.get("/new")
@requires(Permission.STORES_WRITE)
def new() -> ResponseReturnValue:
    """The form of a new series."""
    return render_template("network/series_form.html", form=NewSeriesForm(formdata=None), series=None)


@bp.post("/new")
@requires(Permission.STORES_WRITE)
def add() -> ResponseReturnValue:
    """Add a series."""
    form = NewSeriesForm()
    try:
        if not form.validate():
            return render_template("network/series_form.html", form=form, series=None), 422
        series.add(g.session, code=form.code.data, name=form.name.data, models=form.listed, actor=g.actor, now=g.now)
    except (CodeTaken, NameTaken) as refusal:
        form.refuse(refusal)
        return render_template("network/series_form.html", form=form, series=None), refusal.status
    done(_("The series is there."))
    return redirect(url_for(".index"), 303)


@bp.get("/<code>/edit")
@requires(Permission.STORES_WRITE)
def edit(code: str) -> ResponseReturnValue:
    """The form of a series."""
    return _page(code, SeriesForm.of(series.one(g.session, code)))


@bp.post("/<code>/edit")
@requires(Permission.STORES_WRITE)
def save(code: str) -> ResponseReturnValue:
    """Change a series."""
    form = SeriesForm()
    if not form.validate():
        return _page(code, form), 422
    try:
        changed = series.edit(
            g.session,
            code=code,
            seen=form.seen.data or "",
            name=form.name.data,
            models=form.listed,
            actor=g.actor,
            now=g.now,
        )
    except (NameTaken, Stale) as refusal:
        form.refuse(refusal)
        if isinstance(refusal, Stale):
            form.seen.data = series.one(g.session, code).changed_at.isoformat()  # who saves now has seen it
        return _page(code, form), refusal.status
    done(_("Saved.") if changed else _("Nothing was different, so nothing was changed."))
    return redirect(url_for(".index"), 303)


@bp.post("/<code>/remove")
@requires(Permission.STORES_WRITE)
def remove(code: str) -> ResponseReturnValue:
    """Take a series out of the catalogue."""
    name = series.remove(g.session, code=code, actor=g.actor, now=g.now)
    done(_("%(name)s is out of the catalogue.", name=name))
    return redirect(url_for(".index"), 303)


def _page(code: str, form: SeriesForm) -> str:
    found = series.one(g.session, code)
    return render_template(
        "network/series_form.html", form=form, series=found, history=history.of(g.session, f"series:{code}")
    )


tell("network_name_taken", _l("“%(text)s” is already a name of %(other)s"))
tell(
    "network_series_in_use",
    Counted(
        "%(stores)s store names this series among what it may sell",
        "%(stores)s stores name this series among what they may sell",
        "stores",
    ),
    _l("Take it from them first. Nothing was changed."),
)
