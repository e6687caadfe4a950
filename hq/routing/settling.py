"""What follows from the moves of stores and from time: pure, one lead after the other, under its locks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from hq.routing.plan import claim_deadline
from hq.routing.rules import RoutingRules
from shared.dealers.hours import WeeklyHours
from shared.leads.ending import Ending, Live, notice, where
from shared.leads.events import Event
from shared.leads.lifecycle import HOLDING, LeadMove, LeadState, Move, Stage, after, lead_after
from shared.notifications.notices import Notice

_TAKES = HOLDING | {Stage.LOST}
"""Stages of a store that has, or just had, the lead for itself: the others' offers end."""


class SettlingLead(NamedTuple):
    """A lead with something to settle."""

    lead_id: UUID
    state: str
    hops: int


@dataclass(frozen=True, slots=True)
class Settled:
    """An assignment whose moves were followed; `recycle_at`: when it is taken back unless worked."""

    live: Live
    recycle_at: datetime | None


@dataclass(frozen=True, slots=True)
class LeadSettled:
    """The lead afterwards; `closed`: it is over."""

    lead_id: UUID
    state: LeadState
    reason: Mapping[str, Any] | None  # None: as it was
    hops: int
    closed: bool


@dataclass(frozen=True, slots=True)
class Settlement:
    """Everything to write about one lead."""

    endings: list[Ending] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    lead: LeadSettled | None = None


@dataclass(frozen=True, slots=True)
class Clockwork:
    """Time and rules: `next_step` is the latest moment that a store has planned for an assignment."""

    rules: RoutingRules
    now: datetime
    hours: Callable[[UUID], WeeklyHours]
    next_step: Mapping[UUID, datetime]

    def recycle_at(self, live: Live) -> datetime | None:
        """When a held lead is taken back: after the claim the first contact counts, then every move or plan."""
        if live.stage is Stage.WON:
            return None
        just_claimed = live.stage is Stage.CLAIMED and live.recycle_at is None
        minutes = self.rules.first_contact_minutes if just_claimed else self.rules.idle_minutes
        start = max(live.moved_at, self.next_step.get(live.assignment_id, live.moved_at))
        return claim_deadline(start, minutes, self.hours(live.store_id))


def settle_lead(lead: SettlingLead, lives: Sequence[Live], clockwork: Clockwork) -> Settlement:
    """Follow what happened to a lead's assignments that have not ended."""
    out = Settlement()
    taken = any(live.stage in _TAKES for live in lives)
    let_go = [ending for live in lives if (ending := _one(live, out, clockwork, taken=taken)) and _counts(ending)]
    moved = _lead(lead, lives, out, len(let_go))
    return Settlement(out.endings, out.settled, out.events, out.notices, moved)


def _one(live: Live, out: Settlement, clockwork: Clockwork, *, taken: bool) -> Ending | None:
    moved = live.settled_at != live.moved_at
    if live.stage is Stage.OFFERED:
        ending = _offered(live, clockwork.now, taken=taken)
    elif live.stage in HOLDING:
        late = not moved and live.recycle_at is not None and live.recycle_at <= clockwork.now
        ending = _moved(live, Move.RECYCLE, "recycled") if late and live.stage is not Stage.WON else None
    else:
        ending = Ending(live, live.stage, {"code": live.stage.value})
    if ending is not None:
        out.endings.append(ending)
        _tell(ending, out)
    elif moved:
        out.settled.append(Settled(live, clockwork.recycle_at(live) if live.stage in HOLDING else None))
        if live.stage is Stage.WON:
            out.events.append(Event(live.lead_id, "won", where(live)))
    return ending


def _offered(live: Live, now: datetime, *, taken: bool) -> Ending | None:
    if taken:
        return _moved(live, Move.TAKE, "taken")
    return _moved(live, Move.EXPIRE, "expired") if live.deadline_at <= now else None


def _moved(live: Live, move: Move, code: str) -> Ending:
    return Ending(live, after(live.stage, move), {"code": code})


def _tell(ending: Ending, out: Settlement) -> None:
    """Stores are told what was not their own doing; what they did themselves is in their follow-ups."""
    code = str(ending.reason["code"])
    if code in ("taken", "expired", "recycled"):
        out.notices.append(notice(code, ending.live))
    if code in ("taken", "expired", "recycled", "lost"):
        out.events.append(Event(ending.live.lead_id, code, where(ending.live)))


def _counts(ending: Ending) -> bool:
    """Whether a store let the lead go."""
    return ending.stage in (Stage.DECLINED, Stage.EXPIRED, Stage.RECYCLED)


def _lead(lead: SettlingLead, lives: Sequence[Live], out: Settlement, let_go: int) -> LeadSettled | None:
    state = LeadState(lead.state)
    if state is not LeadState.PLACED:
        return None
    ended = {each.live.assignment_id for each in out.endings}
    left = [live for live in lives if live.assignment_id not in ended]
    hops = lead.hops + let_go
    if any(live.stage is Stage.WON for live in left):
        return LeadSettled(lead.lead_id, lead_after(state, LeadMove.WIN), {"code": "won"}, hops, closed=True)
    if left:
        return LeadSettled(lead.lead_id, state, None, hops, closed=False) if let_go else None
    if any(each.stage is Stage.LOST for each in out.endings):
        return LeadSettled(lead.lead_id, lead_after(state, LeadMove.LOSE), {"code": "lost"}, hops, closed=True)
    codes = [str(each.reason["code"]) for each in out.endings]
    reason = {"code": codes[-1]} if codes else {"code": "returned"}
    return LeadSettled(lead.lead_id, lead_after(state, LeadMove.RETURN), reason, hops, closed=False)
