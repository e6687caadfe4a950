"""Imports: upload, watch, and take away what could not be used."""

from __future__ import annotations

import io
from pathlib import PurePath
from uuid import UUID

from flask import Blueprint, current_app, g, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from hq.intake.imports import queries, rejected_file, texts
from hq.intake.imports.files import ImportFiles
from hq.intake.imports.forms import UploadForm
from hq.intake.imports.queries import ImportFacts
from hq.intake.imports.upload import AlreadyImported, Upload, take_in
from shared.audit import service as audit
from shared.campaigns.queries import all_campaigns
from shared.identity.permissions import Permission
from shared.leads.metrics import became
from shared.web.access import requires
from shared.web.forms import choices

bp = Blueprint("imports", __name__, url_prefix="/imports", template_folder="templates")

_FORMATS = {"xlsx": rejected_file.as_xlsx, "csv": rejected_file.as_csv}


@bp.app_template_filter("import_words")
def import_words(code: str, family: str, params: dict[str, object] | None = None) -> str:
    """The sentence for a code of an import."""
    return texts.say(family, code, params)


@bp.app_template_filter("import_advice")
def import_advice(refusal: dict[str, object]) -> str:
    """What to do about a file that was refused."""
    return texts.advise(str(refusal["code"]), refusal["params"])  # type: ignore[arg-type]  # JSON of our own


@bp.get("")
@requires(Permission.IMPORTS_READ)
def index() -> ResponseReturnValue:
    """The imports of late, and the form."""
    return _list(_form())


@bp.post("")
@requires(Permission.IMPORTS_WRITE)
def upload() -> ResponseReturnValue:
    """Take in a file; it is read in the background."""
    form = _form()
    if not form.validate():
        return _list(form), 422
    try:
        taken = take_in(g.session, upload=_upload(form), files=_files(), actor=g.actor, now=g.now)
    except AlreadyImported as refusal:
        form.refuse(refusal)
        return _list(form), refusal.status
    return redirect(url_for(".show", import_id=taken.import_id), 303)


@bp.get("/<uuid:import_id>")
@requires(Permission.IMPORTS_READ)
def show(import_id: UUID) -> ResponseReturnValue:
    """One import: how far it is, what was repaired, what was rejected and why."""
    return render_template("imports/show.html", **_story(import_id))


@bp.get("/<uuid:import_id>/progress")
@requires(Permission.IMPORTS_READ)
def progress(import_id: UUID) -> ResponseReturnValue:
    """The part of the page that changes while the import runs."""
    return render_template("imports/progress.html", **_story(import_id))


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
    return [_("Row"), _("Why it was not imported"), *facts.headings]


def _lines(facts: ImportFacts) -> list[rejected_file.Line]:
    rows = queries.rejected_rows(g.session, facts.import_id, _files())
    return [(row.row, texts.say("reason", row.code, row.params), row.cells) for row in rows]


def _story(import_id: UUID) -> dict[str, object]:
    return {
        "facts": queries.one(g.session, import_id),
        "became": {name: count for name, count in became(g.session, import_id=import_id).items() if count},
    }


def _form() -> UploadForm:
    form = UploadForm()
    named = ((str(campaign.campaign_id), campaign.name) for campaign in all_campaigns(g.session))
    form.campaign.choices = choices(("", _("As the column 活动 says")), *named)
    return form


def _upload(form: UploadForm) -> Upload:
    kind = form.kind.data
    chosen = form.campaign.data if kind == "signups" else ""
    return Upload(
        kind=kind,
        file_name=form.file.data.filename or "",
        content=form.file.data.read(),
        campaign_id=UUID(chosen) if chosen else None,
        again=form.again.data,
    )


def _list(form: UploadForm) -> str:
    return render_template("imports/index.html", form=form, imports=queries.latest(g.session))


def _files() -> ImportFiles:
    return ImportFiles.below(current_app.extensions["koi_settings"].var, current_app.extensions["koi_keys"])
