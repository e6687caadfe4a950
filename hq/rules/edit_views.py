"""Changing a draft of screening or routing rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

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
from shared.campaigns.models import Campaign
from shared.identity.permissions import Permission
from shared.platform.errors import DomainError
from shared.web import words as said
from shared.web.access import requires
from shared.web.holidays import calendar_warning
from shared.web.notes import done
from shared.web.words import tell


def _settings(draft: Version) -> Sequence[Setting]:
    """What the form of a draft asks for; of routing also for what campaigns that run, or are named, say themselves."""
    if draft.kind == "screening":
        return settings.SCREENING
    running = g.session.scalars(select(Campaign.code).where(Campaign.status == "live"))
    codes = sorted({*running, *draft.body.get("by_campaign", {})})
    return (*settings.ROUTING, *(setting for code in codes for setting in settings.of_campaign(code)))


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
    asked = _settings(draft)
    texts = texts_of(asked, kinds.editable(kind, draft.body))
    return _form(draft, fields_of(kind, asked, texts), draft.revision)


def _saved(kind: str, version: int) -> ResponseReturnValue:
    draft = queries.kind_of(g.session, kind).find(version)
    fields = fields_of(kind, _settings(draft), request.form)
    if any(field.error for field in fields):
        return _form(draft, fields, number("revision"), unsaved=True), 422
    try:
        save(kind, version, _body(kind, fields))
    except DraftMoved as refusal:
        return _form(draft, fields, number("revision"), unsaved=True, refusal=refusal), refusal.status
    return redirect(url_for(".show", kind=kind, version=version), 303)


def _body(kind: str, fields: Sequence[Field]) -> dict[str, Any]:
    """What the form says; of routing without campaigns that say nothing."""
    body = body_of(fields)
    if kind == "routing":
        body["by_campaign"] = {code: own for code, own in body.get("by_campaign", {}).items() if own}
    return body


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
        groups=_groups(fields) if draft.kind == "routing" else {},
        warning=calendar_warning() if draft.kind == "routing" else "",
    )


def _groups(fields: Sequence[Field]) -> dict[str, list[Field]]:
    """The fields of routing under their headings."""
    found: dict[str, list[Field]] = {}
    for field in fields:
        found.setdefault(settings.group_of(field.setting), []).append(field)
    return found


def _families() -> dict[str, list[Rule]]:
    """The rules of screening as pages show them."""
    return {family: [rule for rule in (*SCREENED, SEVERAL) if rule.family == family] for family in FAMILIES}


for _group, _heading in {
    "strategy": _l("One store, several or headquarters"),
    "store": _l("Which store"),
    "claim": _l("Time to claim"),
    "contact": _l("First contact"),
    "follow_up": _l("Next follow-up"),
    "remind": _l("Reminders before a deadline"),
    "late": _l("When a first contact or a follow-up is missed"),
    "pool": _l("Open pool"),
    "campaign": _l("Campaigns with rules of their own"),
}.items():
    tell(f"rule_group.{_group}", _heading)
