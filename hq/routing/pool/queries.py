"""Reads of the pool at headquarters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from hq.routing.queries import lead_rows
from shared.leads.models import Assignment, Lead
from shared.leads.pool.models import PoolEntry


def due(now: datetime) -> Select[Any]:
    """What has lain in the pool for its days, and what has changed there, the longest due first.

    The leads are what is locked: whoever takes a lead out of the pool locks it before its entry.
    """
    return (
        lead_rows()
        .add_columns(PoolEntry.until)
        .join(PoolEntry, PoolEntry.lead_id == Lead.lead_id)
        .where(PoolEntry.due_at <= now, Lead.state == "pooled", Lead.aside_at.is_(None))
        .order_by(PoolEntry.due_at, PoolEntry.lead_id)
    )


def unsealed(now: datetime) -> Select[Any]:
    """Assignments claimed from the pool whose store waits for the customer's card, the longest first."""
    columns: tuple[Any, ...] = (Assignment.assignment_id, Assignment.dealer_id, Assignment.lead_id)
    return (
        select(*columns)
        .where(Assignment.card_due_at.is_not(None), Assignment.ended_at.is_(None), Assignment.aside_at.is_(None))
        .order_by(Assignment.card_due_at, Assignment.assignment_id)
    )
