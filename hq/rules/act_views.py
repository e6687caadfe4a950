"""The life of rules on pages: begin a draft, discard it, put it in force, go back."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from hq.desk import reach
from hq.desk.reach import Reach
from hq.replay import queries as replays
from hq.replay.models import Replay
from hq.replay.service import KINDS as TRIABLE
from hq.rules import queries, service
from hq.rules.errors import ActiveMoved, NoteNeeded
from hq.rules.queries import Kind, Version
from hq.rules.threshold_outlook import outlook
from hq.rules.views import bp, compare
from shared.identity.permissions import Permission
from shared.platform.errors import DomainError
from shared.web import words
from shared.web.access import requires
from shared.web.notes import done

_PATH = "/<any(screening, scorecard, thresholds, routing):kind>/<int(max=99999):version>"


@bp.post(f"{_PATH}/draft")
@requires(Permission.RULES_WRITE)
def draft(kind: str, version: int) -> ResponseReturnValue:
    """Begin a draft from a version, and go on to change it."""
    made = service.draft(g.session, kind=kind, source=version, actor=g.actor, now=g.now)
    done(_("Version %(version)s is a draft now. Nothing changes until it is put in force.", version=made))
    return redirect(url_for(f".edit_{kind}", version=made), 303)


@bp.post(f"{_PATH}/discard")
@requires(Permission.RULES_WRITE)
def discard(kind: str, version: int) -> ResponseReturnValue:
    """Put a draft away."""
    service.discard(g.session, kind=kind, version=version, seen=number("revision"), actor=g.actor, now=g.now)
    done(_("The draft is discarded. It stays in the list; a new draft can begin from it."))
    return redirect(url_for(".versions", kind=kind), 303)


@bp.get(f"{_PATH}/activate")
@requires(Permission.RULES_WRITE)
def activation(kind: str, version: int) -> ResponseReturnValue:
    """What would change with a draft, and the question why."""
    found = queries.kind_of(g.session, kind)
    return _question(found, found.find(version))


@bp.post(f"{_PATH}/activate")
@requires(Permission.RULES_WRITE)
def activate(kind: str, version: int) -> ResponseReturnValue:
    """Put a draft in force."""
    note = request.form.get("note", "")
    seen = {"seen": number("revision"), "seen_active": number("instead_of")}
    try:
        service.activate(g.session, kind=kind, version=version, **seen, note=note, actor=g.actor, now=g.now)
    except (NoteNeeded, ActiveMoved) as refusal:
        return _asked_again(kind, version, refusal)
    done(_("v%(version)s is in force.", version=version))
    return redirect(url_for(".show", kind=kind, version=version), 303)


@bp.get(f"{_PATH}/back")
@requires(Permission.RULES_WRITE)
def way_back(kind: str, version: int) -> ResponseReturnValue:
    """What would change by going back to a version, and the question why."""
    found = queries.kind_of(g.session, kind)
    return _question(found, found.find(version))


@bp.post(f"{_PATH}/back")
@requires(Permission.RULES_WRITE)
def go_back(kind: str, version: int) -> ResponseReturnValue:
    """Put a copy of a version that was in force in force again."""
    note = request.form.get("note", "")
    instead_of = number("instead_of")
    try:
        copy = service.go_back(
            g.session, kind=kind, version=version, seen_active=instead_of, note=note, actor=g.actor, now=g.now
        )
    except (NoteNeeded, ActiveMoved) as refusal:
        return _asked_again(kind, version, refusal)
    done(_("Version %(copy)s is in force: a copy of version %(version)s.", copy=copy, version=version))
    return redirect(url_for(".show", kind=kind, version=copy), 303)


def number(name: str) -> int:
    """A number that the page put into its form itself.

    Raises:
        BadRequest: it is none.
    """
    try:
        return int(request.form[name])
    except ValueError:
        raise BadRequest from None


def _asked_again(kind: str, version: int, refusal: DomainError) -> ResponseReturnValue:
    """The question again, with the comparison as it is now and what was written."""
    found = queries.kind_of(g.session, kind)
    return _question(found, found.find(version), refusal), refusal.status


def _question(kind: Kind, chosen: Version, refusal: DomainError | None = None) -> str:
    """The page that asks whether to put a version in force instead of the active one."""
    moved = isinstance(refusal, ActiveMoved)
    return render_template(
        "rules/activate.html",
        kind=kind,
        chosen=chosen,
        comparison=compare(kind.active, chosen) if kind.active else None,
        outlook=outlook(g.session, chosen, now=g.now) if kind.name == "thresholds" else None,
        reach=_reach(kind, chosen),
        triable=_triable(kind, chosen),
        tried=_tried(kind, chosen),
        note=request.form.get("note", ""),
        moved=words.sentence(refusal.code, refusal.params) if refusal and moved else "",
        error=words.say(refusal.code, refusal.params) if refusal and not moved else "",
    )


def _reach(kind: Kind, chosen: Version) -> Reach | None:
    """Of routing rules, whom they leave a store."""
    return reach.of(g.session, dict(chosen.body or {}), now=g.now) if kind.name == "routing" else None


def _triable(kind: Kind, chosen: Version) -> bool:
    """Whether a draft can be tried on the past before it decides about anybody."""
    return kind.name in TRIABLE and kind.active is not None and chosen.status == "draft"


def _tried(kind: Kind, chosen: Version) -> Replay | None:
    return replays.latest_done(g.session, kind.name, chosen.version) if _triable(kind, chosen) else None
