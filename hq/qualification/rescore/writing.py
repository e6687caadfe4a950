"""What a page of people comes to, written with a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.rescore.page import Rescored
from hq.qualification.rescore.standing import REASONS, TURNED_AWAY, Step, told
from hq.qualification.thresholds.fates import Standing
from hq.qualification.thresholds.fates import told as told_of
from hq.qualification.thresholds.rules import Fate
from shared.db.batch import Rows
from shared.leads.events import Event, tell

_SCORES = Rows(
    {"lead_id": "uuid", "points": "integer", "grade": "text", "probability": "double precision", "reasons": "text"}
)
# What says the same as before is not written again.
_SCORE = text(
    f"""
    UPDATE leads l SET points = t.points, grade = t.grade, probability = t.probability,
           reasons = CAST(t.reasons AS jsonb), changed_at = :now
    FROM {_SCORES.source}
    WHERE l.lead_id = t.lead_id AND (l.points, l.grade, l.probability, l.reasons)
        IS DISTINCT FROM (t.points, t.grade, t.probability, CAST(t.reasons AS jsonb))
    RETURNING l.lead_id
    """  # noqa: S608 (names of this module)
)
_CLOSED = Rows({"lead_id": "uuid", "reason": "jsonb"})
_TURN_AWAY = text(
    f"""
    UPDATE leads l SET state = 'closed', closed_at = :now, changed_at = :now, state_reason = t.reason
    FROM {_CLOSED.source} WHERE l.lead_id = t.lead_id AND l.state = 'waiting'
    """  # noqa: S608 (names of this module)
)
_REVIVE = text(
    """
    UPDATE leads SET state = 'waiting', closed_at = NULL, changed_at = :now, due_at = :now,
           state_reason = '{"code": "reached"}'
    WHERE lead_id = ANY(:leads) AND state = 'closed'
    """
)
_LOOK_AGAIN = text(
    """
    UPDATE signups s SET state = 'received'
    FROM (
        SELECT signup_id FROM signups
        WHERE signup_id = ANY(:ids) AND state = 'decided' AND outcome = ANY(:outcomes)
        ORDER BY signup_id FOR NO KEY UPDATE SKIP LOCKED
    ) AS again
    WHERE s.signup_id = again.signup_id
    """
)
_PAGE_DONE = text("UPDATE rescore_pages SET done_at = :now WHERE page_id = :page")
# Last in the transaction: pages that are done side by side wait here for each other, and not longer.
_RUN_ON = text(
    """
    UPDATE rescore_runs SET people_done = people_done + :people, pages_done = pages_done + 1, leads = leads + :leads,
           changed = changed + :changed, nurtured = nurtured + :nurtured, revived = revived + :revived,
           state = CASE WHEN pages_done + 1 = pages AND state IN ('running', 'stopped') THEN 'done' ELSE state END,
           ended_at = CASE WHEN pages_done + 1 = pages AND state IN ('running', 'stopped') THEN :now ELSE ended_at END
    WHERE run_id = :run
    """
)


_EVENTS = {Fate.NURTURE: "nurtured", Fate.CLOSE: "closed_by_grade"}


@dataclass(frozen=True, slots=True)
class Done:
    """What a page came to: leads scored, with another score, turned away; leads and people who are back; sign-ups that
    are decided again, whatever comes of it."""

    leads: int
    changed: int
    nurtured: int
    revived: int
    again: int


def write(session: Session, people: Sequence[Rescored], *, version: int, thresholds: Standing, now: datetime) -> Done:
    """Write the scores of people whose leads are locked, move who is to be moved, and tell the leads' stories.

    Args:
        version: of the scorecard.
        thresholds: by which people were moved.
    """
    scored = [each for each in people if _is_scored(each)]
    rows = _SCORES.parameters(each.score for each in scored if each.score is not None)
    changed = set(session.execute(_SCORE, {**rows, "now": now}).scalars()) if scored else set()
    turned_away = [each for each in people if each.step is Step.TURN_AWAY]
    revived = sorted(each.score.lead_id for each in people if each.step is Step.REVIVE and each.score is not None)
    if turned_away:
        rows = _CLOSED.parameters((each.score.lead_id, _reason(each, thresholds)) for each in turned_away if each.score)
        session.execute(_TURN_AWAY, {**rows, "now": now})
    if revived:
        session.execute(_REVIVE, {"leads": revived, "now": now})
    looked_at = [each for each in people if each.step is Step.LOOK_AGAIN]
    again = sorted(each.person.turned_away.signup_id for each in looked_at if each.person.turned_away)
    back = len(revived) + sum(each.fated.fate is Fate.STORES for each in looked_at)
    if again:
        session.execute(_LOOK_AGAIN, {"ids": again, "outcomes": sorted(TURNED_AWAY)})
    tell(session, [event for each in scored for event in _events(each, changed, version, thresholds)], now=now)
    return Done(len(scored), len(changed), len(turned_away), back, len(again))


def finish(session: Session, *, page_id: UUID, run_id: UUID, people: int, done: Done, now: datetime) -> None:
    """Count a page as done; the last one ends its run."""
    session.execute(_PAGE_DONE, {"page": page_id, "now": now})
    counts = {"leads": done.leads, "changed": done.changed, "nurtured": done.nurtured, "revived": done.revived}
    session.execute(_RUN_ON, {"run": run_id, "people": people, "now": now, **counts})


def _is_scored(each: Rescored) -> bool:
    """Whether the score is written: of a lead that was turned away only when it comes back."""
    lead = each.person.lead
    return lead is not None and (lead.state != "closed" or each.step is Step.REVIVE)


def _reason(each: Rescored, thresholds: Standing) -> dict[str, Any]:
    return {"code": REASONS[each.fated.fate], "thresholds": thresholds.version, **told_of(each.fated, thresholds)}


def _events(each: Rescored, changed: set[UUID], version: int, thresholds: Standing) -> list[Event]:
    lead, score = each.person.lead, each.score
    if lead is None or score is None:
        return []
    moved = {Step.TURN_AWAY: _EVENTS.get(each.fated.fate), Step.REVIVE: "reached"}.get(each.step)
    scored = told(lead, score, version)
    events = [Event(lead.lead_id, "rescored", scored)] if lead.lead_id in changed else []
    fated = {"thresholds": thresholds.version, **told_of(each.fated, thresholds)}
    return [*events, Event(lead.lead_id, moved, scored | fated)] if moved else events
