"""What becomes of leads when two contacts are taken apart: each goes with the person whose wish it is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.facts import Said
from hq.qualification.jobs import geography, rulebook
from hq.qualification.joined import LeadNow, Whole
from hq.qualification.lead_rows import SCORED, write_scores
from hq.qualification.links import LOOK_AGAIN
from hq.qualification.matching.models import ContactMerge
from hq.qualification.matching.parting import Parted
from hq.qualification.profile import scoring_facts, wish
from hq.qualification.scoring.scorecard import score
from hq.routing.network import ATLAS
from shared.db.batch import Rows
from shared.identity.actor import Actor
from shared.leads.events import Event, tell
from shared.leads.lifecycle import LeadMove, LeadState, lead_after

_LOCK = text("SELECT 1 FROM leads WHERE lead_id = ANY(:leads) ORDER BY lead_id FOR NO KEY UPDATE")
_MOVE_ASSIGNMENTS = text("UPDATE assignments SET contact_id = :loser WHERE lead_id = ANY(:leads)")
_MOVE_LEADS = text("UPDATE leads SET contact_id = :loser, changed_at = :now WHERE lead_id = ANY(:leads)")
_REOPENED = Rows({"lead_id": "uuid", "state": "text", "reason": "jsonb", "due_at": "timestamptz"})
_REOPEN = text(
    f"""
    UPDATE leads l SET state = t.state, state_reason = t.reason, due_at = t.due_at, closed_at = NULL, changed_at = :now
    FROM {_REOPENED.source} WHERE l.lead_id = t.lead_id
    """  # noqa: S608 (names of this module)
)


@dataclass(frozen=True, slots=True)
class Reopened:
    """A lead that the joining had closed, and how it stands again."""

    lead_id: UUID
    state: LeadState
    reason: Mapping[str, Any]
    due_at: datetime | None  # None: now


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to become of the leads.

    Attributes:
        leaving: those that go with the person who is taken out.
        told: whose stories tell of it.
        scored_by: sign-ups that the kept lead's score rests on from now on; () to restore what it was,
            None to leave it.
    """

    leaving: frozenset[UUID]
    reopened: Sequence[Reopened]
    told: Sequence[UUID]
    kept: Mapping[str, Any] | None
    scored_by: Sequence[Said] | None
    before: Mapping[UUID, UUID | None] = field(default_factory=dict)

    def lead_of(self, said: Said, *, leaves: bool) -> UUID | None:
        """The lead that a sign-up is in; None when it was in one that is now somebody else's."""
        now = said.lead_id
        if now is None:
            return None
        before = self.before.get(said.signup_id)
        if leaves and before in self.leaving:
            return before
        return now if (now in self.leaving) is leaves else None


def plan(found: Whole, parted: Parted, consented: Collection[UUID]) -> Plan:
    """Decide it. `consented`: scopes that the person who is taken out agrees to."""
    own = {UUID(lead_id) for lead_id in found.moved["leads"]}
    since = {each.lead_id for each in found.leads if each.opened_at >= found.at and each.opened_by in parted.signups}
    leaving = frozenset(own | since)
    leads = {each.lead_id: each for each in found.leads}
    before = {UUID(signup_id): lead_id and UUID(lead_id) for signup_id, lead_id in found.moved["signups"]}
    reopened = []
    if found.lost and _may_reopen(leads[found.lost], found, leaving, before, consented):
        reopened.append(_reopened(found.moved["lead"]))
    if found.kept and _closed_by_joining(leads[found.kept], found):
        reopened.append(_reopened(found.moved["kept_lead"]))
    open_ones = {each.lead_id for each in found.leads if each.closed_at is None}
    told = open_ones | {each.lead_id for each in reopened} | ({found.lost} if found.lost else set())
    return Plan(
        leaving=leaving,
        reopened=reopened,
        told=sorted(told),
        kept=found.moved["kept_lead"],
        scored_by=_scored_by(found, parted),
        before=before,
    )


def _may_reopen(
    lead: LeadNow,
    found: Whole,
    leaving: Collection[UUID],
    before: Mapping[UUID, UUID | None],
    consented: Collection[UUID],
) -> bool:
    """A lead that was closed as somebody else's is open again, unless nothing is left in it, the consent is gone, or
    the person has another open one."""
    others = (each for each in found.leads if each.lead_id in leaving and each.closed_at is None)
    had = [signup_id for signup_id, lead_id in before.items() if lead_id == lead.lead_id]
    still = {each.said.signup_id for each in found.signups if each.said.outcome == "in_lead"}
    return (
        lead.state == LeadState.CLOSED
        and lead.reason.get("code") == "merged"
        and lead.scope_id in consented
        and not any(others)
        and (not had or not still.isdisjoint(had))
    )


def _closed_by_joining(lead: LeadNow, found: Whole) -> bool:
    """Whether a consent that the other one had taken back ended it."""
    return lead.closed_at == found.at and lead.reason.get("code") == "withdrawn"


def _reopened(before: Mapping[str, Any]) -> Reopened:
    """As it stood; what stood with a store waits for one again, or for headquarters if it was suspected."""
    lead_id, state, reason = UUID(before["lead_id"]), LeadState(before["state"]), before["state_reason"]
    if state is LeadState.WAITING:
        again = lead_after(LeadState.CLOSED, LeadMove.REVIVE)
        return Reopened(lead_id, again, reason, datetime.fromisoformat(before["due_at"]))
    if state is LeadState.DESK or reason.get("code") == "suspected":
        return Reopened(lead_id, lead_after(LeadState.CLOSED, LeadMove.REOPEN), reason, None)
    return Reopened(lead_id, lead_after(LeadState.CLOSED, LeadMove.REVIVE), {"code": "parted"}, None)


def _scored_by(found: Whole, parted: Parted) -> Sequence[Said] | None:
    if found.kept is None or not found.strengthened:
        return None
    if found.strengthened <= parted.signups and not found.others:
        return ()
    said = (each.said for each in found.signups if each.said.signup_id not in parted.signups)
    return [each for each in said if each.outcome in LOOK_AGAIN]


def write(session: Session, plan: Plan, merge: ContactMerge, *, actor: Actor, now: datetime) -> None:
    """Move, reopen and score leads, and tell their stories."""
    ids = sorted({*plan.leaving, *plan.told, *(each.lead_id for each in plan.reopened)})
    session.execute(_LOCK, {"leads": ids})
    values = {"loser": merge.loser, "leads": sorted(plan.leaving), "now": now}
    session.execute(_MOVE_ASSIGNMENTS, values)
    session.execute(_MOVE_LEADS, values)
    rows = [(each.lead_id, each.state.value, dict(each.reason), each.due_at or now) for each in plan.reopened]
    session.execute(_REOPEN, {**_REOPENED.parameters(rows), "now": now})
    _score(session, plan, now=now)
    told = {"role": actor.role.value if actor.role else None, "note": merge.why or ""}
    tell(session, (Event(lead_id, "parted", told) for lead_id in plan.told), now=now, actor=actor.name)
    tell(session, (Event(each.lead_id, each.state, dict(each.reason)) for each in plan.reopened), now=now)


def _score(session: Session, plan: Plan, *, now: datetime) -> None:
    kept = plan.kept
    if plan.scored_by is None or kept is None:
        return
    values: tuple[Any, ...] = tuple(kept[name] for name in list(SCORED.columns)[1:])
    if plan.scored_by:
        values = *_scored(session, plan.scored_by), now
    write_scores(session, [(UUID(kept["lead_id"]), *values)], now=now)


def _scored(session: Session, said: Sequence[Said]) -> tuple[Any, ...]:
    """The columns of `SCORED` between the lead and `due_at`, as the sign-ups that stayed say."""
    where = geography(ATLAS.network(session))
    place = where.place(said)
    as_of = max(each.accepted_at for each in said)
    scored = score(scoring_facts(said, where.store_km(place), as_of), rulebook(session).card)
    scanned = next((each.store_code for each in reversed(said) if each.store_code), None)
    reasons = list(scored.reasons)
    return scored.grade, scored.points, scored.probability, reasons, wish(said), dict(place), scanned
