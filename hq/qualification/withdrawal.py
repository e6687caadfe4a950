"""A person takes the consent back: stores lose the lead first, then the consent goes, in one transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.routing.ending import lock_live, recall
from shared.audit import service as audit
from shared.identity.actor import Actor, system
from shared.leads.events import Event, tell
from shared.platform.errors import Missing
from shared.platform.ids import new_id

# Lock order: sign-up, contact, lead, assignment.
_LOCK_SIGNUPS = text(
    """
    SELECT s.signup_id FROM signups s
    WHERE s.contact_id = :contact AND s.outcome IS DISTINCT FROM 'rejected' AND s.outcome IS DISTINCT FROM 'no_consent'
      AND s.share_text_id IN (SELECT text_id FROM consent_texts WHERE scope_id = ANY(:scopes))
    ORDER BY s.signup_id FOR NO KEY UPDATE
    """
)
_LOCK_CONTACT = text("UPDATE contacts SET changed_at = :now WHERE contact_id = :contact AND merged_into IS NULL")
_LOCK_LEADS = text(
    """
    SELECT l.lead_id FROM leads l WHERE l.contact_id = :contact AND l.scope_id = ANY(:scopes)
      AND (l.closed_at IS NULL
           OR EXISTS (SELECT 1 FROM assignments a WHERE a.lead_id = l.lead_id AND a.ended_at IS NULL))
    ORDER BY l.lead_id FOR NO KEY UPDATE
    """
)
_CLOSE = text(
    """
    UPDATE leads SET state = 'closed', closed_at = :now, changed_at = :now, state_reason = '{"code": "withdrawn"}'
    WHERE lead_id = ANY(:leads) AND closed_at IS NULL
    """
)
_DECIDE = text(
    """
    WITH moved AS (
        UPDATE signups SET state = 'decided', outcome = 'withdrawn', runs = runs + 1, decided_at = :now
        WHERE signup_id = ANY(:signups) RETURNING signup_id, runs, contact_id, lead_id
    )
    INSERT INTO signup_decisions (signup_id, run, outcome, contact_id, lead_id, steps, rules, at)
    SELECT signup_id, runs, 'withdrawn', contact_id, lead_id, '{"consent": {"what": "withdrawn"}}', '{}', :now
    FROM moved
    """
)
_EVENTS = text(
    """
    INSERT INTO consent_events (event_id, contact_id, text_id, signup_id, what, at)
    SELECT CAST(:event AS uuid), contact_id, text_id, signup_id, 'withdrawn', :now
    FROM consents WHERE contact_id = :contact AND scope_id = :scope
    """
)
_FORGET = text("DELETE FROM consents WHERE contact_id = :contact AND scope_id = ANY(:scopes)")
# Consents older than a withdrawal of the same scope: the two were of contacts that have become one.
_OVERTAKEN = text(
    """
    SELECT c.contact_id, c.scope_id FROM consents c
    WHERE c.contact_id = ANY(:contacts) AND (
        SELECT max(e.at) FILTER (WHERE e.what = 'withdrawn') >= max(e.at) FILTER (WHERE e.what = 'given')
        FROM consent_events e JOIN consent_texts t USING (text_id)
        WHERE e.contact_id = c.contact_id AND t.scope_id = c.scope_id)
    ORDER BY c.contact_id, c.scope_id
    """
)
_SCOPES = text("SELECT scope_id FROM consents WHERE contact_id = :contact ORDER BY scope_id")


def withdraw(
    session: Session, *, contact_id: UUID, scope_id: UUID | None = None, actor: Actor, now: datetime
) -> list[UUID]:
    """End the consent to share, for one scope or for all, and everything that rested on it.

    Returns:
        the leads that were closed or whose sold customer a store no longer sees.

    Raises:
        Missing: there is no such contact, or no such consent.
    """
    values: dict[str, Any] = {"contact": contact_id, "now": now}
    scopes = [scope for scope in session.execute(_SCOPES, values).scalars() if scope_id in (None, scope)]
    values |= {"scopes": scopes}
    signups = list(session.execute(_LOCK_SIGNUPS, values).scalars()) if scopes else []
    if not scopes or session.execute(_LOCK_CONTACT, values).rowcount == 0:  # type: ignore[attr-defined]  # a DML result
        raise Missing(what="consent")
    leads = list(session.execute(_LOCK_LEADS, values).scalars())
    recall(session, lock_live(session, leads), {"code": "withdrawn"}, now=now, actor=actor.name)
    session.execute(_CLOSE, {"leads": leads, "now": now})
    tell(session, (Event(lead_id, "withdrawn") for lead_id in leads), now=now, actor=actor.name)
    session.execute(_DECIDE, {"signups": signups, "now": now})
    for scope in scopes:
        session.execute(_EVENTS, {**values, "scope": scope, "event": new_id(now)})
    session.execute(_FORGET, values)
    audit.record(session, actor, "consent:withdraw", f"contact:{contact_id}", at=now, scopes=[str(s) for s in scopes])
    return leads


def hold_to(session: Session, *, contact_ids: Collection[UUID], now: datetime) -> None:
    """Of people who were joined from several contacts: what one of these took back later than any of them gave it
    is taken back for the whole person."""
    if contact_ids:
        for contact_id, scope_id in session.execute(_OVERTAKEN, {"contacts": sorted(contact_ids)}).all():
            withdraw(session, contact_id=contact_id, scope_id=scope_id, actor=system("hq.qualify"), now=now)
