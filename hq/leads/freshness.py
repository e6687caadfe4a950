"""Two people at one lead: an act is done to what its author saw, or not at all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.leads.models import Assignment, Lead, LeadEvent
from shared.platform.errors import Missing


def latest(session: Session, lead_id: UUID, *, lock: bool = False) -> datetime:
    """When anything last happened to a lead: its state, its story, or what a store did with it.

    Args:
        lock: keep others from acting on the lead until the transaction ends.

    Raises:
        Missing: no such lead.
    """
    if lock:  # by itself, so that what was waited for is seen by the next statement
        session.execute(select(Lead.lead_id).where(Lead.lead_id == lead_id).with_for_update(key_share=True))
    told = select(func.max(LeadEvent.at)).where(LeadEvent.lead_id == lead_id).scalar_subquery()
    moved = select(func.max(Assignment.moved_at)).where(Assignment.lead_id == lead_id).scalar_subquery()
    found: datetime | None = session.scalar(
        select(func.greatest(Lead.changed_at, told, moved)).where(Lead.lead_id == lead_id)
    )
    if found is None:
        raise Missing(lead=str(lead_id))
    return found


def read(token: str | None) -> datetime | None:
    """The moment in a form, which the page wrote; None where there is none or it cannot be read."""
    try:
        seen = datetime.fromisoformat(token or "")
    except ValueError:
        return None
    return seen if seen.tzinfo else None
