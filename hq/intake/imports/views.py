"""Imports: the list, the upload, each import's page, and the rows that could not be used."""

from __future__ import annotations

import io
from pathlib import PurePath
from uuid import UUID

from flask import g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from hq.intake.imports import (
    queries,
    rejected_file,
    texts,
    undo_views,  # noqa: F401  their routes
    wizard_texts,  # noqa: F401  teaches the codes
    wizard_views,  # noqa: F401  their routes
)
from hq.intake.imports.blueprint import bp, import_files
from hq.intake.imports.drafts import NotNow
from hq.intake.imports.forms import AgainForm, UploadForm
from hq.intake.imports.grid import Refused
from hq.intake.imports.import_list import IMPORTS
from hq.intake.imports.models import IMPORT_KINDS
from hq.intake.imports.queries import ImportFacts
from hq.intake.imports.sheet import refuse_at_once
from hq.intake.imports.upload import Upload, lay_down
from shared.audit import service as audit
from shared.campaigns.queries import all_campaigns
from shared.identity.permissions import Permission
from shared.leads.metrics import became
from shared.platform.errors import Invalid
from shared.web import tables
from shared.web.access import requires
from shared.web.forms import choices

__all__ = ["bp"]

tables.serve(bp, IMPORTS)

_FORMATS = {"xlsx": rejected_file.as_xlsx, "csv": rejected_file.as_csv}


@bp.get("")
@requires(Permission.IMPORTS_READ)
def index() -> ResponseReturnValue:
    """The list."""
    return render_template("imports/index.html", table=tables.read(IMPORTS))


@bp.get("/new")
@requires(Permission.IMPORTS_WRITE)
def new() -> ResponseReturnValue:
    """The first step: choose a file."""
    return _first_step(_form(request.args.get("kind", "signups")))


@bp.post("")
@requires(Permission.IMPORTS_WRITE)
def upload() -> ResponseReturnValue:
    """Keep a file to be looked at; what can be seen at once to be no list is refused at once."""
    form = _form(request.form.get("kind", "signups"))
    if not form.validate():
        return _first_step(form), 422
    content = form.file.data.read()
    try:
        refuse_at_once(content)
    except Refused as refused:
        form.file.errors = [texts.sentence(refused)]
        return _first_step(form), refused.status
    chosen = form.campaign.data
    given = Upload(
        kind=form.kind.data,
        file_name=form.file.data.filename or "",
        content=content,
        campaign_id=UUID(chosen) if chosen else None,
    )
    return _keep(given)


@bp.post("/<uuid:import_id>/again")
@requires(Permission.IMPORTS_WRITE)
def again(import_id: UUID) -> ResponseReturnValue:
    """Take in the corrected rows of an import: read the same way, and no row twice."""
    facts = queries.one(g.session, import_id)
    if facts.state not in ("done", "cancelled"):
        raise NotNow(state=facts.state)
    form = AgainForm()
    if not form.validate():
        return render_template("imports/show.html", again=form, **_story(facts)), 422
    content = form.file.data.read()
    try:
        refuse_at_once(content)
    except Refused as refused:
        form.file.errors = [texts.sentence(refused)]
        return render_template("imports/show.html", again=form, **_story(facts)), refused.status
    given = Upload(
        kind=facts.kind,
        file_name=form.file.data.filename or "",
        content=content,
        campaign_id=facts.campaign_id,
        continues=facts.continues or import_id,
    )
    return _keep(given)


@bp.get("/<uuid:import_id>")
@requires(Permission.IMPORTS_READ)
def show(import_id: UUID) -> ResponseReturnValue:
    """One import: how far it is, what was repaired, what was rejected and why, what became of the rest."""
    facts = queries.one(g.session, import_id)
    if facts.state == "mapping":
        return redirect(url_for(".columns", import_id=import_id), 303)
    return render_template("imports/show.html", again=AgainForm(), **_story(facts))


@bp.get("/<uuid:import_id>/progress")
@requires(Permission.IMPORTS_READ)
def progress(import_id: UUID) -> ResponseReturnValue:
    """The part of the page that changes while the import runs; once it waits for a person, the page loads anew."""
    facts = queries.one(g.session, import_id)
    if facts.state == "mapping":
        return "", 200, {"HX-Refresh": "true"}
    return render_template("imports/progress.html", again=AgainForm(), **_story(facts))


@bp.post("/<uuid:import_id>/rejected.<kind>")
@requires(Permission.IMPORTS_WRITE)
def rejected(import_id: UUID, kind: str) -> ResponseReturnValue:
    """The rejected rows in clear, to correct and upload again; the audit log keeps who took them."""
    if kind not in _FORMATS:
        raise NotFound
    facts = queries.one(g.session, import_id)
    audit.record(g.session, g.actor, "import:take_rejected", import_id, at=g.now, rows=facts.rejected)
    content = _FORMATS[kind](_headings(facts), _lines(facts))
    name = f"{PurePath(facts.file_name).stem}-{_('not imported')}.{kind}"
    return send_file(io.BytesIO(content), as_attachment=True, download_name=name)


def _headings(facts: ImportFacts) -> list[str]:
    return [_("Row number"), _("Why it was not imported"), *facts.headings]


def _lines(facts: ImportFacts) -> list[rejected_file.Line]:
    rows = queries.rejected_rows(g.session, facts.import_id, import_files())
    return [(row.row, texts.say("reason", row.code, row.params), row.cells) for row in rows]


def _keep(given: Upload) -> ResponseReturnValue:
    import_id = lay_down(g.session, upload=given, files=import_files(), actor=g.actor, now=g.now)
    return redirect(url_for(".show", import_id=import_id), 303)


def _story(facts: ImportFacts) -> dict[str, object]:
    signups = facts.kind == "signups"
    counts = became(g.session, import_id=facts.import_id) if signups and facts.accepted else {}
    return {
        "facts": facts,
        "became": {name: count for name, count in counts.items() if count},
        "examples": queries.first_rejected(g.session, facts, import_files()) if facts.rejected else [],
        "family": queries.family(g.session, facts),
        "history": queries.history(g.session, facts.import_id),
    }


def _form(kind: str) -> UploadForm:
    if kind not in IMPORT_KINDS:
        raise Invalid(field="kind")
    form = UploadForm(kind=kind)
    named = ((str(campaign.campaign_id), campaign.name) for campaign in all_campaigns(g.session))
    form.campaign.choices = choices(("", _("As the column 活动 says")), *named)
    if kind == "stores":
        form.campaign.data = ""  # stores belong to no campaign: the form does not ask
    return form


def _first_step(form: UploadForm) -> str:
    return render_template("imports/new.html", form=form, kind=form.kind.data)
