"""Learning a scorecard on pages: from a file of past leads or Koi's own, the report, and a draft made of it."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hq.intake.imports import texts
from hq.intake.imports.grid import Refused
from hq.intake.imports.sheet import refuse_at_once
from hq.qualification.fits import queries, service
from hq.qualification.fits.files import FitFiles
from hq.qualification.fits.wishes import Wished
from hq.qualification.scoring import catalogue
from hq.rules import fit_columns, fit_form, fit_page
from hq.rules import queries as versions
from hq.rules import service as rules
from hq.rules.fit_form import WishRefused
from hq.rules.views import bp
from shared.identity.permissions import Permission
from shared.platform.errors import Missing
from shared.web.access import requires
from shared.web.notes import done

_GZIP = b"\x1f\x8b"


@bp.get("/scorecard/fit")
@requires(Permission.RULES_READ)
def fits() -> ResponseReturnValue:
    """What was learnt, and what to learn from."""
    return _list()


@bp.post("/scorecard/fit")
@requires(Permission.RULES_WRITE)
def upload_past() -> ResponseReturnValue:
    """Keep a file of past leads to be looked at."""
    sent = request.files.get("file")
    content = sent.read() if sent else b""
    if sent is None or not content:
        return _list(file=_("Choose a file")), 422
    if not content.startswith(_GZIP):
        try:
            refuse_at_once(content)
        except Refused as refusal:
            return _list(file=texts.sentence(refusal)), refusal.status
    fit_id = service.take_in(
        g.session, file_name=sent.filename or "", content=content, files=_files(), actor=g.actor, now=g.now
    )
    return redirect(url_for(".fit", fit_id=fit_id), 303)


@bp.post("/scorecard/fit/own")
@requires(Permission.RULES_WRITE)
def learn_own() -> ResponseReturnValue:
    """Learn from what became of Koi's own leads."""
    try:
        wished = fit_form.asked_of_own(request.form)
    except WishRefused as refusal:
        return _list(**{str(refusal.params["field"]): refusal.said}), refusal.status
    fit_id = service.from_own(g.session, wished=wished, actor=g.actor, now=g.now)
    return redirect(url_for(".fit", fit_id=fit_id), 303)


@bp.get("/scorecard/fit/<uuid:fit_id>")
@requires(Permission.RULES_READ)
def fit(fit_id: UUID) -> ResponseReturnValue:
    """The columns to choose from, the progress, or the report."""
    return _page(fit_id)


@bp.post("/scorecard/fit/<uuid:fit_id>")
@requires(Permission.RULES_WRITE)
def learn_file(fit_id: UUID) -> ResponseReturnValue:
    """Learn from a file as the form says."""
    found = queries.one(g.session, fit_id)
    if request.form.get("do") == "look":
        return _page(fit_id)
    try:
        if found.source == "own":
            wished = fit_form.asked_of_own(request.form)
        else:
            wished = fit_columns.wished_of(_columns(found))
    except WishRefused as refusal:
        return _page(fit_id, refusal), refusal.status
    service.ask(g.session, fit_id=fit_id, wished=wished, actor=g.actor, now=g.now)
    return redirect(url_for(".fit", fit_id=fit_id), 303)


@bp.post("/scorecard/fit/<uuid:fit_id>/stop")
@requires(Permission.RULES_WRITE)
def stop_fit(fit_id: UUID) -> ResponseReturnValue:
    """Stop a learning."""
    service.stop(g.session, fit_id=fit_id, actor=g.actor, now=g.now)
    return redirect(url_for(".fit", fit_id=fit_id), 303)


@bp.post("/scorecard/fit/<uuid:fit_id>/draft")
@requires(Permission.RULES_WRITE)
def draft_of_fit(fit_id: UUID) -> ResponseReturnValue:
    """Make a draft of a card that was learnt from facts of Koi."""
    report = queries.one(g.session, fit_id).report
    active = versions.kind_of(g.session, "scorecard").active
    if report is None or active is None:
        raise Missing(fit=str(fit_id))
    body = catalogue.usable(report.scorecard).as_body()
    made = rules.draft(g.session, kind="scorecard", source=active.version, actor=g.actor, now=g.now)
    rules.edit(g.session, kind="scorecard", version=made, seen=1, body=body, actor=g.actor, now=g.now)
    done(_("Version %(version)s is a draft now. Nothing changes until it is put in force.", version=made))
    return redirect(url_for(".show", kind="scorecard", version=made), 303)


def _list(**errors: str) -> str:
    return render_template(
        "rules/fits.html",
        fits=queries.latest(g.session),
        errors=errors,
        sent=request.form,
        facts=fit_page.own_facts(Wished()),
    )


def _columns(found: queries.Fit) -> fit_columns.Columns:
    names = [column["name"] for column in found.columns]
    form = request.form if request.method == "POST" else None
    return fit_columns.columns_of(found, queries.remembered(g.session, names), form)


def _page(fit_id: UUID, refusal: WishRefused | None = None) -> str:
    found = queries.one(g.session, fit_id)
    title, advice = fit_page.refusal_told(found)
    return render_template(
        "rules/fit.html",
        fit=found,
        sheet=fit_page.sheet_of(found.report) if found.report else None,
        way=fit_page.way_of(queries.stand(g.session, found)) if found.state in ("waiting", "stopped") else None,
        columns=_columns(found) if found.columns and found.kept else None,
        facts=fit_page.own_facts(found.wished),
        title=title,
        advice=advice,
        error=refusal.said if refusal else "",
        error_field=str(refusal.params["field"]) if refusal else "",
        sent=request.form,
    )


def _files() -> FitFiles:
    return FitFiles.below(current_app.extensions["koi_settings"].var, current_app.extensions["koi_keys"])
