"""Two contacts turn out to be one person: everything moves to the one that stays, in a fixed number of statements.

What was whose is written down first (`contact_merges.moved`), so that `partings` can give it back:

- `signups`: the loser's, each with its lead; `keys` (kind and hex), `phones` (hex), `events`, `leads`: ids;
- `contacts`: earlier losers of the loser;
- `consents` the loser's, `kept_consents` the survivor's: whole rows;
- `lead`, `kept_lead`: the open lead of either, as it stood; NULL where there was none.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.facts import ContactFacts
from hq.qualification.matching.engine import Merge
from shared.db.batch import Rows
from shared.identity.actor import Actor
from shared.leads.ending import lock_live, recall
from shared.leads.events import SYSTEM, Event, tell
from shared.platform.ids import next_id

_PAIRS = Rows({"loser": "uuid", "survivor": "uuid"})
_RECORDS = Rows({"merge_id": "uuid", "loser": "uuid", "survivor": "uuid", "signup_id": "uuid"})
_LISTS = {
    "signups": "jsonb_build_array(signup_id, lead_id) ORDER BY signup_id) FROM signups WHERE contact_id = t.loser",
    "keys": (
        "jsonb_build_array(kind, encode(value_bidx, 'hex')) ORDER BY kind, value_bidx)"
        " FROM identities WHERE contact_id = t.loser"
    ),
    "phones": "encode(phone_bidx, 'hex') ORDER BY phone_bidx) FROM contact_phones WHERE contact_id = t.loser",
    "events": "event_id ORDER BY event_id) FROM consent_events WHERE contact_id = t.loser",
    "leads": "lead_id ORDER BY lead_id) FROM leads WHERE contact_id = t.loser",
    "contacts": "contact_id ORDER BY contact_id) FROM contacts WHERE merged_into = t.loser",
    "consents": "to_jsonb(c) ORDER BY scope_id) FROM consents c WHERE contact_id = t.loser",
    "kept_consents": "to_jsonb(c) ORDER BY scope_id) FROM consents c WHERE contact_id = t.survivor",
}
_RECORD = text(
    f"""
    INSERT INTO contact_merges (merge_id, loser, survivor, signup_id, by, note, at, moved)
    SELECT t.merge_id, t.loser, t.survivor, t.signup_id, :by, :note, :now, jsonb_build_object(
        {"".join(f"'{name}', coalesce((SELECT jsonb_agg({rest}), '[]'), " for name, rest in _LISTS.items())}
        'lead', (SELECT to_jsonb(l) FROM leads l WHERE contact_id = t.loser AND closed_at IS NULL),
        'kept_lead', (SELECT to_jsonb(l) FROM leads l WHERE contact_id = t.survivor AND closed_at IS NULL))
    FROM {_RECORDS.source}
    """  # noqa: S608 (names of this module)
)
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


def merge(
    session: Session,
    merges: Sequence[Merge],
    contacts: Mapping[UUID, ContactFacts],
    *,
    by: Actor | None = None,
    note: str = "",
    now: datetime,
) -> None:
    """Join contacts that are locked, with their open leads. The survivor's lead stays; the other one is closed and
    its assignments are recalled: two stores must not call one person.

    Args:
        by: who does it by hand, and `note` why; None when keys joined them.
    """
    if not merges:
        return
    records = _RECORDS.parameters((next_id(now), each.loser, each.survivor, each.signup_id) for each in merges)
    session.execute(_RECORD, {**records, "by": by and by.name, "note": note, "now": now})
    actor = by.name if by else SYSTEM
    leads = [
        (lost, kept)
        for each in merges
        if (lost := contacts[each.loser].lead_id) and (kept := contacts[each.survivor].lead_id)
    ]
    if leads:
        pairs = _LEADS.parameters(leads)
        recall(session, lock_live(session, [lost for lost, _ in leads]), {"code": "merged"}, now=now, actor=actor)
        session.execute(_CLOSE, {**pairs, "now": now})
        session.execute(_REPOINT, pairs)
        tell(session, (Event(lost, "merged", {"into": str(kept)}) for lost, kept in leads), now=now, actor=actor)
        absorbed = (Event(kept, "absorbed", {"lead_id": str(lost)}) for lost, kept in leads)
        tell(session, absorbed, now=now, actor=actor)
    people = _PAIRS.parameters((each.loser, each.survivor) for each in merges)
    for statement in _MOVES:
        session.execute(statement, {**people, "now": now} if ":now" in statement.text else people)
