"""Headquarters' pages about rules: what is in force, every version, and what is different between two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from hq.qualification.scoring.scorecard import Scorecard
from hq.qualification.thresholds.rules import Thresholds
from hq.qualification.thresholds.words import bar_words, reckoned_words
from hq.rules import card_words, kinds, queries, threshold_outlook, threshold_words, words
from hq.rules.queries import Kind, Version
from hq.rules.threshold_outlook import Outlook
from shared.identity.permissions import Permission
from shared.web.access import requires

bp = Blueprint("rules", __name__, url_prefix="/rules", template_folder="templates")
bp.add_app_template_filter(words.who, "rules_who")
bp.add_app_template_filter(words.signed, "signed")
bp.add_app_template_filter(reckoned_words)
bp.add_app_template_filter(bar_words)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions and what is different, in sentences."""

    old: Version
    new: Version
    sentences: Sequence[str]


@bp.app_template_filter("rules_note")
def rules_note(version: Version) -> str:
    """Why a version was put in force."""
    return words.note_words(version.note, version.author)


@bp.get("")
@requires(Permission.RULES_READ)
def index() -> ResponseReturnValue:
    """The kinds, and what is in force."""
    return render_template("rules/index.html", kinds=queries.all_kinds(g.session))


@bp.get("/<any(screening, scorecard, thresholds, routing):kind>")
@requires(Permission.RULES_READ)
def versions(kind: str) -> ResponseReturnValue:
    """Every version of a kind."""
    return render_template("rules/versions.html", kind=queries.kind_of(g.session, kind))


@bp.get("/<any(screening, scorecard, thresholds, routing):kind>/<int(max=99999):version>")
@requires(Permission.RULES_READ)
def show(kind: str, version: int) -> ResponseReturnValue:
    """One version: what it says, and what is different from another."""
    found = queries.kind_of(g.session, kind)
    chosen = found.find(version)
    return render_template(
        "rules/version.html",
        kind=found,
        chosen=chosen,
        comparison=_compared(found, chosen),
        sheet=sheet_of(chosen),
        outlook=outlook_of(chosen),
    )


def outlook_of(version: Version) -> Outlook | None:
    """What thresholds say of today; None of other rules, and of thresholds that are over."""
    if version.kind != "thresholds" or version.status in ("retired", "discarded"):
        return None
    return threshold_outlook.outlook(g.session, version, now=g.now)


def compare(old: Version, new: Version) -> Comparison:
    """What is different between two versions."""
    changes = kinds.differences(new.kind, old.body, new.body)
    names = queries.campaign_names(g.session) if new.kind == "thresholds" else {}
    return Comparison(old, new, words.changes_words(new.kind, changes, names))


def sheet_of(version: Version) -> Mapping[str, Any]:
    """What a version says, as its template shows it."""
    nothing: dict[str, Any] = {"card": None, "thresholds": None, "settings": None}
    if version.kind == "scorecard":
        return nothing | {"card": card_words.told(Scorecard.parse(version.body))}
    if version.kind == "thresholds":
        names = queries.campaign_names(g.session)
        return nothing | {"thresholds": threshold_words.told(Thresholds.parse(version.body), names)}
    return nothing | {"settings": words.settings_words(version.kind, version.body)}


def _compared(kind: Kind, chosen: Version) -> Comparison | None:
    """The comparison that the reader asked for, or the one that says most."""
    wanted = request.args.get("with", "")
    other = next((each for each in kind.versions if str(each.version) == wanted), None) or _beside(kind, chosen)
    return compare(other, chosen) if other is not None and other is not chosen else None


def _beside(kind: Kind, chosen: Version) -> Version | None:
    """What is in force; of that itself the one before, and of the first version none."""
    if chosen.status != "active":
        return kind.active
    before = [each for each in kind.versions if each.retired_at is not None]
    return max(before, key=lambda each: (each.retired_at, each.version), default=None)
