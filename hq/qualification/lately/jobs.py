"""The drain `hq.count_lately`: every night, and sooner while few have signed up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from hq.qualification.lately import queries
from hq.qualification.lately.counting import Coded, as_json
from hq.qualification.lately.models import LatelyPeople
from hq.qualification.scoring.catalogue import choosable
from hq.routing.network import ATLAS
from hq.rules.models import RuleSet
from shared.platform.ids import new_id
from shared.work.aside import NOTHING, Aside
from shared.work.drains import Batch, drain


@drain(
    "hq.count_lately",
    due=queries.stale,
    key=RuleSet.rule_set_id,
    since=RuleSet.activated_at,
    batch=1,
    single_flight=True,
)
def count(session: Session, batch: Batch, now: datetime) -> Aside:
    """Count the people of lately anew."""
    if not batch:
        return NOTHING
    people = list(queries.known(session, ATLAS.network(session), now=now))
    session.execute(delete(LatelyPeople))
    session.add(
        LatelyPeople(
            lately_id=new_id(now),
            taken_at=now,
            since=min((each.at for each in people if each.latest), default=None),
            people=sum(each.latest for each in people),
            ended=sum(each.won >= 0 for each in people),
            facts=as_json({fact.name: Coded.of(each.facts.get(fact.name) for each in people) for fact in choosable()}),
            marks=[[each.latest, each.won] for each in people],
        )
    )
    return NOTHING
