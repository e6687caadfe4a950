"""Changing a draft of routing rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hq.rules import kinds, queries, service, settings, words
from hq.rules.act_views import number
from hq.rules.errors import DraftMoved, NotADraft
from hq.rules.queries import Version
from hq.rules.settings_form import Field, body_of, fields_of, texts_of
from hq.rules.views import bp
from shared.identity.permissions import Permission
from shared.platform.errors import DomainError
from shared.web import words as said
from shared.web.access import requires
from shared.web.notes import done


@bp.get("/routing/<int(max=99999):version>/edit")
@requires(Permission.RULES_WRITE)
def edit_routing(version: int) -> ResponseReturnValue:
    """The form of a draft."""
    draft = open_draft("routing", version)
    texts = texts_of(settings.ROUTING, kinds.present("routing", draft.body))
    return _routing(draft, fields_of("routing", settings.ROUTING, texts), draft.revision)


@bp.post("/routing/<int(max=99999):version>/edit")
@requires(Permission.RULES_WRITE)
def save_routing(version: int) -> ResponseReturnValue:
    """Save a draft."""
    draft = queries.kind_of(g.session, "routing").find(version)
    fields = fields_of("routing", settings.ROUTING, request.form)
    if any(field.error for field in fields):
        return _routing(draft, fields, number("revision")), 422
    try:
        save("routing", version, body_of(fields))
    except DraftMoved as refusal:
        return _routing(draft, fields, number("revision"), refusal), refusal.status
    return redirect(url_for(".show", kind="routing", version=version), 303)


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


def _routing(draft: Version, fields: Sequence[Field], revision: int, refusal: DomainError | None = None) -> str:
    return render_template(
        "rules/settings.html",
        draft=draft,
        fields=fields,
        revision=revision,
        moved=moved_words(refusal),
        units={field.setting.name: words.unit_words(field.setting.unit) for field in fields},
    )
