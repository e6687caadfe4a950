"""What the quarantine desk reads: everybody whom somebody should look at, and the rings that they make."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.quarantine.rings import Doubt, Ring, rings
from hq.qualification.quarantine.rulings import REJECTED
from shared.platform.errors import Missing
from shared.regions import divisions
from shared.signups.models import Signup

MOST = 10_000
"""Sign-ups in quarantine that are looked at, the latest first; a desk that far behind has other worries."""
_MOST_SUSPECTED = 2_000

# Sign-ups in quarantine, and those in leads that a store works on and a later ring casts doubt on, unless headquarters
# has said so itself. What stands on a store's own tablet is shared by all its visitors and says nothing.
_DOUBTS = text(
    f"""
    SELECT s.signup_id, coalesce(s.contact_id, s.signup_id), s.campaign_id, s.accepted_at, s.occurred_at,
           CASE WHEN s.touchpoint IS DISTINCT FROM 'store_qr' THEN s.device_bidx END,
           CASE WHEN s.touchpoint IS DISTINCT FROM 'store_qr' THEN host(s.ip) END, s.user_agent,
           s.inviter_bidx, s.openid_bidx, s.unionid_bidx,
           (SELECT string_agg(r ->> 'code', ',') FROM jsonb_array_elements(d.steps -> 'screening' -> 'reasons') AS r
            WHERE r ->> 'effect' = 'quarantine'),
           CASE WHEN s.outcome = 'in_lead' THEN s.lead_id END,
           coalesce(s.region ->> 'county_code', s.region ->> 'phone_city'), s.region ->> 'province'
    FROM (
        (SELECT * FROM signups q WHERE q.outcome = 'quarantined' AND q.aside_at IS NULL AND q.state = 'decided'
         ORDER BY q.accepted_at DESC, q.signup_id DESC LIMIT {MOST})
        UNION ALL
        (SELECT q.* FROM leads l JOIN signups q ON q.lead_id = l.lead_id
         WHERE l.state = 'placed' AND (l.state_reason ->> 'code') = 'suspected'
           AND q.outcome = 'in_lead' AND q.state = 'decided'
         ORDER BY l.opened_at DESC, l.lead_id, q.signup_id LIMIT {_MOST_SUSPECTED})
    ) AS s
    LEFT JOIN signup_decisions d ON d.signup_id = s.signup_id AND d.run = s.runs
    WHERE s.outcome = 'quarantined'
       OR NOT jsonb_path_exists(d.steps, '$.screening.reasons[*] ? (@.code == "{REJECTED}")')
    """  # noqa: S608 (names and numbers of this module)
)


def open_rings(session: Session) -> list[Ring]:
    """Everybody who waits for headquarters, as rings; one statement."""
    return rings(_doubt(*row) for row in session.execute(_DOUBTS))


def _doubt(*row: Any) -> Doubt:
    *facts, codes, lead_id, place, province = row
    return Doubt._make((*facts, tuple(codes.split(",")) if codes else (), lead_id, province_of(place, province)))


def province_of(code: str | None, name: str | None) -> str | None:
    """The province that a sign-up names, by a division's or a city's code, else by name: two digits."""
    if code:
        return code[:2]
    found = next((each for each in divisions.provinces() if name and each.name.startswith(name)), None)
    return found.code[:2] if found else None


def known(session: Session, signup_id: UUID) -> None:
    """See that there is such a sign-up.

    Raises:
        Missing: there is none.
    """
    if session.get(Signup, signup_id) is None:
        raise Missing(signup=str(signup_id))
