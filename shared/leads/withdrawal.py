"""A person takes the consent back: stores lose the lead first, then the consent goes, in one transaction.

Headquarters does it for somebody who calls; on the page of one's own a person does it alone (as `koi_person`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.identity.actor import Actor, system
from shared.leads.ending import lock_live, recall
from shared.leads.events import Event, tell
from shared.platform.errors import Missing
from shared.platform.ids import new_id

# Lock order: sign-up, contact, lead, assignment.
# Sign-ups that wait to be decided belong to nobody yet: they are found by the person's keys. Those without a key are
# left to the decision, which asks what was taken back since.
_LOCK_WAITING = text(
    """
    SELECT s.signup_id, t.scope_id FROM signups s JOIN consent_texts t ON t.text_id = s.share_text_id
    WHERE s.phone_bidx = ANY(:phones) AND s.contact_id IS NULL AND s.state = 'received'
    ORDER BY s.signup_id FOR NO KEY UPDATE OF s
    """
)
_PHONES = text("SELECT value_bidx FROM identities WHERE contact_id = :contact AND kind = 'phone'")
_CONTACT_OF = text("SELECT contact_id FROM identities WHERE kind = 'phone' AND value_bidx = :phone")
# What `koi_person` may see hangs on the contact, which may have come into being since the page was read.
_ANNOUNCE = text("SELECT set_config('app.contact_id', :contact, true)")
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
        UPDATE signups SET state = 'decided', outcome = 'withdrawn', runs = runs + 1, decided_at = :now, aside_at = NULL
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
_MARKETING = text(
    """
    INSERT INTO consent_events (event_id, contact_id, text_id, signup_id, what, at)
    SELECT CAST(:event AS uuid), contact_id, text_id, NULL, 'withdrawn', :now
    FROM consent_events WHERE contact_id = :contact AND text_id = :text
    GROUP BY contact_id, text_id
    HAVING max(at) FILTER (WHERE what = 'given')
      > coalesce(max(at) FILTER (WHERE what = 'withdrawn'), '-infinity')
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
    phones = list(session.execute(_PHONES, {"contact": contact_id}).scalars())
    waiting = _lock_waiting(session, phones, scope_id)
    return _withdraw(session, contact_id, waiting, scope_id=scope_id, actor=actor, now=now)


def withdraw_number(
    session: Session, *, phone_bidx: bytes, scope_id: UUID | None = None, actor: Actor, now: datetime
) -> list[UUID]:
    """The same for whoever has this number, whether Koi has made a contact of its sign-ups yet or not.

    Raises:
        Missing: nothing that could be taken back.
    """
    waiting = _lock_waiting(session, [phone_bidx], scope_id)
    # Read after the locks: whoever was deciding these sign-ups has made the contact by now.
    contact_id = session.execute(_CONTACT_OF, {"phone": phone_bidx}).scalar_one_or_none()
    if contact_id is not None:
        session.execute(_ANNOUNCE, {"contact": str(contact_id)})
        return _withdraw(session, contact_id, waiting, scope_id=scope_id, actor=actor, now=now)
    if not waiting:
        raise Missing(what="consent")
    session.execute(_DECIDE, {"signups": waiting, "now": now})
    audit.record(session, actor, "consent:withdraw", f"signup:{waiting[0]}", at=now, signups=len(waiting))
    return []


def withdraw_marketing(session: Session, *, contact_id: UUID, text_id: UUID, actor: Actor, now: datetime) -> None:
    """End the consent to news, in the words of one text.

    Raises:
        Missing: it was not given, or is withdrawn already.
    """
    values = {"contact": contact_id, "text": text_id, "now": now, "event": new_id(now)}
    if session.execute(_LOCK_CONTACT, values).rowcount == 0:  # type: ignore[attr-defined]  # a DML result
        raise Missing(what="consent")
    if session.execute(_MARKETING, values).rowcount == 0:  # type: ignore[attr-defined]  # a DML result
        raise Missing(what="consent")
    audit.record(session, actor, "consent:withdraw", f"contact:{contact_id}", at=now, text=str(text_id))


def hold_to(session: Session, *, contact_ids: Collection[UUID], now: datetime) -> None:
    """Of people who were joined from several contacts: what one of these took back later than any of them gave it
    is taken back for the whole person."""
    if contact_ids:
        for contact_id, scope_id in session.execute(_OVERTAKEN, {"contacts": sorted(contact_ids)}).all():
            _withdraw(session, contact_id, [], scope_id=scope_id, actor=system("hq.qualify"), now=now)


def _withdraw(
    session: Session,
    contact_id: UUID,
    waiting: Sequence[UUID],
    *,
    scope_id: UUID | None,
    actor: Actor,
    now: datetime,
) -> list[UUID]:
    """End a contact's consents; `waiting` are its undecided sign-ups, locked."""
    values: dict[str, Any] = {"contact": contact_id, "now": now}
    scopes = [scope for scope in session.execute(_SCOPES, values).scalars() if scope_id in (None, scope)]
    values |= {"scopes": scopes}
    signups = [*waiting, *session.execute(_LOCK_SIGNUPS, values).scalars()] if scopes else list(waiting)
    if (not signups and not scopes) or session.execute(_LOCK_CONTACT, values).rowcount == 0:  # type: ignore[attr-defined]  # a DML result
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


def _lock_waiting(session: Session, phones: Sequence[bytes], scope_id: UUID | None) -> list[UUID]:
    if not phones:
        return []
    rows = session.execute(_LOCK_WAITING, {"phones": phones})
    return [signup_id for signup_id, scope in rows if scope_id in (None, scope)]
