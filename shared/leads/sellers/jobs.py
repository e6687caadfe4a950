"""The drain that tells people of leads that were given to them; the dealer's role writes no notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, text, tuple_
from sqlalchemy.orm import Session

from shared.db.batch import Rows as Columns
from shared.leads.lifecycle import HOLDING
from shared.leads.models import Assignment
from shared.leads.sellers.models import LeadGiving
from shared.leads.sellers.recording import TELL
from shared.notifications.notices import Notice, end_others, notify
from shared.work.aside import NOTHING, Aside
from shared.work.drains import Batch, Rows, drain

GIVEN = "given"
_KEYS = Columns({"dealer_id": "uuid", "giving_id": "uuid"})
_TOLD = text(
    f"""
    UPDATE lead_givings g SET told_at = :now FROM {_KEYS.source}
    WHERE g.dealer_id = t.dealer_id AND g.giving_id = t.giving_id
    """  # noqa: S608 (names)
)


def untold(now: datetime) -> Rows:
    """Givings that nobody was told of."""
    rows = select(
        LeadGiving.dealer_id,
        LeadGiving.giving_id,
        LeadGiving.assignment_id,
        LeadGiving.to_user,
        LeadGiving.by_user,
        LeadGiving.at,
    )
    waits = (LeadGiving.told_at.is_(None), LeadGiving.aside_at.is_(None), LeadGiving.at <= now)
    return rows.where(*waits).order_by(LeadGiving.at, LeadGiving.giving_id)


@drain(TELL, due=untold, key=LeadGiving.giving_id, since=LeadGiving.at, batch=500)
def tell_givings(session: Session, batch: Batch, now: datetime) -> Aside:
    """Tell whoever works on a lead now that somebody gave it to them, and end what others were told of it.

    Only the last giving of a lead counts: who had it in between need not know. It is read under its lock, so that of
    two batches about one lead the later one sees what the earlier one wrote.
    """
    keys = sorted({(row.dealer_id, row.assignment_id) for row in batch})
    leads = {
        row.assignment_id: row
        for row in session.execute(
            select(Assignment.assignment_id, Assignment.dealer_id, Assignment.store_id, Assignment.assignee)
            .add_columns(Assignment.stage, Assignment.grade, Assignment.ended_at)
            .where(tuple_(Assignment.dealer_id, Assignment.assignment_id).in_(keys))
            .order_by(Assignment.dealer_id, Assignment.assignment_id)
            .with_for_update(key_share=True, of=Assignment)
        )
    }
    latest = {row.assignment_id: row for row in batch}
    end_others(session, GIVEN, ((row.dealer_id, key, row.assignee) for key, row in leads.items()), now=now)
    notify(session, (_notice(row, leads[key]) for key, row in latest.items() if _concerns(row, leads[key])), now=now)
    session.execute(_TOLD, {**_KEYS.parameters((row.dealer_id, row.giving_id) for row in batch), "now": now})
    return NOTHING


def _concerns(giving: Any, lead: Any) -> bool:
    """Whether there is somebody to tell: who got it has it still, and did not do it themselves."""
    held = lead.stage in HOLDING and lead.ended_at is None
    return held and giving.to_user is not None and giving.to_user == lead.assignee and giving.to_user != giving.by_user


def _notice(giving: Any, lead: Any) -> Notice:
    return Notice(
        GIVEN,
        lead.dealer_id,
        lead.store_id,
        lead.assignment_id,
        {"grade": lead.grade},
        occasion=f":{giving.giving_id}",
        user_id=giving.to_user,
    )
