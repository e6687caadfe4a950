"""Undoing an import: what it would do is shown before it is done; after a store has seen a lead of it, as a recall."""

from __future__ import annotations

from uuid import UUID

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hq.intake.imports import queries, undo_effects, undo_service
from hq.intake.imports.blueprint import bp
from hq.intake.imports.forms import UndoForm
from hq.intake.imports.queries import ImportFacts
from hq.intake.imports.undo_service import SeenMeanwhile
from shared.identity.permissions import Permission
from shared.platform.errors import Invalid
from shared.web import notes
from shared.web.access import requires


@bp.get("/<uuid:import_id>/undo")
@requires(Permission.IMPORTS_WRITE)
def undo(import_id: UUID) -> ResponseReturnValue:
    """What undoing an import would do now."""
    facts = queries.one(g.session, import_id)
    if facts.state not in ("done", "cancelled"):
        return redirect(url_for(".show", import_id=import_id), 303)
    return _page(facts, UndoForm())


@bp.post("/<uuid:import_id>/undo")
@requires(Permission.IMPORTS_WRITE)
def do_undo(import_id: UUID) -> ResponseReturnValue:
    """Undo an import, as the page said."""
    facts = queries.one(g.session, import_id)
    if facts.kind == "stores":
        undo_service.undo_stores(g.session, import_id=import_id, actor=g.actor, now=g.now)
        notes.done(_("The list was undone."))
        return redirect(url_for(".show", import_id=import_id), 303)
    form = UndoForm()
    try:
        undo_service.undo_signups(
            g.session,
            import_id=import_id,
            as_recall=request.form.get("kind") == "recall",
            reason=form.reason.data or "",
            note=form.note.data or "",
            actor=g.actor,
            now=g.now,
        )
    except (SeenMeanwhile, Invalid) as refusal:
        form.refuse(refusal)
        return _page(facts, form), refusal.status
    return redirect(url_for(".show", import_id=import_id), 303)


def _page(facts: ImportFacts, form: UndoForm) -> str:
    of = undo_effects.of_stores if facts.kind == "stores" else undo_effects.of_signups
    return render_template(
        "imports/undo.html",
        facts=facts,
        form=form,
        effects=of(g.session, facts.import_id),
        family=[one for one in queries.family(g.session, facts) if one.accepted and one.state != "undone"],
    )
