"""The life of rules: drafts are written, tried and put in force; what is in force is never edited.

Every act locks its kind first, so two people who act at once come one after the other, and the second is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hq.rules import kinds
from hq.rules.errors import ActiveMoved, DraftMoved, NotADraft, NoteNeeded, NothingToGoBackTo
from hq.rules.models import RuleSet
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.platform.errors import Missing
from shared.platform.ids import new_id

_NOTE = "what Koi comes with"
MOST_NOTE = 500


def ensure_defaults(session: Session, defaults: Mapping[str, Mapping[str, Any]], *, now: datetime) -> None:
    """Activate version 1 of every kind that has no version yet, so that decisions name rules one can look up.

    Args:
        session: as headquarters.
        defaults: body by kind.
    """
    known = set(session.scalars(select(RuleSet.kind).distinct()))
    for kind in sorted(set(defaults) - known):
        session.execute(
            insert(RuleSet)
            .values(
                rule_set_id=new_id(now),
                kind=kind,
                version=1,
                status="active",
                body=dict(defaults[kind]),
                note=_NOTE,
                author="system",
                created_at=now,
                revision=1,
                changed_by="system",
                changed_at=now,
                activated_by="system",
                activated_at=now,
            )
            .on_conflict_do_nothing()
        )


def draft(session: Session, *, kind: str, source: int, actor: Actor, now: datetime) -> int:
    """Begin a draft as a copy of any version; gives its number.

    Raises:
        Missing: no such kind or version.
    """
    lock(session, kind)
    return _copy(session, _find(session, kind, source), actor=actor, now=now).version


def edit(
    session: Session,
    *,
    kind: str,
    version: int,
    seen: int,
    body: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> bool:
    """Save a draft; whether anything was different.

    Args:
        seen: the revision that the operator's form was filled from.

    Raises:
        Missing: no such version.
        Invalid: the body cannot be used.
        NotADraft: it is in force, was, or was discarded.
        DraftMoved: somebody saved it since.
    """
    kinds.check(kinds.known(kind), body)
    lock(session, kind)
    found = _open_draft(session, kind, version, seen)
    if found.body == dict(body):
        return False
    found.body = dict(body)
    found.revision += 1
    found.changed_by, found.changed_at = actor.name, now
    _record(session, actor, "rules:edit", found, now, revision=found.revision)
    return True


def discard(session: Session, *, kind: str, version: int, seen: int, actor: Actor, now: datetime) -> None:
    """Put a draft away; it stays in the history, and its number is not used again.

    Raises:
        Missing, NotADraft, DraftMoved: as `edit`.
    """
    lock(session, kind)
    found = _open_draft(session, kind, version, seen)
    found.status = "discarded"
    found.changed_by, found.changed_at = actor.name, now
    _record(session, actor, "rules:discard", found, now)


def activate(
    session: Session,
    *,
    kind: str,
    version: int,
    seen: int,
    seen_active: int,
    note: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Put a draft in force in the place of the active version, which is retired.

    Args:
        seen: the draft's revision that the operator looked at.
        seen_active: the active version that the operator compared it with.
        note: why.

    Raises:
        Missing: no such version.
        NoteNeeded: the note is empty.
        NotADraft, DraftMoved: as `edit`.
        ActiveMoved: another version is in force meanwhile.
        Invalid: the body cannot be used (it was written for another form of these rules).
    """
    lock(session, kind)
    found = _open_draft(session, kind, version, seen)
    _put_in_force(session, found, seen_active=seen_active, note=note, actor=actor, now=now)


def go_back(
    session: Session, *, kind: str, version: int, seen_active: int, note: str, actor: Actor, now: datetime
) -> int:
    """Put a copy of a version that was in force before in force again; gives the copy's number.

    Raises:
        Missing, NoteNeeded, ActiveMoved, Invalid: as `activate`.
        NothingToGoBackTo: it was never in force, or it is now.
    """
    lock(session, kind)
    old = _find(session, kind, version)
    if old.status != "retired":
        raise NothingToGoBackTo(version=version, status=old.status)
    copy = _copy(session, old, actor=actor, now=now, told=False)
    _put_in_force(session, copy, seen_active=seen_active, note=note, actor=actor, now=now)
    return copy.version


def lock(session: Session, kind: str) -> None:
    """Let one transaction at a time write rules of a kind, until it ends.

    Raises:
        Missing: no such kind.
    """
    key = func.hashtextextended(f"rules:{kinds.known(kind)}", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))


def _put_in_force(
    session: Session, found: RuleSet, *, seen_active: int, note: str, actor: Actor, now: datetime
) -> None:
    note = note.strip()
    if not note or len(note) > MOST_NOTE:
        raise NoteNeeded(field="note", most=MOST_NOTE)
    active = session.scalars(
        select(RuleSet)
        .where(RuleSet.kind == found.kind, RuleSet.status == "active")
        .execution_options(populate_existing=True)
    ).one_or_none()
    if (active.version if active else 0) != seen_active:
        raise ActiveMoved(
            seen=seen_active,
            active=active.version if active else 0,
            who=active.activated_by if active else "–",
            at=active.activated_at if active else None,
        )
    kinds.check(found.kind, found.body)
    if active is not None:
        active.status, active.retired_at = "retired", now
        session.flush()  # one version at a time is active: the old one goes first
    found.status, found.note = "active", note
    found.activated_by, found.activated_at = actor.name, now
    _record(session, actor, "rules:activate", found, now, instead_of=seen_active, note=note)


def _copy(session: Session, source: RuleSet, *, actor: Actor, now: datetime, told: bool = True) -> RuleSet:
    last = session.scalar(select(func.max(RuleSet.version)).where(RuleSet.kind == source.kind))
    made = RuleSet(
        rule_set_id=new_id(now),
        kind=source.kind,
        version=(last or 0) + 1,
        status="draft",
        body=dict(source.body),
        note="",
        author=actor.name,
        created_at=now,
        based_on=source.version,
        revision=1,
        changed_by=actor.name,
        changed_at=now,
    )
    session.add(made)
    session.flush()
    if told:
        _record(session, actor, "rules:draft", made, now, based_on=source.version)
    return made


def _find(session: Session, kind: str, version: int) -> RuleSet:
    found = session.scalars(
        select(RuleSet)
        .where(RuleSet.kind == kind, RuleSet.version == version)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise Missing(kind=kind, version=version)
    return found


def _open_draft(session: Session, kind: str, version: int, seen: int) -> RuleSet:
    found = _find(session, kind, version)
    if found.status == "draft" and found.revision == seen:
        return found
    if found.status == "draft":
        raise DraftMoved(version=version, who=found.changed_by, at=found.changed_at, status=found.status)
    raise NotADraft(version=version, status=found.status)


def _record(session: Session, actor: Actor, action: str, found: RuleSet, now: datetime, **details: object) -> None:
    told = {"kind": found.kind, "version": found.version, **details}
    audit.record(session, actor, action, f"rules:{found.rule_set_id}", at=now, details=told)
