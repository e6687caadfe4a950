"""Leads of one store whose customer came to another one, which headquarters may want to look at."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, text

from shared.leads.models import Lead
from shared.web.tables import Flag

LATELY = timedelta(days=7)
CAME_ELSEWHERE = """
    SELECT a.lead_id, w.decided_at AS came_at
    FROM walk_ins w
    JOIN signups s ON s.signup_id = w.signup_id
    JOIN leads l ON l.contact_id = s.contact_id AND l.state = 'placed'
    JOIN holds h ON h.lead_id = l.lead_id
    JOIN assignments a ON a.dealer_id = h.dealer_id AND a.assignment_id = h.assignment_id
    WHERE w.code = 'known' AND w.decided_at > :came_since
      AND a.moved_at < w.decided_at AND a.store_id <> w.store_id
"""
"""The leads, and when: since `came_since`, and whoever holds the lead has reported nothing after it."""
_OF_LEADS = text(f"leads.lead_id IN (SELECT lead_id FROM ({CAME_ELSEWHERE}) e)")  # noqa: S608 (a constant)


def came_since(moment: datetime) -> ColumnElement[bool]:
    """Whether a lead is one of them."""
    return Lead.lead_id.is_not(None) & _OF_LEADS.bindparams(came_since=moment)


ELSEWHERE = Flag("elsewhere", _l("Came to another store"), lambda: came_since(g.now - LATELY))
