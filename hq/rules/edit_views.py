"""Changing a draft of screening or routing rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hq.qualification.screening.kinds import FAMILIES, SEVERAL
from hq.qualification.screening.kinds import KINDS as SCREENED
from hq.qualification.screening.kinds import Kind as Rule
from hq.rules import kinds, queries, service, settings, words
from hq.rules.act_views import number
from hq.rules.errors import DraftMoved, NotADraft
from hq.rules.queries import Version
from hq.rules.settings import Setting
from hq.rules.settings_form import Field, body_of, fields_of, texts_of
from hq.rules.views import bp
from shared.identity.permissions import Permission
from shared.platform.errors import DomainError
from shared.web import words as said
from shared.web.access import requires
from shared.web.notes import done

_SETTINGS: Mapping[str, Sequence[Setting]] = {"routing": settings.ROUTING, "screening": settings.SCREENING}


@bp.get("/routing/<int(max=99999):version>/edit")
@requires(Permission.RULES_WRITE)
def edit_routing(version: int) -> ResponseReturnValue:
    """The form of a draft of routing."""
    return _opened("routing", version)


@bp.post("/routing/<int(max=99999):version>/edit")
@requires(Permission.RULES_WRITE)
def save_routing(version: int) -> ResponseReturnValue:
    """Save a draft of routing."""
    return _saved("routing", version)


@bp.get("/screening/<int(max=99999):version>/edit")
@requires(Permission.RULES_WRITE)
def edit_screening(version: int) -> ResponseReturnValue:
    """The form of a draft of screening."""
    return _opened("screening", version)


@bp.post("/screening/<int(max=99999):version>/edit")
@requires(Permission.RULES_WRITE)
def save_screening(version: int) -> ResponseReturnValue:
    """Save a draft of screening."""
    return _saved("screening", version)


def open_draft(kind: str, version: int) -> Version:
    """A draft that is still one.

    Raises:
        Missing: no such version.
        NotADraft: it is in force, was, or was discarded.
    """
    found = queries.kind_of(g.session, kind).find(version)
    if found.status != "draft":
        raise NotADraft(version=version, status=found.status)
    return found


def save(kind: str, version: int, body: Mapping[str, Any]) -> None:
    """Save what the form says, and tell what came of it.

    Raises:
        Invalid, NotADraft, DraftMoved: as `service.edit`.
    """
    changed = service.edit(
        g.session, kind=kind, version=version, seen=number("revision"), body=body, actor=g.actor, now=g.now
    )
    done(_("The draft is saved. Compare it, then put it in force.") if changed else _("Nothing was changed."))


def moved_words(refusal: DomainError | None) -> str:
    """What to say above a form that somebody else was faster with."""
    return said.sentence(refusal.code, refusal.params) if refusal else ""


def _opened(kind: str, version: int) -> ResponseReturnValue:
    draft = open_draft(kind, version)
    texts = texts_of(_SETTINGS[kind], kinds.editable(kind, draft.body))
    return _form(draft, fields_of(kind, _SETTINGS[kind], texts), draft.revision)


def _saved(kind: str, version: int) -> ResponseReturnValue:
    draft = queries.kind_of(g.session, kind).find(version)
    fields = fields_of(kind, _SETTINGS[kind], request.form)
    if any(field.error for field in fields):
        return _form(draft, fields, number("revision"), unsaved=True), 422
    try:
        save(kind, version, body_of(fields))
    except DraftMoved as refusal:
        return _form(draft, fields, number("revision"), unsaved=True, refusal=refusal), refusal.status
    return redirect(url_for(".show", kind=kind, version=version), 303)


def _form(
    draft: Version,
    fields: Sequence[Field],
    revision: int,
    *,
    unsaved: bool = False,
    refusal: DomainError | None = None,
) -> str:
    by_name = {field.setting.name: field for field in fields}
    return render_template(
        f"rules/{draft.kind}.html",
        draft=draft,
        fields=by_name,
        families=_families(),
        revision=revision,
        unsaved=unsaved,
        moved=moved_words(refusal),
        unit_of=words.unit_words,
    )


def _families() -> dict[str, list[Rule]]:
    """The rules of screening as pages show them."""
    return {family: [rule for rule in (*SCREENED, SEVERAL) if rule.family == family] for family in FAMILIES}
