"""What undoing an import would do, counted before it is done.

An offer counts as seen once somebody of the dealer has used the portal since it was made: no look is written down by
itself, so whoever could have seen it is taken to have (docs/decisions/0163-seen-offers.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.intake.imports.store_values import NOW_VALUES

#: How much later than a session's last use its mark may lag behind (`shared.identity.sessions`).
MARK_LAG = "interval '5 minutes'"
LAST_SEEN = "(SELECT dealer_id, max(seen_at) AS seen FROM staff_sessions GROUP BY dealer_id)"
IS_SEEN = f"(a.stage <> 'offered' OR u.seen >= a.offered_at - {MARK_LAG})"
_CONTACTED = "('contacted', 'appointment', 'visited', 'won')"

#: A lead of the import and how it ends; `:import_id`, and the leads in a relation `touched (lead_id)`.
LEADS_BY_END = f"""
    SELECT l.lead_id,
           CASE WHEN l.closed_at IS NOT NULL THEN
                    CASE WHEN l.state_reason ->> 'code' = 'import_undone'
                         AND l.state_reason ->> 'import_id' = CAST(:import_id AS text) THEN 'ends' ELSE 'over' END
                WHEN EXISTS (SELECT 1 FROM assignments a WHERE a.lead_id = l.lead_id AND a.ended_at IS NULL
                             AND a.stage IN {_CONTACTED}) THEN 'contacted'
                WHEN EXISTS (SELECT 1 FROM signups o JOIN consent_texts t ON t.text_id = o.share_text_id
                             WHERE o.lead_id = l.lead_id AND o.outcome = 'in_lead' AND t.scope_id = l.scope_id
                             AND o.import_id IS DISTINCT FROM :import_id) THEN 'shared'
                ELSE 'ends' END AS ending
    FROM leads l JOIN touched USING (lead_id)
"""  # noqa: S608 (words of this module)

_SIGNUPS = text(
    f"""
    WITH mine AS (SELECT signup_id, state, outcome, aside_at, lead_id FROM signups WHERE import_id = :import_id),
    touched AS (SELECT DISTINCT lead_id FROM mine WHERE lead_id IS NOT NULL AND outcome = 'in_lead'),
    ends AS ({LEADS_BY_END}),
    given AS (
        SELECT e.lead_id, a.ended_at, a.store_id, coalesce({IS_SEEN}, false) AS seen
        FROM ends e JOIN assignments a USING (lead_id) LEFT JOIN {LAST_SEEN} u USING (dealer_id)
    ),
    live AS (SELECT g.* FROM given g JOIN ends e USING (lead_id) WHERE e.ending = 'ends' AND g.ended_at IS NULL)
    SELECT (SELECT count(*) FROM mine m LEFT JOIN ends e USING (lead_id)
            WHERE m.outcome IS DISTINCT FROM 'withdrawn' AND m.outcome IS DISTINCT FROM 'undone'
            AND NOT (m.outcome IS NOT DISTINCT FROM 'in_lead' AND coalesce(e.ending, '') IN ('over', 'contacted'))),
           (SELECT count(*) FROM mine),
           (SELECT count(*) FROM ends WHERE ending = 'ends'),
           (SELECT count(DISTINCT lead_id) FROM live WHERE seen),
           (SELECT count(DISTINCT lead_id) FROM live WHERE NOT seen
            AND lead_id NOT IN (SELECT lead_id FROM live WHERE seen)),
           (SELECT count(DISTINCT store_id) FROM live WHERE seen),
           (SELECT count(*) FROM ends WHERE ending = 'contacted'),
           (SELECT count(*) FROM ends WHERE ending = 'shared'),
           (SELECT count(*) FROM ends WHERE ending = 'over'),
           EXISTS (SELECT 1 FROM given WHERE seen)
    """  # noqa: S608 (words of this module)
)
_STORES = text(
    f"""
    SELECT count(*) FILTER (WHERE c.before IS NOT NULL AND now.same),
           count(*) FILTER (WHERE c.before IS NULL AND now.same AND NOT now.used),
           count(*) FILTER (WHERE NOT now.same),
           count(*) FILTER (WHERE c.before IS NULL AND now.same AND now.used)
    FROM import_changes c
    JOIN stores s USING (store_id) JOIN dealers d USING (dealer_id)
    CROSS JOIN LATERAL (
        SELECT {NOW_VALUES} = c.after AND s.status <> 'closed' AS same,
               EXISTS (SELECT 1 FROM assignments a WHERE a.dealer_id = s.dealer_id AND a.store_id = s.store_id)
               OR EXISTS (SELECT 1 FROM staff_stores w JOIN staff p USING (dealer_id, user_id)
                          WHERE w.dealer_id = s.dealer_id AND w.store_id = s.store_id AND p.status = 'active') AS used
    ) AS now
    WHERE c.import_id = :import_id
    """  # noqa: S608 (words of this module)
)


@dataclass(frozen=True, slots=True)
class SignupEffects:
    """What would happen to the sign-ups of an import and to the leads that they are in.

    Attributes:
        undone: sign-ups that end as undone. all: of the import.
        ends: leads that are closed.
        recalled: of these, leads that stores lose and are told about; from `stores` stores.
        quiet: of these, leads that were offered and that nobody has seen.
        contacted: leads that stay with the store that has spoken with the person; headquarters' desk decides.
        shared: leads that stay, because the person signed up elsewhere too.
        over: leads that had ended before: won, lost or closed; nothing changes.
        seen: a store has seen a lead of it, now or before: it is a recall.
    """

    undone: int
    all: int
    ends: int
    recalled: int
    quiet: int
    stores: int
    contacted: int
    shared: int
    over: int
    seen: bool

    @property
    def stay(self) -> int:
        """Sign-ups that stay as they are."""
        return self.all - self.undone


@dataclass(frozen=True, slots=True)
class StoreEffects:
    """What would happen to the stores of a dealer list.

    Attributes:
        restored: stores that get back what they said before.
        closed: stores that the list brought, and nothing refers to.
        changed: stores that somebody changed since; they stay.
        used: stores that the list brought, and that have leads or people; they stay.
    """

    restored: int
    closed: int
    changed: int
    used: int


def of_signups(session: Session, import_id: UUID) -> SignupEffects:
    """What undoing a sign-up list would do now (one statement)."""
    return SignupEffects(*session.execute(_SIGNUPS, {"import_id": import_id}).one())


def of_stores(session: Session, import_id: UUID) -> StoreEffects:
    """What undoing a dealer list would do now (one statement)."""
    return StoreEffects(*session.execute(_STORES, {"import_id": import_id}).one())
