"""What a ring found later does to a lead: undone by itself until a store has spoken with the person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.decisions import Suspicion
from shared.db.batch import Rows
from shared.db.sending import send
from shared.leads.ending import CONTACTED, lock_live, recall
from shared.leads.events import Event, tell

_ROWS = Rows({"lead_id": "uuid", "reason": "jsonb"})
_DISMISS = text(
    f"""
    UPDATE leads l SET state = 'closed', closed_at = :now, changed_at = :now, state_reason = t.reason
    FROM {_ROWS.source} WHERE l.lead_id = t.lead_id
    """  # noqa: S608 (names of this module)
)
_FLAG = text(
    f"UPDATE leads l SET state_reason = t.reason, changed_at = :now FROM {_ROWS.source} WHERE l.lead_id = t.lead_id"  # noqa: S608 (names)
)


def write(session: Session, suspicions: Sequence[Suspicion], *, now: datetime) -> None:
    """End the leads of people in quarantine, or flag for headquarters those that a store has begun to work on.

    The leads are locked. What the stores did is read again under the assignments' locks.
    """
    if not suspicions:
        return
    live = lock_live(session, [each.lead_id for each in suspicions])
    contacted = {each.lead_id for each in live if each.stage in CONTACTED}
    ask = [each for each in suspicions if each.ask or each.lead_id in contacted]
    dismissed = {each.lead_id for each in suspicions} - {each.lead_id for each in ask}
    ended = (each for each in live if each.lead_id in dismissed)
    recall(session, ended, {"code": "screened_out"}, now=now, disqualified=dismissed)
    _update(session, _DISMISS, "screened_out", [each for each in suspicions if each.lead_id in dismissed], now=now)
    _update(session, _FLAG, "suspected", ask, now=now)


def _update(session: Session, statement: Any, code: str, suspicions: Sequence[Suspicion], *, now: datetime) -> None:
    if not suspicions:
        return
    rows = _ROWS.parameters((each.lead_id, _reason(code, each)) for each in suspicions)
    send(session, statement, {**rows, "now": now})
    tell(session, (Event(each.lead_id, code, _reason(code, each)) for each in suspicions), now=now)


def _reason(code: str, suspicion: Suspicion) -> dict[str, Any]:
    return {"code": code, "signup_id": str(suspicion.by), "reasons": list(suspicion.reasons)}
