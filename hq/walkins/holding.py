"""Decided walk-ins: the store holds the lead from now on, or is told why not. A handful of statements per batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from hq.qualification.locks import lock_leads
from hq.routing import placing, queries
from hq.routing.facts import WaitingLead
from hq.routing.network import ATLAS, Network, km_to
from hq.routing.placing import LeadMoved, Placement
from hq.walkins.rule import Checked, Holder, Verdict, judge_all
from shared.db.batch import Rows
from shared.leads.ending import Live, lock_live
from shared.leads.events import Event, tell
from shared.leads.lifecycle import LeadMove, LeadState, Move, Stage, after, lead_after
from shared.leads.models import Lead
from shared.platform.ids import next_id
from shared.platform.keys import Keyring
from shared.work.doorbell import ring_after_commit

_SEEN = text(
    """
    SELECT w.dealer_id, w.walk_in_id, w.store_id, w.user_id, p.role, w.signup_id, s.outcome, t.scope_id,
           EXISTS (SELECT 1 FROM consents c WHERE c.contact_id = s.contact_id AND c.scope_id = t.scope_id),
           l.lead_id
    FROM walk_ins w
    JOIN staff p ON p.dealer_id = w.dealer_id AND p.user_id = w.user_id
    JOIN signups s ON s.signup_id = w.signup_id
    JOIN consent_texts t ON t.text_id = s.share_text_id
    LEFT JOIN leads l ON l.contact_id = s.contact_id AND l.closed_at IS NULL
    WHERE w.walk_in_id = ANY(:ids) AND w.state = 'checking'
    ORDER BY w.entered_at, w.walk_in_id
    """
)
_HOLDERS = text(
    """
    SELECT h.lead_id, a.dealer_id, a.store_id, a.assignment_id
    FROM holds h JOIN assignments a ON a.dealer_id = h.dealer_id AND a.assignment_id = h.assignment_id
    WHERE h.lead_id = ANY(:leads)
    """
)
_HELD = Rows(
    {
        "lead_id": "uuid",
        "dealer_id": "uuid",
        "assignment_id": "uuid",
        "assignee": "uuid",
        "user_id": "uuid",
        "id": "uuid",
    }
)
_HOLD = text(
    f"""
    INSERT INTO holds (lead_id, dealer_id, assignment_id, held_at)
    SELECT lead_id, dealer_id, assignment_id, :now FROM {_HELD.source} ORDER BY lead_id
    """  # noqa: S608 (names of this module)
)
# `settled_at` empties: what follows from a claim (others' offers end, the clock of the first call) is for `hq.settle`.
_CLAIM = text(
    f"""
    UPDATE assignments a SET stage = :stage, moved_at = :now, settled_at = NULL, assignee = t.assignee
    FROM {_HELD.source} WHERE a.dealer_id = t.dealer_id AND a.assignment_id = t.assignment_id
    """  # noqa: S608 (names of this module)
)
_STORY = text(
    f"""
    INSERT INTO follow_ups (dealer_id, follow_up_id, assignment_id, kind, note, user_id, at)
    SELECT dealer_id, id, assignment_id, 'claim', '', user_id, :now FROM {_HELD.source}
    """  # noqa: S608 (names of this module)
)
_DONE = Rows({"dealer_id": "uuid", "walk_in_id": "uuid", "state": "text", "code": "text", "assignment_id": "uuid"})
_FINISH = text(
    f"""
    UPDATE walk_ins w SET state = t.state, code = t.code, assignment_id = t.assignment_id, decided_at = :now
    FROM {_DONE.source} WHERE w.dealer_id = t.dealer_id AND w.walk_in_id = t.walk_in_id
    """  # noqa: S608 (names of this module)
)


def settle(session: Session, checked: Sequence[Row[Any]], keys: Keyring, *, now: datetime) -> None:
    """Give each store the lead of whom it entered, or write down why not.

    Walk-ins are locked by taking them; then come leads, assignments and holds.
    """
    seen = _seen(session, checked)
    lock_leads(session, {each.lead_id for each in seen if each.lead_id})
    seen = _seen(session, checked)  # what the locks were waited for may have closed a lead, or taken a consent back
    leads = sorted({each.lead_id for each in seen if each.lead_id})
    lives: dict[UUID, list[Live]] = defaultdict(list)
    for live in lock_live(session, leads):
        lives[live.lead_id].append(live)
    holders = {row[0]: Holder(*row[1:]) for row in session.execute(_HOLDERS, {"leads": leads})}
    network = ATLAS.network(session)
    verdicts, takers = judge_all(seen, holders, lives, network.stores)
    given = _give(session, takers, verdicts, network, keys, now=now)
    _tell_known(session, (each for each in seen if verdicts[each.walk_in_id].code == "known"), now=now)
    session.execute(
        _FINISH, {**_DONE.parameters(_done(each, verdicts[each.walk_in_id], given) for each in seen), "now": now}
    )


def _seen(session: Session, checked: Sequence[Row[Any]]) -> list[Checked]:
    return [Checked(*row) for row in session.execute(_SEEN, {"ids": [row.walk_in_id for row in checked]})]


def _give(
    session: Session,
    takers: Mapping[UUID, Checked],
    verdicts: Mapping[UUID, Verdict],
    network: Network,
    keys: Keyring,
    *,
    now: datetime,
) -> Mapping[UUID, UUID]:
    """Assignments (new ones where the store had no offer), holds, the store's line of the story; per lead the id."""
    if not takers:
        return {}
    leads = {row.lead_id: row for row in map(queries.as_lead, _lead_rows(session, takers))}
    offered = {lead_id: key for lead_id, each in takers.items() if (key := verdicts[each.walk_in_id].assignment_id)}
    new = [_placement(leads[each], takers[each], network, now) for each in takers if each not in offered]
    facts = queries.facts_of(session, [each.lead for each in new])
    made = {each.lead.lead_id: key for each, key in placing.assign(session, new, facts, keys, now=now)}
    given = {**offered, **made}
    rows = _HELD.parameters(
        (lead_id, each.dealer_id, given[lead_id], each.user_id if each.role == "salesperson" else None, each.user_id,
         next_id(now))
        for lead_id, each in takers.items()
    )  # fmt: skip
    session.execute(_HOLD, {**rows, "now": now})
    session.execute(_CLAIM, {**rows, "now": now, "stage": after(Stage.OFFERED, Move.CLAIM).value})
    session.execute(_STORY, {**rows, "now": now})
    placing.move_leads(session, [_moved(leads[each], now) for each in takers], now=now)
    tell(session, (Event(lead_id, "entered", _where(each)) for lead_id, each in takers.items()), now=now)
    ring_after_commit(session, "hq.settle")
    return given


def _lead_rows(session: Session, lead_ids: Iterable[UUID]) -> Sequence[Row[Any]]:
    return session.execute(queries.lead_rows().where(Lead.lead_id.in_(sorted(lead_ids)))).all()


def _placement(lead: WaitingLead, by: Checked, network: Network, now: datetime) -> Placement:
    store, place = network.stores[by.store_id], lead.place
    km = km_to(store, place["lng"], place["lat"]) if place.get("source") not in (None, "store") else None
    # The consent that the store wrote down names its dealer; the lead's own may name others.
    own = lead._replace(scope_id=by.scope_id)
    return Placement(lead=own, store=store, km=km, deadline_at=now, why={"code": "store"})


def _moved(lead: WaitingLead, now: datetime) -> LeadMoved:
    state = LeadState(lead.state)
    placed = state if state is LeadState.PLACED else lead_after(state, LeadMove.PLACE)
    return LeadMoved(lead.lead_id, placed, {"code": "store"}, now)


def _tell_known(session: Session, known: Iterable[Checked], *, now: datetime) -> None:
    """Headquarters sees in the lead's story that the person came to another store as well."""
    tell(session, (Event(each.lead_id, "came_in", _where(each)) for each in known if each.lead_id), now=now)


def _where(each: Checked) -> dict[str, Any]:
    return {"store_id": str(each.store_id), "signup_id": str(each.signup_id)}


def _done(each: Checked, verdict: Verdict, given: Mapping[UUID, UUID]) -> tuple[Any, ...]:
    if verdict.code is not None:
        return (each.dealer_id, each.walk_in_id, "refused", verdict.code, None)
    assignment_id = verdict.assignment_id or (given.get(each.lead_id) if each.lead_id else None)
    return (each.dealer_id, each.walk_in_id, "held", None, assignment_id)
