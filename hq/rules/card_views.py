"""Changing a draft of a scorecard: one form for the whole card, of which one part is shown at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hq.qualification.lately.queries import lately
from hq.qualification.scoring.refusals import CardRefused
from hq.qualification.scoring.scorecard import Scorecard
from hq.rules import card_acts, queries
from hq.rules.act_views import number
from hq.rules.card_form import Sheet
from hq.rules.card_page import Page, page_of, part_of
from hq.rules.edit_views import moved_words, open_draft, save
from hq.rules.errors import DraftMoved
from hq.rules.queries import Version
from hq.rules.views import bp
from shared.identity.permissions import Permission
from shared.platform.errors import DomainError
from shared.web.access import requires


@bp.get("/scorecard/<int(max=99999):version>/edit")
@requires(Permission.RULES_WRITE)
def edit_scorecard(version: int) -> ResponseReturnValue:
    """The card of a draft in the form."""
    draft = open_draft("scorecard", version)
    sheet = Sheet(Scorecard.parse(draft.body).as_body())
    sheet.show(request.args.get("part", "0"))
    return _form(draft, _page(sheet), draft.revision)


@bp.post("/scorecard/<int(max=99999):version>/edit")
@requires(Permission.RULES_WRITE)
def save_scorecard(version: int) -> ResponseReturnValue:
    """Do what a button says with the card that the form carries; only `save` writes."""
    draft = queries.kind_of(g.session, "scorecard").find(version)
    sheet, act = Sheet.of(request.form), request.form.get("do", "look")
    if act == "save":
        return _saved(draft, sheet)
    refused = None
    try:
        card_acts.do(sheet, act, request.form)
    except CardRefused as refusal:
        refused = refusal
    return _form(draft, _page(sheet, refused), number("revision"), unsaved=True)


def _saved(draft: Version, sheet: Sheet) -> ResponseReturnValue:
    try:
        save("scorecard", draft.version, sheet.body)
    except CardRefused as refusal:
        sheet.show(part_of(refusal) or "head")
        return _form(draft, _page(sheet, refusal), number("revision"), unsaved=True), refusal.status
    except DraftMoved as refusal:
        page = _page(sheet)
        return _form(draft, page, number("revision"), unsaved=True, refusal=refusal), refusal.status
    return redirect(url_for(".show", kind="scorecard", version=draft.version), 303)


def _page(sheet: Sheet, refusal: CardRefused | None = None) -> Page:
    return page_of(sheet, _active(), lately(g.session), refusal)


def _active() -> Mapping[str, Any] | None:
    """The card in force."""
    return queries.of_kind(queries.in_force(g.session), "scorecard").body


def _form(
    draft: Version, page: Page, revision: int, *, unsaved: bool = False, refusal: DomainError | None = None
) -> str:
    return render_template(
        "rules/card.html", draft=draft, page=page, revision=revision, unsaved=unsaved, moved=moved_words(refusal)
    )
