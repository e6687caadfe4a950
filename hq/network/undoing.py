"""Taking back what somebody has just changed about many stores: each has again what it had before.

An act is named by the moment of its transaction, which its lines in the log and the stores themselves bear. A store
that was changed since, by whomever, is left as it is.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from hq.network.series import hold
from hq.network.service import OPEN, change, note, wake_near
from shared.audit.models import AuditEntry
from shared.dealers.models import Store
from shared.identity.actor import Actor
from shared.platform.errors import Invalid
from shared.work.doorbell import ring_after_commit

UNDO = "store:undo"
_ACTS = ("store:pause", "store:resume", "store:edit")


@dataclass(frozen=True, slots=True)
class Left:
    """A store that was changed since, and by whom; empty where the log does not say."""

    name: str
    who: str


@dataclass(frozen=True, slots=True)
class Undone:
    """How many stores have again what they had, which were left, and how many had been put back before."""

    done: int
    left: Sequence[Left]
    before: int


def undo(session: Session, *, at: datetime, actor: Actor, now: datetime) -> Undone:
    """Take back what the actor changed about many stores at a moment; once, however often it is sent.

    Raises:
        Invalid: there was no such act, or a store may sell a series again that there is no more.
    """
    lines = _lines(session, at, actor)
    if not lines:
        raise Invalid(field="at")
    stores = session.execute(
        select(Store.store_id, Store.name, Store.changed_at)
        .where(Store.store_id.in_(lines))
        .order_by(Store.dealer_id, Store.store_id)
        .with_for_update(key_share=True)
    ).all()
    put_back = _put_back(session, lines, at)  # asked under the lock: whoever sends it twice at once undoes once
    unchanged = [store.store_id for store in stores if store.changed_at == at]
    moved = [store for store in stores if store.changed_at != at and store.store_id not in put_back]
    _restore(session, {each: lines[each] for each in unchanged}, at=at, actor=actor, now=now)
    return Undone(len(unchanged), _left(session, moved, at), len(put_back))


def _lines(session: Session, at: datetime, actor: Actor) -> dict[UUID, Mapping[str, Any]]:
    rows = session.execute(
        select(AuditEntry.subject, AuditEntry.details).where(
            AuditEntry.action.in_(_ACTS), AuditEntry.at == at, AuditEntry.user_id == actor.user_id
        )
    ).all()
    return {UUID(row.subject.removeprefix("store:")): row.details for row in rows}


def _put_back(session: Session, store_ids: Collection[UUID], at: datetime) -> set[UUID]:
    subjects = [f"store:{each}" for each in store_ids]
    found = session.scalars(
        select(AuditEntry.subject).where(
            AuditEntry.action == UNDO,
            AuditEntry.at > at,
            AuditEntry.subject.in_(subjects),
            AuditEntry.details["of"].astext == at.isoformat(),
        )
    )
    return {UUID(subject.removeprefix("store:")) for subject in found}


def _restore(
    session: Session, lines: Mapping[UUID, Mapping[str, Any]], *, at: datetime, actor: Actor, now: datetime
) -> None:
    """Give the stores what the lines say they had; those that had the same in one statement."""
    alike: dict[str, list[UUID]] = defaultdict(list)
    for store_id, details in lines.items():
        alike[json.dumps(_before(details), sort_keys=True)].append(store_id)
        swapped = {name: [value[1], value[0]] for name, value in details.items() if isinstance(value, list)}
        note(session, [store_id], UNDO, {**swapped, "of": at.isoformat()}, actor=actor, now=now)
    columns = set()
    for stored, store_ids in alike.items():
        values = json.loads(stored)
        hold(session, values.get("series"))
        if values.get("opens_again_at"):
            values["opens_again_at"] = datetime.fromisoformat(values["opens_again_at"])
        change(session, store_ids, true(), {**values, "changed_at": now})
        columns |= values.keys()
        if values.get("status") == "active" or "series" in values:
            wake_near(session, store_ids, now=now)
    if columns & {"daily_capacity", "weekly_capacity"}:
        ring_after_commit(session, "hq.room")


def _before(details: Mapping[str, Any]) -> dict[str, Any]:
    """Columns with what they had; of a pause also its reason and its end."""
    columns = {name: value[0] for name, value in details.items() if isinstance(value, list)}
    if columns.get("status") == "active":
        return {**OPEN}
    if columns.get("status") == "paused":
        return {**columns, "pause_reason": details.get("was_reason"), "opens_again_at": details.get("was_until")}
    return columns


def _left(session: Session, moved: Sequence[Any], at: datetime) -> list[Left]:
    subjects = [f"store:{each.store_id}" for each in moved]
    lines = session.execute(
        select(AuditEntry.subject, AuditEntry.actor)
        .where(AuditEntry.subject.in_(subjects), AuditEntry.at > at)
        .order_by(AuditEntry.at, AuditEntry.entry_id)
    )
    last = {line.subject: line.actor.partition(" (")[0] for line in lines}
    return [Left(each.name, last.get(f"store:{each.store_id}", "")) for each in moved]
