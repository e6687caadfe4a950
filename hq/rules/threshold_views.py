"""Changing a draft of thresholds."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hq.qualification.thresholds.rules import GRADES, By, Fate
from hq.rules import queries
from hq.rules.act_views import number
from hq.rules.edit_views import moved_words, open_draft, save
from hq.rules.errors import DraftMoved
from hq.rules.queries import Version
from hq.rules.threshold_form import Sheet
from hq.rules.views import bp
from shared.identity.permissions import Permission
from shared.platform.errors import DomainError
from shared.web.access import requires


@bp.get("/thresholds/<int(max=99999):version>/edit")
@requires(Permission.RULES_WRITE)
def edit_thresholds(version: int) -> ResponseReturnValue:
    """The form of a draft of thresholds."""
    draft = open_draft("thresholds", version)
    return _form(draft, Sheet.of_body(draft.body), draft.revision, queries.campaign_names(g.session))


@bp.post("/thresholds/<int(max=99999):version>/edit")
@requires(Permission.RULES_WRITE)
def save_thresholds(version: int) -> ResponseReturnValue:
    """Save a draft of thresholds."""
    draft = queries.kind_of(g.session, "thresholds").find(version)
    names = queries.campaign_names(g.session)
    sheet = Sheet.of_form(request.form, list(names))
    body = sheet.body()
    if body is None:
        return _form(draft, sheet, number("revision"), names, unsaved=True), 422
    try:
        save("thresholds", version, body)
    except DraftMoved as refusal:
        return _form(draft, sheet, number("revision"), names, unsaved=True, refusal=refusal), refusal.status
    return redirect(url_for(".show", kind="thresholds", version=version), 303)


def _form(
    draft: Version,
    sheet: Sheet,
    revision: int,
    names: Mapping[str, str],
    *,
    unsaved: bool = False,
    refusal: DomainError | None = None,
) -> str:
    return render_template(
        "rules/thresholds.html",
        draft=draft,
        sheet=sheet,
        names=names,
        others={key: name for key, name in names.items() if key not in sheet.campaigns},
        grades=GRADES,
        fates=list(Fate),
        choices=list(By),
        revision=revision,
        unsaved=unsaved,
        moved=moved_words(refusal),
    )
