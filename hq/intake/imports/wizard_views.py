"""The steps before an import: which column is which, what would become of the rows, and the start."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from hq.intake.imports import drafts, queries, texts, wizard
from hq.intake.imports.blueprint import bp, import_files
from hq.intake.imports.columns import VOCABULARIES
from hq.intake.imports.drafts import ChangedMeanwhile, NotReady, TwoColumns
from hq.intake.imports.forms import SeenForm
from hq.intake.imports.grid import Refused
from hq.intake.imports.reading import AS_OF_TIME, NOBODY, Reading
from hq.intake.imports.wizard import MappingPage
from shared.campaigns.queries import TextFacts, texts_of
from shared.identity.permissions import Permission
from shared.platform.errors import DomainError, Invalid, Missing
from shared.signups.submission import COORDINATES
from shared.web import notes, words
from shared.web.access import requires


@bp.get("/<uuid:import_id>/columns")
@requires(Permission.IMPORTS_WRITE)
def columns(import_id: UUID) -> ResponseReturnValue:
    """The second step: left what a column is, right what it becomes."""
    try:
        page = wizard.page(g.session, import_id, import_files(), now=g.now)
    except Missing:
        queries.one(g.session, import_id)  # an import that went on has a page of its own
        return redirect(url_for(".show", import_id=import_id), 303)
    return _second_step(page)


@bp.post("/<uuid:import_id>/columns")
@requires(Permission.IMPORTS_WRITE)
def map_columns(import_id: UUID) -> ResponseReturnValue:
    """Read the file as the form says; a form that cannot be used comes back as it was sent."""
    wanted, seen = _wanted(import_id), _seen()
    try:
        drafts.change_reading(
            g.session, import_id=import_id, seen=seen, wanted=wanted, files=import_files(), actor=g.actor, now=g.now
        )
    except (ChangedMeanwhile, TwoColumns, Refused) as refusal:
        page = wizard.page(g.session, import_id, import_files(), now=g.now)
        return _second_step(page, sent=wanted, refusal=refusal), refusal.status
    step = ".review" if request.form.get("go") == "review" else ".columns"
    return redirect(url_for(step, import_id=import_id), 303)


@bp.get("/<uuid:import_id>/check")
@requires(Permission.IMPORTS_WRITE)
def check(import_id: UUID) -> ResponseReturnValue:
    """The counts of all rows, as far as they are; and whether somebody else changed the columns meanwhile."""
    row = wizard.draft(g.session, import_id)
    seen = request.args.get("version", type=int)
    step = "review" if request.args.get("step") == "review" else "columns"
    progress = wizard.progress_of(row)
    if step == "review" and progress.state != "counting":
        return "", 200, {"HX-Refresh": "true"}
    changed = Reading.from_json(row.reading).changed if seen != row.version else None
    return render_template(
        "imports/counts.html", import_id=import_id, progress=progress, changed=changed, seen=seen, step=step
    )


@bp.get("/<uuid:import_id>/review")
@requires(Permission.IMPORTS_WRITE)
def review(import_id: UUID) -> ResponseReturnValue:
    """The third step: what will happen, before it does."""
    try:
        return _third_step(import_id)
    except Missing:
        queries.one(g.session, import_id)
        return redirect(url_for(".show", import_id=import_id), 303)


@bp.post("/<uuid:import_id>/review")
@requires(Permission.IMPORTS_WRITE)
def claim(import_id: UUID) -> ResponseReturnValue:
    """Which words the people of the list agreed to."""
    before = Reading.from_json(wizard.draft(g.session, import_id).reading)
    wanted = Reading.from_json({**before.as_json(), "claim": _claim(import_id)})
    drafts.change_reading(
        g.session, import_id=import_id, seen=_seen(), wanted=wanted, files=import_files(), actor=g.actor, now=g.now
    )
    return redirect(url_for(".review", import_id=import_id), 303)


@bp.post("/<uuid:import_id>/system")
@requires(Permission.IMPORTS_WRITE)
def system(import_id: UUID) -> ResponseReturnValue:
    """Say what coordinates are of where the list does not, and count again."""
    chosen = request.form.get("system", "")
    if chosen not in COORDINATES:
        raise Invalid(field="system")
    before = wizard.page(g.session, import_id, import_files(), now=g.now).reading
    wanted = replace(before, system=chosen)
    try:
        drafts.change_reading(
            g.session, import_id=import_id, seen=_seen(), wanted=wanted, files=import_files(), actor=g.actor, now=g.now
        )
    except ChangedMeanwhile as refusal:
        return _third_step(import_id, refusal=refusal), refusal.status
    return redirect(url_for(".review", import_id=import_id), 303)


@bp.post("/<uuid:import_id>/start")
@requires(Permission.IMPORTS_WRITE)
def start(import_id: UUID) -> ResponseReturnValue:
    """Import. Before this nothing was written."""
    try:
        drafts.start(
            g.session,
            import_id=import_id,
            seen=_seen(),
            again="again" in request.form,
            remember="remember" in request.form,
            files=import_files(),
            actor=g.actor,
            now=g.now,
        )
    except (ChangedMeanwhile, NotReady) as refusal:
        return _third_step(import_id, refusal=refusal), refusal.status
    return redirect(url_for(".show", import_id=import_id), 303)


@bp.post("/<uuid:import_id>/drop")
@requires(Permission.IMPORTS_WRITE)
def drop(import_id: UUID) -> ResponseReturnValue:
    """Throw an upload away."""
    drafts.give_up(g.session, import_id=import_id, files=import_files(), actor=g.actor, now=g.now)
    notes.done(_("The file was thrown away. Nothing had been imported."))
    return redirect(url_for(".index"), 303)


@bp.post("/<uuid:import_id>/stop")
@requires(Permission.IMPORTS_WRITE)
def stop(import_id: UUID) -> ResponseReturnValue:
    """Stop an import that runs."""
    row = drafts.stop(g.session, import_id=import_id, actor=g.actor, now=g.now)
    told = ngettext(
        "Stopped. %(count)s row was imported before; it stays until you undo it.",
        "Stopped. %(count)s rows were imported before; they stay until you undo them.",
        row.accepted,
        count=row.accepted,
    )
    flash(told, "warn")
    return redirect(url_for(".show", import_id=import_id), 303)


@bp.post("/<uuid:import_id>/go-on")
@requires(Permission.IMPORTS_WRITE)
def go_on(import_id: UUID) -> ResponseReturnValue:
    """Read the rest of an import that was stopped."""
    drafts.go_on(g.session, import_id=import_id, actor=g.actor, now=g.now)
    return redirect(url_for(".show", import_id=import_id), 303)


def _second_step(page: MappingPage, *, sent: Reading | None = None, refusal: DomainError | None = None) -> str:
    facts = queries.one(g.session, page.import_id)
    told = _sentence(refusal, facts.kind) if refusal else ""
    return render_template("imports/columns.html", facts=facts, page=page, sent=sent, told=told)


def _third_step(import_id: UUID, *, refusal: DomainError | None = None) -> str:
    page = wizard.page(g.session, import_id, import_files(), now=g.now)
    facts = queries.one(g.session, import_id)
    told = _sentence(refusal, facts.kind) if refusal else ""
    return render_template(
        "imports/review.html", facts=facts, page=page, told=told, texts=_claimable(page), claim=page.reading.claim
    )


def _claimable(page: MappingPage) -> list[TextFacts]:
    """The versions of the sharing text of the campaigns that the rows belong to."""
    campaigns = [UUID(campaign) for campaign in page.progress.counted.campaigns]
    return [text for text in texts_of(g.session, campaigns) if text.kind == "share"] if campaigns else []


def _sentence(refusal: DomainError, kind: str) -> str:
    """A refusal in words, the meanings of columns too."""
    if isinstance(refusal, Refused):
        return texts.sentence(refusal)
    fields = refusal.params.get("fields")
    if not isinstance(fields, list):
        return words.sentence(refusal.code, refusal.params)
    named = "、".join(words.say(f"import_field.{kind}.{field}") for field in fields)
    return words.sentence(refusal.code, {"fields": named})


def _wanted(import_id: UUID) -> Reading:
    row = wizard.draft(g.session, import_id)
    before, known = Reading.from_json(row.reading), set(VOCABULARIES[row.kind].fields)
    heading = request.form.get("heading_row", "")
    numbers = (name.removeprefix("col-") for name in request.form if name.startswith("col-"))
    fields = {int(number): request.form[f"col-{number}"] for number in numbers if number.isdecimal()}
    if not known.issuperset(value for value in fields.values() if value):
        raise Invalid(field="columns")
    return Reading(
        sheet=request.form.get("sheet") or before.sheet,
        heading_row=int(heading) if heading.isdecimal() and len(heading) < 7 else None,
        fields={i: value for i, value in fields.items() if value},
        claim=before.claim,
        system=before.system,
        remembered=before.remembered,
        guessed=before.guessed,
    )


def _claim(import_id: UUID) -> str:
    chosen = request.form.get("claim", AS_OF_TIME)
    page = wizard.page(g.session, import_id, import_files(), now=g.now)
    if chosen not in {AS_OF_TIME, NOBODY, *(str(text.text_id) for text in _claimable(page))}:
        raise Invalid(field="claim")
    return chosen


def _seen() -> int:
    form = SeenForm()
    if not form.validate() or form.version.data is None:
        raise Invalid(field="version")
    return int(form.version.data)
