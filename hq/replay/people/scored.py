"""Who is scored again: people by their leads, or by the last sign-up that points turned away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from hq.qualification.facts import Said
from hq.qualification.links import LOOK_AGAIN
from hq.qualification.profile import scoring_facts
from hq.replay.people.became import BECAME, STORE
from hq.replay.people.comparing import Known
from hq.replay.people.tally import PastPerson
from hq.routing.network import Network
from hq.routing.places import place_of
from shared.db.batch import Column
from shared.leads.words import INVALID
from shared.platform.ids import NIL

STEP = 2_000
"""People of one step."""

# A person counts once: by the lead, or by the last sign-up that points turned away when no lead was opened then.
_PEOPLE = """
    SELECT l.opened_at AS at, l.lead_id AS id, l.contact_id, l.lead_id
    FROM leads l WHERE l.opened_at >= :since AND l.opened_at < :until
    UNION ALL
    SELECT s.accepted_at, s.signup_id, s.contact_id, NULL
    FROM signups s
    WHERE s.outcome IN ('nurture', 'below_threshold') AND s.aside_at IS NULL
      AND s.accepted_at >= :since AND s.accepted_at < :until
      AND NOT EXISTS (SELECT 1 FROM leads n
                      WHERE n.contact_id = s.contact_id AND n.opened_at >= :since AND n.opened_at < :until)
      AND NOT EXISTS (SELECT 1 FROM signups n
                      WHERE n.contact_id = s.contact_id AND n.outcome IN ('nurture', 'below_threshold')
                        AND n.accepted_at < :until AND (n.accepted_at, n.signup_id) > (s.accepted_at, s.signup_id))
"""
COUNT = text(f"SELECT count(*) FROM ({_PEOPLE}) AS p")  # noqa: S608 (text of this module)
_NEXT = text(
    f"""
    WITH p AS (
        SELECT * FROM ({_PEOPLE}) AS everybody
        WHERE (at, id) > (:after_at, CAST(:after_id AS uuid))
        ORDER BY at, id LIMIT :step
    )
    SELECT p.at, p.id, p.contact_id, p.lead_id, {BECAME} AS became, {STORE} AS store
    FROM p LEFT JOIN LATERAL (
        SELECT n.lead_id, n.state FROM leads n
        WHERE n.lead_id = p.lead_id OR (p.lead_id IS NULL AND n.contact_id = p.contact_id AND n.opened_at >= p.at)
        ORDER BY n.opened_at DESC, n.lead_id LIMIT 1
    ) AS l ON true
    ORDER BY p.at, p.id
    """  # noqa: S608 (text of this module)
)
_SAID = ", ".join(f"s.{name}" for name in Said._fields)
_SIGNUPS = text(
    f"""
    SELECT p.id, {_SAID}, c.name
    FROM unnest(CAST(:ids AS uuid[]), CAST(:contacts AS uuid[]), CAST(:moments AS timestamptz[]))
         AS p (id, contact_id, at)
    JOIN signups s ON s.contact_id = p.contact_id AND s.accepted_at <= p.at
    JOIN campaigns c ON c.campaign_id = s.campaign_id
    ORDER BY p.id, s.accepted_at, s.signup_id
    """  # noqa: S608 (names of this module)
)


def step_of(session: Session, replay: Row[Any], network: Network) -> tuple[Sequence[Row[Any]], list[Known]]:
    """The next people of a replay: their rows, and those of them of whom something is known, with the facts of the
    moment at which they were decided; two statements."""
    within = {"since": replay.since, "until": replay.until, "step": STEP, "invalid": sorted(INVALID)}
    after = {"after_at": replay.after_at or replay.since, "after_id": replay.after_id or NIL}
    rows = session.execute(_NEXT, {**within, **after}).all()
    asked = {
        "ids": Column(row.id for row in rows),
        "contacts": Column(row.contact_id for row in rows),
        "moments": Column(row.at for row in rows),
    }
    said: dict[UUID, list[Said]] = {}
    campaigns: dict[UUID, str] = {}
    for key, *values, campaign in session.execute(_SIGNUPS, asked).all() if rows else ():
        one = Said(*values)
        if one.outcome in LOOK_AGAIN:
            said.setdefault(key, []).append(one)
            campaigns.setdefault(key, campaign)
    return rows, [_known(row, said[row.id], campaigns[row.id], network) for row in rows if row.id in said]


def _known(row: Row[Any], said: Sequence[Said], campaign: str, network: Network) -> Known:
    place = place_of(said, network)
    km = network.nearest_km(place["lng"], place["lat"]) if place else None
    person = PastPerson(
        contact_id=row.contact_id,
        lead_id=row.lead_id,
        at=row.at,
        became=row.became,
        touchpoint=said[0].touchpoint or "",
        province=(place.get("code") or "")[:2],
        store=row.store,
        campaign=campaign,
    )
    facts = scoring_facts(said, km, max(each.accepted_at for each in said))
    return Known(person, facts, said[-1].campaign_id, any(each.brought for each in said))
