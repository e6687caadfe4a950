"""Which dealers were offered something: headquarters looks, so that the demo need not ask every dealer each time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.leads.models import Assignment


def newly_offered(session: Session, *, since: datetime) -> set[UUID]:
    """Dealers that were offered a lead at this moment or later."""
    return set(session.scalars(select(Assignment.dealer_id).where(Assignment.offered_at >= since).distinct()))
