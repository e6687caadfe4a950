"""What follows from the moves of stores and from time: pure, one lead after the other, under its locks."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from hq.routing.deadlines import CLAIM, CONTACT, FOLLOW_UP, LATE, Planned, Schedule, counts_from, schedule
from hq.routing.rules import RoutingRules
from shared.dealers.hours import WeeklyHours
from shared.leads.breaches import Missed
from shared.leads.ending import Ending, Live, notice, where
from shared.leads.events import Event
from shared.leads.lifecycle import HOLDING, LeadMove, LeadState, Move, Stage, after, lead_after
from shared.notifications.notices import Notice

ESCALATED = "escalated"
_TAKES = HOLDING | {Stage.LOST}
"""Stages of a store that has, or just had, the lead for itself: the others' offers end."""


class SettlingLead(NamedTuple):
    """A lead with something to settle. `reason`: the code of why it is where it is; `campaign`: its code."""

    lead_id: UUID
    state: str
    hops: int
    reason: str | None = None
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """An assignment whose moves were followed, and what is due for it now; None: nothing any more."""

    live: Live
    schedule: Schedule | None

    @property
    def recycle_at(self) -> datetime | None:
        """When it is taken back unless worked."""
        return self.schedule.recycle_at if self.schedule else None


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
    """Everything to write about one lead. `escalated`: assignments that headquarters is told of."""

    endings: list[Ending] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    escalated: list[Live] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    lead: LeadSettled | None = None


@dataclass(frozen=True, slots=True)
class Clockwork:
    """Time and rules.

    Attributes:
        planned: what a store has planned for an assignment.
        first_report: per assignment whose deadline may have been missed, the first report after it was set.
        befriended: assignments whose customer is a WeCom friend of the store: the clock does not take them back.
    """

    rules: RoutingRules
    now: datetime
    hours: Callable[[UUID], WeeklyHours]
    planned: Mapping[UUID, Planned]
    first_report: Mapping[UUID, datetime] = field(default_factory=dict)
    befriended: Collection[UUID] = frozenset()

    def schedule(self, live: Live, campaign: str | None) -> Schedule | None:
        """What is due for a held lead: after the claim the first contact, then after every report or plan the next."""
        if live.stage not in HOLDING or live.stage is Stage.WON:
            return None
        just_claimed = live.stage is Stage.CLAIMED and live.due_at is None and live.recycle_at is None
        found = schedule(
            self.rules,
            kind=CONTACT if just_claimed else FOLLOW_UP,
            start=counts_from(self.rules, live.moved_at, self.planned.get(live.assignment_id, Planned())),
            grade=live.grade,
            campaign=campaign,
            hours=self.hours(live.store_id),
            protected=live.assignment_id in self.befriended,
        )
        if not live.pooled or found.recycle_at is None:
            return found
        # Claimed from the pool it was offered at that moment.
        protected_until = live.offered_at + timedelta(hours=self.rules.pool_protect_hours)
        return replace(found, recycle_at=max(found.recycle_at, protected_until))

    def missed(self, live: Live, *, moved: bool) -> Missed | None:
        """The deadline of a held lead that passed without a report and is not written down yet."""
        if live.due_at is None or live.due_kind is None or live.breached_at is not None:
            return None
        reported = self.first_report.get(live.assignment_id, live.moved_at) if moved else self.now
        late = live.due_at < reported if moved else live.due_at <= reported
        return Missed(live.dealer_id, live.assignment_id, live.due_kind, live.due_at, live.store_id) if late else None


def may_be_late(live: Live) -> bool:
    """Whether a store moved an assignment after its deadline, which a report before the last one may have kept."""
    return live.breached_at is None and live.due_at is not None and live.due_at < live.moved_at


def settle_lead(lead: SettlingLead, lives: Sequence[Live], clockwork: Clockwork) -> Settlement:
    """Follow what happened to a lead's assignments that have not ended."""
    out = Settlement()
    taken = any(live.stage in _TAKES for live in lives)
    let_go = [ending for live in lives if (ending := _one(lead, live, out, clockwork, taken=taken)) and _counts(ending)]
    moved = _lead(lead, lives, out, len(let_go))
    return Settlement(out.endings, out.settled, out.missed, out.escalated, out.events, out.notices, moved)


def _one(lead: SettlingLead, live: Live, out: Settlement, clockwork: Clockwork, *, taken: bool) -> Ending | None:
    moved = live.settled_at != live.moved_at
    if live.pooled and live.settled_at is None:
        out.events.append(Event(live.lead_id, "pool_claimed", where(live)))
    ending = _ending(live, clockwork.now, moved=moved, taken=taken)
    if (ending is not None or moved) and (missed := clockwork.missed(live, moved=moved)):
        _tell_missed(live, missed, out)
    if ending is not None:
        out.endings.append(ending)
        _tell(ending, out, owner=clockwork.rules.owner_minutes is not None)
    elif moved:
        out.settled.append(Settled(live, clockwork.schedule(live, lead.campaign)))
        if live.stage is Stage.WON:
            out.events.append(Event(live.lead_id, "won", where(live)))
    elif live.held and live.breached_at is not None and live.hq_at is not None and live.hq_at <= clockwork.now:
        _escalate(lead, live, out)
    return ending


def _ending(live: Live, now: datetime, *, moved: bool, taken: bool) -> Ending | None:
    if live.stage is Stage.OFFERED:
        return _offered(live, now, taken=taken)
    if live.stage in HOLDING:
        late = not moved and live.recycle_at is not None and live.recycle_at <= now
        return _moved(live, Move.RECYCLE, "recycled") if late and live.stage is not Stage.WON else None
    return Ending(live, live.stage, {"code": live.stage.value})


def _offered(live: Live, now: datetime, *, taken: bool) -> Ending | None:
    if taken:
        return _moved(live, Move.TAKE, "taken")
    return _moved(live, Move.EXPIRE, "expired") if live.deadline_at <= now else None


def _moved(live: Live, move: Move, code: str) -> Ending:
    return Ending(live, after(live.stage, move), {"code": code})


def _tell(ending: Ending, out: Settlement, *, owner: bool) -> None:
    """Stores are told what was not their own doing; what they did themselves is in their follow-ups."""
    code, live = str(ending.reason["code"]), ending.live
    if code in ("taken", "expired", "recycled"):
        out.notices.append(notice(code, live))
    if code in ("taken", "expired", "recycled", "lost"):
        out.events.append(Event(live.lead_id, code, where(live)))
    if code == "expired":
        out.missed.append(Missed(live.dealer_id, live.assignment_id, CLAIM, live.deadline_at, live.store_id))
        if owner:
            out.notices.append(_missed_claim(live))


def _missed_claim(live: Live) -> Notice:
    details = {"due": live.deadline_at.isoformat()}
    return Notice(LATE[CLAIM], live.dealer_id, live.store_id, live.assignment_id, details, to="owner")


def _tell_missed(live: Live, missed: Missed, out: Settlement) -> None:
    """A deadline that was missed, but noticed only with what came after it: there is nothing to warn of any more."""
    out.missed.append(missed)
    details = {"kind": missed.kind, "due": missed.due_at.isoformat()}
    out.events.append(Event(live.lead_id, "breached", where(live) | details))


def _escalate(lead: SettlingLead, live: Live, out: Settlement) -> None:
    due = None if live.due_at is None else live.due_at.isoformat()
    details = {"kind": live.due_kind, "due": due}
    out.escalated.append(live)
    out.events.append(Event(live.lead_id, ESCALATED, where(live) | details | {"reason": "hq"}))
    out.notices.append(
        Notice(
            ESCALATED,
            live.dealer_id,
            live.store_id,
            live.assignment_id,
            details,
            occasion=f":{due}",
            to="hq",
            lead_id=lead.lead_id,
        )
    )


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
        reason = _reason(lead, out)
        return LeadSettled(lead.lead_id, state, reason, hops, closed=False) if let_go or reason else None
    if any(each.stage is Stage.LOST for each in out.endings):
        return LeadSettled(lead.lead_id, lead_after(state, LeadMove.LOSE), {"code": "lost"}, hops, closed=True)
    codes = [str(each.reason["code"]) for each in out.endings]
    reason = {"code": codes[-1]} if codes else {"code": "returned"}
    return LeadSettled(lead.lead_id, lead_after(state, LeadMove.RETURN), reason, hops, closed=False)


def _reason(lead: SettlingLead, out: Settlement) -> dict[str, Any] | None:
    """Why a lead that a store keeps is on the desk, or no longer is: headquarters is told, or the store went on."""
    if out.escalated and lead.reason != "suspected":
        live = out.escalated[-1]
        return {"code": ESCALATED, "kind": live.due_kind, "due": live.due_at.isoformat() if live.due_at else None}
    if lead.reason == ESCALATED and any(each.live.held for each in out.settled):
        return {"code": "worked"}
    return None
