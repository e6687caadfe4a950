"""All reads of replays: of a step three statements, whatever its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select, text
from sqlalchemy.orm import Session

from hq.qualification.facts import Said
from hq.qualification.links import LOOK_AGAIN
from hq.qualification.profile import scoring_facts
from hq.qualification.replay.models import Replay, ReplayMove
from hq.qualification.replay.tally import PastPerson
from hq.routing.network import Network
from hq.routing.places import place_of
from shared.db.batch import Column
from shared.leads.metrics import REACHED, VISIT
from shared.platform.errors import Missing

STEP = 2_000
"""People of one step."""
MOVES = 20
"""People of one page of the list."""

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
_COUNT = text(f"SELECT count(*) FROM ({_PEOPLE}) AS p")  # noqa: S608 (text of this module)
_DONE = (
    "SELECT 1 FROM assignments a JOIN follow_ups f ON f.dealer_id = a.dealer_id AND f.assignment_id = a.assignment_id"
    " WHERE a.lead_id = l.lead_id AND"
)
_NEXT = text(
    f"""
    WITH p AS (
        SELECT * FROM ({_PEOPLE}) AS everybody
        WHERE CAST(:after_at AS timestamptz) IS NULL OR (at, id) > (:after_at, CAST(:after_id AS uuid))
        ORDER BY at, id LIMIT {STEP}
    )
    SELECT p.at, p.id, p.contact_id, p.lead_id,
           CASE WHEN l.lead_id IS NULL THEN 'none' WHEN l.state = 'won' THEN 'won'
                WHEN EXISTS ({_DONE} {VISIT}) THEN 'visited'
                WHEN l.state = 'lost' AND EXISTS ({_DONE} {REACHED}) THEN 'lost'
                WHEN EXISTS ({_DONE} {REACHED}) THEN 'contacted' ELSE 'unreached' END AS became,
           coalesce((SELECT t.name FROM assignments a JOIN stores t USING (dealer_id, store_id)
                     WHERE a.lead_id = l.lead_id ORDER BY a.offered_at DESC, a.assignment_id LIMIT 1), '') AS store
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
    SELECT p.id, {_SAID}
    FROM unnest(CAST(:ids AS uuid[]), CAST(:contacts AS uuid[]), CAST(:moments AS timestamptz[]))
         AS p (id, contact_id, at)
    JOIN signups s ON s.contact_id = p.contact_id AND s.accepted_at <= p.at
    ORDER BY p.id, s.accepted_at, s.signup_id
    """  # noqa: S608 (names of this module)
)


def running(_now: datetime) -> Select[Any]:
    """Replays with people left, the oldest first."""
    columns = [column for column in Replay.__table__.columns if column.key != "aside_at"]
    return (
        select(*columns)
        .where(Replay.state == "running", Replay.aside_at.is_(None))
        .order_by(Replay.started_at, Replay.replay_id)
    )


def count(session: Session, *, since: datetime, until: datetime) -> int:
    """How many people a replay of this period is about."""
    found: int = session.execute(_COUNT, {"since": since, "until": until}).scalar_one()
    return found


def step_of(session: Session, replay: Row[Any], network: Network) -> tuple[Sequence[Row[Any]], list[PastPerson]]:
    """The next people of a replay: their rows, and those of them of whom something is known, with the facts of the
    moment at which they were decided."""
    within = {"since": replay.since, "until": replay.until, "after_at": replay.after_at, "after_id": replay.after_id}
    rows = session.execute(_NEXT, within).all()
    asked = {
        "ids": Column(row.id for row in rows),
        "contacts": Column(row.contact_id for row in rows),
        "moments": Column(row.at for row in rows),
    }
    said: dict[UUID, list[Said]] = {}
    for key, *values in session.execute(_SIGNUPS, asked).all() if rows else ():
        one = Said(*values)
        if one.outcome in LOOK_AGAIN:
            said.setdefault(key, []).append(one)
    return rows, [_past(row, said[row.id], network) for row in rows if row.id in said]


def _past(row: Row[Any], said: Sequence[Said], network: Network) -> PastPerson:
    place = place_of(said, network)
    km = network.nearest_km(place["lng"], place["lat"]) if place else None
    return PastPerson(
        contact_id=row.contact_id,
        lead_id=row.lead_id,
        at=row.at,
        facts=scoring_facts(said, km, max(each.accepted_at for each in said)),
        campaign_id=said[-1].campaign_id,
        brought=any(each.brought for each in said),
        became=row.became,
        touchpoint=said[0].touchpoint or "",
        province=(place.get("code") or "")[:2],
        store=row.store,
    )


def find(session: Session, version: int, replay_id: UUID) -> Replay:
    """A replay of a version.

    Raises:
        Missing: there is none.
    """
    replay = session.get(Replay, replay_id)
    if replay is None or replay.version != version:
        raise Missing(replay=str(replay_id))
    return replay


def of_version(session: Session, version: int) -> Sequence[Replay]:
    """The last replays of a version, the latest first."""
    query = select(Replay).where(Replay.version == version)
    return session.scalars(query.order_by(Replay.started_at.desc(), Replay.replay_id).limit(10)).all()


def moves(session: Session, replay_id: UUID, *, enters: bool, after: int) -> Sequence[Mapping[str, Any]]:
    """A page of who enters or leaves, and one more when there is another."""
    contact = "(SELECT name FROM contacts c WHERE c.contact_id = replay_moves.contact_id)"
    query = (
        select(ReplayMove, text(f"{contact} AS name"))
        .where(ReplayMove.replay_id == replay_id, ReplayMove.enters == enters, ReplayMove.number > after)
        .order_by(ReplayMove.number)
        .limit(MOVES + 1)
    )
    return [{"move": move, "name": name} for move, name in session.execute(query)]
