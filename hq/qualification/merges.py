"""Two contacts turn out to be one person: everything moves to the one that stays, in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.facts import ContactFacts
from hq.qualification.matching.engine import Merge
from shared.db.batch import Rows
from shared.leads.ending import lock_live, recall
from shared.leads.events import Event, tell

_PAIRS = Rows({"loser": "uuid", "survivor": "uuid"})
_LEADS = Rows({"old_lead": "uuid", "new_lead": "uuid"})
_CLOSE = text(
    f"""
    UPDATE leads l SET state = 'closed', closed_at = :now, changed_at = :now,
           state_reason = jsonb_build_object('code', 'merged', 'into', t.new_lead)
    FROM {_LEADS.source} WHERE l.lead_id = t.old_lead
    """  # noqa: S608 (names of this module)
)
_REPOINT = text(
    f"UPDATE signups s SET lead_id = t.new_lead FROM {_LEADS.source} WHERE s.lead_id = t.old_lead"  # noqa: S608 (names)
)
# In lock order: sign-up, identity, contact, lead, assignment. Consents first: live assignments refer to them.
_MOVES = tuple(
    text(statement.format(pairs=_PAIRS.source))
    for statement in (
        """
        INSERT INTO consents (contact_id, scope_id, text_id, signup_id, given_at)
        SELECT DISTINCT ON (t.survivor, c.scope_id) t.survivor, c.scope_id, c.text_id, c.signup_id, c.given_at
        FROM {pairs} JOIN consents c ON c.contact_id = t.loser
        ORDER BY t.survivor, c.scope_id, c.given_at
        ON CONFLICT DO NOTHING
        """,
        "UPDATE signups s SET contact_id = t.survivor FROM {pairs} WHERE s.contact_id = t.loser",
        "UPDATE identities i SET contact_id = t.survivor FROM {pairs} WHERE i.contact_id = t.loser",
        "UPDATE contact_phones p SET contact_id = t.survivor FROM {pairs} WHERE p.contact_id = t.loser",
        "UPDATE consent_events e SET contact_id = t.survivor FROM {pairs} WHERE e.contact_id = t.loser",
        """
        UPDATE contacts c SET merged_into = t.survivor, changed_at = :now
        FROM {pairs} WHERE c.contact_id = t.loser OR c.merged_into = t.loser
        """,
        """
        UPDATE assignments a SET contact_id = t.survivor
        FROM {pairs} JOIN leads l ON l.contact_id = t.loser WHERE a.lead_id = l.lead_id
        """,
        "UPDATE leads l SET contact_id = t.survivor FROM {pairs} WHERE l.contact_id = t.loser",
        "DELETE FROM consents c USING {pairs} WHERE c.contact_id = t.loser",
    )
)


def merge(session: Session, merges: Sequence[Merge], contacts: Mapping[UUID, ContactFacts], *, now: datetime) -> None:
    """Join contacts that are locked, with their open leads. The survivor's lead stays; the other one is closed and
    its assignments are recalled: two stores must not call one person."""
    if not merges:
        return
    leads = [
        (lost, kept)
        for each in merges
        if (lost := contacts[each.loser].lead_id) and (kept := contacts[each.survivor].lead_id)
    ]
    if leads:
        pairs = _LEADS.parameters(leads)
        recall(session, lock_live(session, [lost for lost, _ in leads]), {"code": "merged"}, now=now)
        session.execute(_CLOSE, {**pairs, "now": now})
        session.execute(_REPOINT, pairs)
        tell(session, (Event(lost, "merged", {"into": str(kept)}) for lost, kept in leads), now=now)
        tell(session, (Event(kept, "absorbed", {"lead_id": str(lost)}) for lost, kept in leads), now=now)
    people = _PAIRS.parameters((each.loser, each.survivor) for each in merges)
    for statement in _MOVES:
        session.execute(statement, {**people, "now": now} if ":now" in statement.text else people)
