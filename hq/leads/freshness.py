"""Two people at one lead: an act is done to what its author saw, or not at all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.leads import queries
from shared.leads.models import Lead
from shared.platform.errors import Missing


def locked(session: Session, lead_id: UUID) -> datetime:
    """When anything last happened to a lead, which nobody else may act on until the transaction ends.

    Raises:
        Missing: no such lead.
    """
    # By itself, so that what was waited for is seen by the next statement.
    session.execute(select(Lead.lead_id).where(Lead.lead_id == lead_id).with_for_update(key_share=True))
    found: datetime | None = session.scalar(select(queries.latest()).where(Lead.lead_id == lead_id))
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
