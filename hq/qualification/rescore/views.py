"""Headquarters' page about scoring everybody anew: how far it is, stop, go on, begin."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hq.qualification.rescore import queries, service, words  # noqa: F401  words of what it refuses
from shared.identity.permissions import Permission
from shared.web.access import requires
from shared.web.notes import done

bp = Blueprint("rescore", __name__, url_prefix="/rules/scorecard/rescore", template_folder="templates")


@bp.get("")
@requires(Permission.RULES_READ)
def index() -> ResponseReturnValue:
    """The run under way and the last ones."""
    runs = queries.latest(g.session)
    current = runs[0] if runs else None
    aside = queries.aside(g.session, current.run_id) if current is not None and current.state == "running" else 0
    return render_template("rescore/index.html", runs=runs, current=current, aside=aside)


@bp.post("")
@requires(Permission.RULES_WRITE)
def start() -> ResponseReturnValue:
    """Begin."""
    service.start(g.session, cause="asked", actor=g.actor, now=g.now)
    done(_("Everybody is being scored anew."))
    return redirect(url_for(".index"), 303)


@bp.post("/<uuid:run_id>/stop")
@requires(Permission.RULES_WRITE)
def stop(run_id: UUID) -> ResponseReturnValue:
    """Let a run rest."""
    service.stop(g.session, run_id=run_id, actor=g.actor, now=g.now)
    done(_("Stopped. What is done stays done."))
    return redirect(url_for(".index"), 303)


@bp.post("/<uuid:run_id>/resume")
@requires(Permission.RULES_WRITE)
def resume(run_id: UUID) -> ResponseReturnValue:
    """Go on with a run."""
    service.resume(g.session, run_id=run_id, actor=g.actor, now=g.now)
    done(_("It goes on where it stopped."))
    return redirect(url_for(".index"), 303)
