"""All writes that follow what stores did, and what headquarters does with a lead by hand."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session

from hq.routing import placing, queries, returns
from hq.routing.alarms import Alarm, Rung
from hq.routing.deadlines import claim_times
from hq.routing.errors import NotFree, StoreCannot
from hq.routing.facts import WaitingLead
from hq.routing.network import ATLAS, Network, km_to
from hq.routing.placing import LeadMoved, Placement
from hq.routing.policy import Room, StoreFacts
from hq.routing.settling import LeadSettled, Settled, Settlement
from shared.audit import service as audit
from shared.contacts.hiding import with_masked_phones
from shared.db.batch import Rows
from shared.identity.actor import Actor
from shared.leads import breaches, ending
from shared.leads.events import Event, tell
from shared.leads.lifecycle import OPEN, LeadMove, LeadState, Stage, lead_after
from shared.leads.models import Lead
from shared.notifications.notices import notify
from shared.platform.errors import Invalid, Missing
from shared.platform.keys import Keyring
from shared.work.doorbell import ring_after_commit

NOTE_LIMIT = 500
ON_THE_DESK = ("suspected", "escalated")
"""Why a lead that a store has is on headquarters' desk all the same."""
NOT_REAL = "not_real"
CLOSED_BY_HAND = ("not_interested", NOT_REAL, "no_store")
"""Reasons for which a person closes a lead, and may open it again."""

_DUE = {"due_kind": "text"} | dict.fromkeys(("due_at", "remind_at", "owner_at", "hq_at", "recycle_at"), "timestamptz")
_SETTLED = Rows({"dealer_id": "uuid", "assignment_id": "uuid"} | _DUE)
_SETTLE = text(
    f"""
    UPDATE assignments a
    SET settled_at = a.moved_at, breached_at = NULL, {", ".join(f"{name} = t.{name}" for name in _DUE)}
    FROM {_SETTLED.source} WHERE a.dealer_id = t.dealer_id AND a.assignment_id = t.assignment_id
    """  # noqa: S608 (names of this module)
)
_RUNG = Rows({"dealer_id": "uuid", "assignment_id": "uuid"})
_RING = text(
    f"""
    UPDATE assignments a
    SET remind_at = CASE WHEN a.remind_at > :now THEN a.remind_at END,
        owner_at = CASE WHEN a.owner_at > :now THEN a.owner_at END,
        breached_at = CASE WHEN a.due_at <= :now THEN coalesce(a.breached_at, :now) END
    FROM {_RUNG.source} WHERE a.dealer_id = t.dealer_id AND a.assignment_id = t.assignment_id
    """  # noqa: S608 (names of this module)
)
_HQ_TOLD = text(
    f"""
    UPDATE assignments a SET hq_at = NULL FROM {_RUNG.source}
    WHERE a.dealer_id = t.dealer_id AND a.assignment_id = t.assignment_id
    """  # noqa: S608 (names of this module)
)
_LEADS = Rows({"lead_id": "uuid", "state": "text", "reason": "jsonb", "hops": "integer", "closed": "boolean"})
_MOVE_LEADS = text(
    f"""
    UPDATE leads l SET state = t.state, state_reason = coalesce(t.reason, l.state_reason), hops = t.hops,
           due_at = :now, changed_at = :now, closed_at = CASE WHEN t.closed THEN CAST(:now AS timestamptz) END
    FROM {_LEADS.source} WHERE l.lead_id = t.lead_id
    """  # noqa: S608 (names of this module)
)


def write_settlements(session: Session, settlements: Iterable[Settlement], *, now: datetime) -> None:
    """Write what was settled; leads and assignments are locked."""
    done = list(settlements)
    ending.end(session, [each for one in done for each in one.endings], now=now)
    _write_settled(session, [each for one in done for each in one.settled])
    breaches.record(session, (each for one in done for each in one.missed), now=now)
    if told := [(live.dealer_id, live.assignment_id) for one in done for live in one.escalated]:
        session.execute(_HQ_TOLD, _RUNG.parameters(told))
    write_leads(session, [one.lead for one in done if one.lead is not None], now=now)
    tell(session, (event for one in done for event in one.events), now=now)
    notify(session, (notice for one in done for notice in one.notices), now=now)
    back = (Stage.DECLINED, Stage.LOST)
    returns.look_again(session, {each.live.lead_id for one in done for each in one.endings if each.stage in back})


def _write_settled(session: Session, settled: Sequence[Settled]) -> None:
    if settled:
        rows = (
            (each.live.dealer_id, each.live.assignment_id, *(getattr(each.schedule, name, None) for name in _DUE))
            for each in settled
        )
        session.execute(_SETTLE, _SETTLED.parameters(rows))


def write_alarms(session: Session, alarms: Sequence[Alarm], rung: Rung, *, now: datetime) -> None:
    """Write what the clock did; the assignments are locked."""
    session.execute(_RING, {**_RUNG.parameters((each.dealer_id, each.assignment_id) for each in alarms), "now": now})
    breaches.record(session, rung.missed, now=now)
    tell(session, rung.events, now=now)
    notify(session, rung.notices, now=now)


def write_leads(session: Session, leads: Sequence[LeadSettled], *, now: datetime) -> None:
    """Bring leads to where they were settled to; they are locked."""
    if leads:
        rows = (
            (each.lead_id, each.state.value, None if each.reason is None else dict(each.reason), each.hops, each.closed)
            for each in leads
        )
        session.execute(_MOVE_LEADS, {**_LEADS.parameters(rows), "now": now})


def recall(
    session: Session, *, lead_id: UUID, reason: str, note: str = "", close: bool = False, actor: Actor, now: datetime
) -> None:
    """Take a lead back from every store that has it or was offered it; it goes to headquarters' desk.

    Args:
        reason: a code, such as `wrong_store` or `complaint`.
        close: the wish to buy is over: the lead is closed instead.

    Raises:
        Missing: no such lead, or it is closed.
    """
    lead = lock_lead(session, lead_id)
    lives = ending.lock_live(session, [lead_id])
    unreal = [lead_id] if reason == NOT_REAL else []
    ending.recall(session, lives, {"code": reason}, now=now, actor=actor.name, disqualified=unreal)
    state = LeadState(lead.state)
    if close:
        write_leads(
            session,
            [LeadSettled(lead_id, lead_after(state, LeadMove.CLOSE), {"code": reason}, lead.hops, closed=True)],
            now=now,
        )
        tell(session, [Event(lead_id, "closed", {"code": reason, **by_hand(lead, actor)})], now=now, actor=actor.name)
    elif state is not LeadState.DESK:
        placing.move_leads(
            session, [LeadMoved(lead_id, lead_after(state, LeadMove.ASK), {"code": reason}, now)], now=now
        )
        tell(session, [Event(lead_id, "desk", {"code": reason, **by_hand(lead, actor)})], now=now, actor=actor.name)
    audit.record(session, actor, "lead:recall", lead_id, at=now, reason=reason, note=note)


def keep(session: Session, *, lead_id: UUID, actor: Actor, now: datetime) -> None:
    """Leave a suspected or escalated lead with the store that has it: somebody has looked.

    Raises:
        Missing: no such lead, or it is closed.
        NotFree: it is neither, or no store has it.
    """
    lead = lock_lead(session, lead_id)
    if LeadState(lead.state) is not LeadState.PLACED or lead.state_reason.get("code") not in ON_THE_DESK:
        raise NotFree(state=lead.state)
    placing.move_leads(session, [LeadMoved(lead_id, LeadState.PLACED, {"code": "kept"}, now)], now=now)
    tell(session, [Event(lead_id, "kept", by_hand(lead, actor))], now=now, actor=actor.name)
    audit.record(session, actor, "lead:keep", lead_id, at=now)


def send_to_routing(session: Session, *, lead_id: UUID, actor: Actor, now: datetime) -> None:
    """Let the rules choose again for a lead on headquarters' desk or in the pool, its count of stores beginning anew.

    Raises:
        Missing: no such lead, or it is closed.
        IllegalMove: it is neither.
    """
    lead = lock_lead(session, lead_id)
    state = lead_after(LeadState(lead.state), LeadMove.RETURN)
    write_leads(session, [LeadSettled(lead_id, state, {"code": "desk_returned"}, 0, closed=False)], now=now)
    tell(session, [Event(lead_id, "returned", by_hand(lead, actor))], now=now, actor=actor.name)
    audit.record(session, actor, "lead:return", lead_id, at=now)
    ring_after_commit(session, "hq.route")


def offer(
    session: Session, *, lead_id: UUID, store_ids: Sequence[UUID], keys: Keyring, actor: Actor, now: datetime
) -> None:
    """Offer a lead to one store or to several; whoever claims first has it.

    Raises:
        Missing: no such lead, or it is closed.
        NotFree: a store has it or was offered it, or the person's consent does not stand.
        StoreCannot: a store is unknown, paused, outside the consent, declined this lead
            before, or has no room today; `why_not` says which.
    """
    lead = lock_lead(session, lead_id)
    rules, version = queries.rules_in_force(session)
    facts = queries.facts_of(session, [lead])
    if LeadState(lead.state) is LeadState.PLACED or not lead.consented:
        raise NotFree(state=lead.state)
    network = ATLAS.network(session)
    room = queries.room_of(session, network, rules, now=now)
    dealers = facts.scopes.get(lead.scope_id, frozenset())
    refused = refused_by(facts.had.get(lead_id, {}))
    stores = [_usable(network, store_id, dealers, room, refused) for store_id in dict.fromkeys(store_ids)]
    if not stores:
        raise StoreCannot(why_not="none_chosen")
    minutes = rules.claim_minutes(lead.grade, lead.campaign_code)
    times = {
        store.store_id: claim_times(rules, start=now, minutes=minutes, hours=network.hours[store.store_id])
        for store in stores
    }
    placements = [
        Placement(
            lead=lead,
            store=store,
            km=_km(lead, store),
            deadline_at=times[store.store_id].deadline_at,
            remind_at=times[store.store_id].remind_at,
            why={"code": "desk"},
            told={"rules": version, "stores": len(stores), **by_hand(lead, actor)},
            stores=len(stores),
        )
        for store in stores
    ]
    placing.place(session, placements, facts, keys, now=now, actor=actor.name)
    state = lead_after(LeadState(lead.state), LeadMove.PLACE)
    placing.move_leads(session, [LeadMoved(lead_id, state, {"code": "desk"}, now)], now=now)
    audit.record(session, actor, "lead:offer", lead_id, at=now, stores=[store.code for store in stores])


def reopen(session: Session, *, lead_id: UUID, actor: Actor, now: datetime) -> None:
    """Put a lead that was closed by hand, or lost, on headquarters' desk.

    Raises:
        Missing: no such lead.
        NotFree: it is open, was ended for another reason, the consent does not stand, or the customer has another
            open lead.
    """
    lead = lock_any(session, lead_id)
    if not may_reopen(lead) or not lead.consented or _has_open(session, lead.contact_id):
        raise NotFree(state=lead.state)
    state = lead_after(LeadState(lead.state), LeadMove.REOPEN)
    write_leads(session, [LeadSettled(lead_id, state, {"code": "reopened"}, 0, closed=False)], now=now)
    tell(session, [Event(lead_id, "reopened", by_hand(lead, actor))], now=now, actor=actor.name)
    audit.record(session, actor, "lead:reopen", lead_id, at=now)


def may_reopen(lead: WaitingLead | Lead) -> bool:
    """Whether a lead ended in a way that a person may take back: lost, or closed by hand."""
    return lead.state == "lost" or (lead.state == "closed" and lead.state_reason.get("code") in CLOSED_BY_HAND)


def note(session: Session, *, lead_id: UUID, words: str, actor: Actor, now: datetime) -> None:
    """Write something down for headquarters; no store sees it. Phone numbers in it are masked.

    Raises:
        Missing: no such lead.
        Invalid: it is empty or too long.
    """
    words = with_masked_phones(words.strip())
    if not words or len(words) > NOTE_LIMIT:
        raise Invalid(field="note", limit=NOTE_LIMIT)
    lock_any(session, lead_id)
    tell(session, [Event(lead_id, "note", {"note": words, "role": role(actor)})], now=now, actor=actor.name)
    audit.record(session, actor, "lead:note", lead_id, at=now)


def by_hand(lead: WaitingLead, actor: Actor) -> dict[str, Any]:
    """What a line of the story says of an act by hand: whose, and where the lead stood, so that it can be undone."""
    before = {"state": lead.state, "reason": dict(lead.state_reason), "hops": lead.hops}
    return {"role": role(actor), "before": before}


def role(actor: Actor) -> str | None:
    """What the story says of who acted, beside the name."""
    return actor.role.value if actor.role else None


def _has_open(session: Session, contact_id: UUID) -> bool:
    return bool(session.scalar(select(exists().where(Lead.contact_id == contact_id, Lead.closed_at.is_(None)))))


def lock_any(session: Session, lead_id: UUID) -> WaitingLead:
    """A lead, open or not, locked.

    Raises:
        Missing: no such lead.
    """
    # The lock is a statement of its own: what it waits for must be seen by the one that reads.
    session.execute(select(Lead.lead_id).where(Lead.lead_id == lead_id).with_for_update(key_share=True))
    row = session.execute(queries.lead_rows().where(Lead.lead_id == lead_id)).one_or_none()
    if row is None:
        raise Missing(what="lead")
    return queries.as_lead(row)


def lock_lead(session: Session, lead_id: UUID) -> WaitingLead:
    """An open lead, locked.

    Raises:
        Missing: no such lead, or it is closed.
    """
    lead = lock_any(session, lead_id)
    if LeadState(lead.state) not in OPEN:
        raise Missing(what="lead")
    return lead


def refused_by(had: Mapping[UUID, str]) -> set[UUID]:
    """The stores that sent a lead back and are not asked again."""
    return {store_id for store_id, stage in had.items() if stage == Stage.DECLINED}


def why_not(store: StoreFacts, dealers: Collection[UUID], room: Room, refused: Collection[UUID]) -> str | None:
    """Why a store cannot be offered a lead now, as a code; None when it can."""
    reasons = {
        "not_in_consent": store.dealer_id not in dealers,
        "paused": not store.active,
        "declined": store.store_id in refused,
        "no_room": not room.has(store),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _usable(
    network: Network, store_id: UUID, dealers: frozenset[UUID], room: Room, refused: Collection[UUID]
) -> StoreFacts:
    store = network.stores.get(store_id)
    if store is None:
        raise StoreCannot(why_not="unknown", store=str(store_id))
    if reason := why_not(store, dealers, room, refused):
        raise StoreCannot(why_not=reason, store=store.code)
    return store


def _km(lead: WaitingLead, store: StoreFacts) -> float | None:
    place: dict[str, Any] = dict(lead.place)
    return km_to(store, place["lng"], place["lat"]) if place else None
