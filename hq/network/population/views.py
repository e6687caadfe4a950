"""Headquarters' pages about the population of districts: the table in force, and one that is looked at."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from hq.intake.imports import texts as import_texts
from hq.intake.imports.blueprint import import_files
from hq.intake.imports.grid import Refused
from hq.network.population import queries, service, texts
from hq.network.population.columns import FIELDS
from hq.network.population.forms import LookForm, UploadForm
from hq.network.population.models import PopulationDraft
from hq.network.population.opening import Opened, open_table
from hq.network.population.understanding import Understood, understand
from shared.identity.permissions import Permission
from shared.platform.errors import DomainError, Missing
from shared.population.people import people_by_county
from shared.regions import divisions
from shared.web import formats
from shared.web.access import requires
from shared.web.notes import done

bp = Blueprint("population", __name__, url_prefix="/population", template_folder="templates")
texts.register(bp)

_LINES, _FIRST = 200, 8  # of one reason; of what was understood


@bp.get("")
@requires(Permission.STORES_READ)
def index() -> ResponseReturnValue:
    """The table in force, and where another is uploaded."""
    return _index(UploadForm(formdata=None))


@bp.post("")
@requires(Permission.STORES_WRITE)
def upload() -> ResponseReturnValue:
    """Keep a file to be looked at."""
    form = UploadForm()
    if not form.validate():
        return _index(form), 422
    try:
        draft_id = service.lay_down(
            g.session,
            content=form.file.data.read(),
            file_name=form.file.data.filename or "",
            files=import_files(),
            actor=g.actor,
            now=g.now,
        )
    except Refused as refused:
        form.file.errors = [import_texts.sentence(refused)]
        return _index(form), refused.status
    return redirect(url_for(".look", draft_id=draft_id), 303)


@bp.get("/<uuid:draft_id>")
@requires(Permission.STORES_WRITE)
def look(draft_id: UUID) -> ResponseReturnValue:
    """What was understood of an upload; nothing is in force of it."""
    draft, opened = _opened(draft_id)
    understood = _understood(draft, opened)
    form = LookForm(
        formdata=None,
        **{name: str(draft.columns.get(name, "")) for name in FIELDS},
        seen=queries.token(queries.in_force(g.session)),
        unit=str(understood.unit if understood else draft.unit or 1),
        source=draft.source,
        as_of=str(draft.as_of or ""),
    )
    return _look(form, draft, opened, understood)


@bp.post("/<uuid:draft_id>")
@requires(Permission.STORES_WRITE)
def read(draft_id: UUID) -> ResponseReturnValue:
    """Read the file as the form says; with `take` and nothing new about how, put it in force."""
    try:
        return _read(draft_id)
    except Missing:  # the second press of one button, or a colleague's
        flash(_("This upload was taken over or thrown away already."), "warn")
        return redirect(url_for(".index"), 303)


def _read(draft_id: UUID) -> ResponseReturnValue:
    draft, opened = _opened(draft_id)
    understood = _understood(draft, opened)
    form = LookForm()
    form.offer(opened.headings)
    taking = "take" in request.form
    if not (form.validate() and form.read_well() and (not taking or form.whole(g.now))):
        return _look(form, draft, opened, understood), 422
    as_guessed = draft.unit is None and understood is not None and form.counted_in == understood.unit
    other = service.read_as(
        g.session,
        draft_id=draft_id,
        columns=form.columns,
        unit=None if as_guessed else form.counted_in,
        source=form.source.data or "",
        as_of=form.year,
    )
    if not taking or other:
        if taking:
            flash(_("You changed how the file is read. Look at it once more, then take it over."), "warn")
        return redirect(url_for(".look", draft_id=draft_id), 303)
    g.session.flush()
    try:
        taken = service.take_over(
            g.session, draft_id=draft_id, seen=form.seen.data or "", files=import_files(), actor=g.actor, now=g.now
        )
    except (service.Replaced, service.NothingRead) as refusal:
        form.refuse(refusal)
        form.seen.data = queries.token(queries.in_force(g.session))  # now they have seen it
        return _look(form, draft, opened, understood), refusal.status
    number = len(taken.people)
    told = ngettext(
        "%(count)s district has its people now.",
        "%(count)s districts have their people now.",
        number,
        count=formats.number(number),
    )
    done(told)
    return redirect(url_for("territories.coverage"), 303)


@bp.post("/<uuid:draft_id>/drop")
@requires(Permission.STORES_WRITE)
def drop(draft_id: UUID) -> ResponseReturnValue:
    """Throw an upload away."""
    service.drop(g.session, draft_id=draft_id, files=import_files(), actor=g.actor, now=g.now)
    done(_("The file was thrown away. Nothing was changed."))
    return redirect(url_for(".index"), 303)


@bp.post("/remove")
@requires(Permission.STORES_WRITE)
def remove() -> ResponseReturnValue:
    """Take the table in force away."""
    try:
        service.remove(g.session, seen=request.form.get("seen", ""), actor=g.actor, now=g.now)
    except service.Replaced as refusal:
        return _index(UploadForm(formdata=None), refusal), refusal.status
    done(_("The population table is gone; territories are told by districts and leads again."))
    return redirect(url_for(".index"), 303)


def _index(form: UploadForm, refusal: DomainError | None = None) -> str:
    if refusal is not None:
        form.refuse(refusal)
    table = queries.in_force(g.session)
    people = people_by_county(g.session)
    bare = [each for each in divisions.smallest() if each.code not in people] if table is not None else []
    return render_template(
        "population/index.html",
        form=form,
        table=table,
        token=queries.token(table),
        bare=texts.by_province(bare),
        bare_count=len(bare),
        districts=len(divisions.smallest()),
    )


def _opened(draft_id: UUID) -> tuple[PopulationDraft, Opened]:
    draft = queries.draft(g.session, draft_id)
    return draft, open_table(import_files().get(draft_id, draft.file_key), draft.file_name)


def _understood(draft: PopulationDraft, opened: Opened) -> Understood | None:
    if "people" not in draft.columns or len(draft.columns) < 2:
        return None
    return understand(opened.rows, draft.columns, draft.unit)


def _look(form: LookForm, draft: PopulationDraft, opened: Opened, understood: Understood | None) -> str:
    form.offer(opened.headings)
    bare = list(understood.bare) if understood else []
    return render_template(
        "population/look.html",
        form=form,
        draft=draft,
        opened=opened,
        understood=understood,
        table=queries.in_force(g.session),
        first=list(understood.people.items())[:_FIRST] if understood else [],
        names=texts.full_name,
        groups=texts.by_reason(understood.left) if understood else [],
        shown=_LINES,
        bare=texts.by_province(bare),
        bare_count=len(bare),
        districts=len(divisions.smallest()),
    )
