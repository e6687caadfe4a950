"""What the clock does with an assignment while a store may still act: reminders, breaches, word to the owner. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from hq.routing.deadlines import CLAIM, LATE, SOON
from shared.leads.breaches import Missed
from shared.leads.events import Event
from shared.leads.lifecycle import Stage
from shared.leads.sellers.hearers import EVERYBODY, Waiting
from shared.notifications.notices import Notice


class Alarm(NamedTuple):
    """An assignment of which something is due, locked."""

    assignment_id: UUID
    dealer_id: UUID
    store_id: UUID
    lead_id: UUID
    stage: str
    offered_at: datetime
    assignee: UUID | None
    deadline_at: datetime
    due_at: datetime | None
    due_kind: str | None
    remind_at: datetime | None
    breached_at: datetime | None
    owner_at: datetime | None

    @property
    def what(self) -> tuple[str, datetime]:
        """What is due, and when."""
        if self.stage == Stage.OFFERED or self.due_kind is None or self.due_at is None:
            return CLAIM, self.deadline_at
        return self.due_kind, self.due_at

    @property
    def offer(self) -> Waiting:
        """It as an offer."""
        return Waiting(self.assignment_id, self.dealer_id, self.store_id, self.offered_at, self.deadline_at)


@dataclass(frozen=True, slots=True)
class Rung:
    """Everything to write."""

    missed: list[Missed] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def ring(alarms: Sequence[Alarm], now: datetime, hearers: Mapping[UUID, Sequence[UUID]] = MappingProxyType({})) -> Rung:
    """What people are told, and what is written down, at `now`. Nobody is reminded of what is late already.

    Args:
        hearers: whom offers concern that not everybody at the store may claim yet.
    """
    out = Rung()
    for alarm in alarms:
        kind, due = alarm.what
        if due > now:
            whom = (alarm.assignee,) if kind != CLAIM else hearers.get(alarm.assignment_id, EVERYBODY)
            out.notices.extend(_notice(SOON[kind], alarm, kind, due, user_id=each) for each in whom)
            continue
        if kind == CLAIM:
            continue
        if alarm.breached_at is None:
            out.missed.append(Missed(alarm.dealer_id, alarm.assignment_id, kind, due, alarm.store_id))
            out.events.append(Event(alarm.lead_id, "breached", _details(alarm, kind, due)))
            out.notices.append(_notice(LATE[kind], alarm, kind, due))
        if alarm.owner_at is not None and alarm.owner_at <= now:
            out.events.append(Event(alarm.lead_id, "escalated", _details(alarm, kind, due) | {"reason": "owner"}))
            out.notices.append(_notice("escalated", alarm, kind, due, to="owner"))
    return out


def _notice(name: str, alarm: Alarm, kind: str, due: datetime, **to: Any) -> Notice:
    details = {"kind": kind, "due": due.isoformat()}
    return Notice(
        name, alarm.dealer_id, alarm.store_id, alarm.assignment_id, details, occasion=f":{due.isoformat()}", **to
    )


def _details(alarm: Alarm, kind: str, due: datetime) -> dict[str, Any]:
    about = {"assignment_id": str(alarm.assignment_id), "store_id": str(alarm.store_id)}
    return about | {"kind": kind, "due": due.isoformat()}
