"""Leads that a batch opens or makes stronger."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.decisions import LeadChange
from shared.db.batch import Rows
from shared.db.sending import send
from shared.leads.events import Event, tell
from shared.notifications.notices import Notice, notify

#: How long routing leaves a lead alone that a store's own entry opened: until then the store has it.
_STORE_FIRST = timedelta(minutes=2)
_OPENED = Rows(
    {
        "lead_id": "uuid",
        "contact_id": "uuid",
        "campaign_id": "uuid",
        "scope_id": "uuid",
        "grade": "text",
        "points": "integer",
        "probability": "double precision",
        "reasons": "jsonb",
        "wish": "jsonb",
        "place": "jsonb",
        "store_code": "text",
        "due_at": "timestamptz",
    }
)
SCORED = Rows(
    {
        "lead_id": "uuid",
        "grade": "text",
        "points": "integer",
        "probability": "double precision",
        "reasons": "jsonb",
        "wish": "jsonb",
        "place": "jsonb",
        "store_code": "text",
        "due_at": "timestamptz",
    }
)
# A lead that waits for room is looked at again: the person may have named another place.
_STRONGER = """
    UPDATE leads l SET grade = t.grade, points = t.points, probability = t.probability, reasons = t.reasons,
           wish = t.wish, place = t.place, store_code = t.store_code, changed_at = :now,
           due_at = CASE WHEN l.state = 'waiting' THEN t.due_at ELSE l.due_at END
"""
_HOLDING = """
    SELECT h.lead_id, a.dealer_id, a.store_id, a.assignment_id
    FROM scored JOIN holds h USING (lead_id)
    JOIN assignments a ON a.dealer_id = h.dealer_id AND a.assignment_id = h.assignment_id
"""
_SCORE = text(
    f"WITH scored AS ({_STRONGER} FROM {SCORED.source} WHERE l.lead_id = t.lead_id RETURNING l.lead_id) {_HOLDING}"
)
_CHANGED = Rows({"is_new": "boolean", **_OPENED.columns})
_WRITE = text(
    f"""
    WITH sent AS (SELECT * FROM {_CHANGED.source}),
    opened AS (
        INSERT INTO leads ({_OPENED.names}, state, state_reason, hops, opened_at, changed_at)
        SELECT {_OPENED.names}, 'waiting', '{{"code": "new"}}', 0, :now, :now FROM sent WHERE is_new
    ), scored AS ({_STRONGER} FROM sent t WHERE NOT t.is_new AND l.lead_id = t.lead_id RETURNING l.lead_id)
    {_HOLDING}
    """  # noqa: S608 (names of this module)
)


def write(session: Session, changes: Sequence[LeadChange], *, now: datetime) -> None:
    """Open the leads that are new, strengthen the others, and tell their stories."""
    if not changes:
        return
    rows = _CHANGED.parameters(
        (
            each.points_before is None,
            *(each.lead_id, each.contact_id, each.by.said.campaign_id, each.by.scope_id),
            *_columns(each, now),
        )
        for each in changes
    )
    stronger = [each for each in changes if each.points_before is not None]
    if stronger:
        _tell_holders(session, session.execute(_WRITE, {**rows, "now": now}), stronger, now=now)
    else:
        send(session, _WRITE, {**rows, "now": now})
    tell(session, map(_event, changes), now=now)


def write_scores(session: Session, rows: Iterable[Sequence[Any]], *, now: datetime) -> Iterable[Any]:
    """Write what leads are worth now, one row per lead in the order of `SCORED`; gives those that stores hold, with
    dealer, store and assignment."""
    return session.execute(_SCORE, {**SCORED.parameters(rows), "now": now})


def _tell_holders(session: Session, held: Iterable[Any], stronger: Sequence[LeadChange], *, now: datetime) -> None:
    """A customer who signs up again is worth a call now: the store that holds the lead is told."""
    by_lead = {each.lead_id: str(each.by.signup_id) for each in stronger}
    notices = (
        Notice("strengthened", dealer_id, store_id, assignment_id, {}, f":{by_lead[lead_id]}")
        for lead_id, dealer_id, store_id, assignment_id in held
    )
    notify(session, notices, now=now)


def _columns(change: LeadChange, now: datetime) -> tuple[Any, ...]:
    score = change.score
    by_store = change.by.said.source == "store"
    return (
        score.grade,
        score.points,
        score.probability,
        list(score.reasons),
        dict(change.wish),
        dict(change.place),
        change.store_code,
        now + _STORE_FIRST if by_store else now,
    )


def _event(change: LeadChange) -> Event:
    details = {"signup_id": str(change.by.signup_id), "points": change.score.points, "grade": change.score.grade}
    if change.points_before is None:
        return Event(change.lead_id, "opened", details)
    return Event(change.lead_id, "strengthened", details | {"points_before": change.points_before})
