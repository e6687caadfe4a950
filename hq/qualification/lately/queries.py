"""Reading the people of lately: from leads and sign-ups when they are counted, from the row when they are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, select, text
from sqlalchemy.orm import Session

from hq.qualification.facts import Said
from hq.qualification.lately.counting import Lately, from_json
from hq.qualification.lately.models import LatelyPeople
from hq.qualification.links import LOOK_AGAIN
from hq.qualification.profile import scoring_facts
from hq.qualification.rescore.queries import last_night
from hq.qualification.scoring.scorecard import Value
from hq.routing.network import Network
from hq.routing.places import place_of
from hq.rules.models import RuleSet
from shared.db.batch import Column
from shared.leads.metrics import REACHED

_MOST = 8_000  # latest people, and people whose end is known
_LOOK_BACK = timedelta(days=730)
_FEW, _SOON = 1_000, timedelta(minutes=10)  # of fewer people the counts are out of date soon
_BATCH = 2_000

# People of whom a lead was opened, or whom points turned away; and leads whose end says something of the customer.
_PEOPLE = text(
    f"""
    WITH latest AS (
        SELECT * FROM (
            SELECT l.opened_at AS at, l.lead_id AS id, l.contact_id FROM leads l WHERE l.opened_at >= :since
            UNION ALL
            SELECT s.accepted_at, s.signup_id, s.contact_id FROM signups s
            WHERE s.outcome = 'below_threshold' AND s.aside_at IS NULL AND s.accepted_at >= :since
              AND NOT EXISTS (SELECT 1 FROM leads n WHERE n.contact_id = s.contact_id AND n.opened_at >= s.accepted_at)
        ) AS everybody ORDER BY at DESC, id LIMIT {_MOST}
    ), ended AS (
        SELECT l.opened_at AS at, l.lead_id AS id, l.contact_id FROM leads l
        WHERE l.opened_at >= :since AND (l.state = 'won' OR l.state = 'lost' AND EXISTS (
            SELECT 1 FROM assignments a
            JOIN follow_ups f ON f.dealer_id = a.dealer_id AND f.assignment_id = a.assignment_id
            WHERE a.lead_id = l.lead_id AND {REACHED}))
        ORDER BY at DESC, id LIMIT {_MOST}
    )
    SELECT p.at, p.id, p.contact_id, p.latest, p.ended,
           CASE WHEN p.ended = 0 THEN -1 WHEN l.state = 'won' THEN 1 ELSE 0 END AS won
    FROM (
        SELECT at, id, contact_id, max(latest) AS latest, max(ended) AS ended
        FROM (SELECT *, 1 AS latest, 0 AS ended FROM latest UNION ALL SELECT *, 0, 1 FROM ended) AS everyone
        GROUP BY at, id, contact_id
    ) AS p LEFT JOIN leads l ON l.lead_id = p.id
    ORDER BY p.at, p.id
    """  # noqa: S608 (fragments of `metrics` and numbers of this module)
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


class Known(NamedTuple):
    """Somebody with what was known at the decision; see `Lately`."""

    at: datetime
    latest: int
    won: int
    facts: dict[str, Value]


def stale(now: datetime) -> Select[Any]:
    """The scorecard in force, when nobody was counted since the last night, or few were and that is a while ago."""
    fresh = exists().where(
        or_(
            and_(LatelyPeople.taken_at >= last_night(now), LatelyPeople.people >= _FEW),
            LatelyPeople.taken_at >= now - _SOON,
        )
    )
    columns: list[Any] = [RuleSet.rule_set_id, RuleSet.activated_at]
    active = (RuleSet.kind == "scorecard", RuleSet.status == "active", ~fresh)
    return select(*columns).where(*active).order_by(RuleSet.rule_set_id)


def known(session: Session, network: Network, *, now: datetime) -> Iterator[Known]:
    """The people, the earliest first; two statements and one more for each 2,000."""
    rows = iter(session.execute(_PEOPLE, {"since": now - _LOOK_BACK}).all())
    while part := list(islice(rows, _BATCH)):
        yield from _told(session, network, part)


def _told(session: Session, network: Network, rows: Sequence[Any]) -> Iterator[Known]:
    asked = {
        "ids": Column(row.id for row in rows),
        "contacts": Column(row.contact_id for row in rows),
        "moments": Column(row.at for row in rows),
    }
    said: dict[UUID, list[Said]] = {}
    for key, *values in session.execute(_SIGNUPS, asked):
        one = Said(*values)
        if one.outcome in LOOK_AGAIN:
            said.setdefault(key, []).append(one)
    for row in rows:
        if signups := said.get(row.id):
            place = place_of(signups, network)
            km = network.nearest_km(place["lng"], place["lat"]) if place else None
            near = None if km is None else round(km, 2)  # so that many share a value
            facts = scoring_facts(signups, near, max(each.accepted_at for each in signups))
            yield Known(row.at, row.latest, row.won, dict(facts))


def lately(session: Session) -> Lately | None:
    """The people as they were last counted; None before the first time."""
    query = select(LatelyPeople).order_by(LatelyPeople.taken_at.desc(), LatelyPeople.lately_id).limit(1)
    row = session.scalars(query).first()
    if row is None:
        return None
    latest, won = [mark[0] for mark in row.marks], [mark[1] for mark in row.marks]
    return Lately(row.taken_at, row.since, from_json(row.facts), latest, won)
