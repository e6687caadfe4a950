"""The drain `hq.thresholds`: reckon the bar from what stores can take, every night and when such thresholds begin."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from hq.qualification.thresholds import queries, service
from hq.qualification.thresholds.models import ThresholdReckoning
from hq.qualification.thresholds.rules import By, Thresholds
from hq.routing.network import ATLAS
from hq.rules.models import RuleSet
from shared.platform.clock import BEIJING
from shared.work.aside import NOTHING, Aside
from shared.work.doorbell import ring_after_commit
from shared.work.drains import Batch, drain

NIGHT = time(2, 30)
"""When the bar is reckoned again, in Beijing: before everybody is scored anew (`rescore.queries.NIGHT`)."""


def due(now: datetime) -> Select[Any]:
    """The thresholds in force, when their bar comes from capacity and was not reckoned since the last night."""
    fresh = exists().where(ThresholdReckoning.version == RuleSet.version, ThresholdReckoning.at >= last_night(now))
    return (
        select(RuleSet.rule_set_id, RuleSet.version, RuleSet.body, RuleSet.activated_at)
        .where(
            RuleSet.kind == "thresholds",
            RuleSet.status == "active",
            RuleSet.body["bar"]["by"].astext == By.CAPACITY.value,
            ~fresh,
        )
        .order_by(RuleSet.rule_set_id)
    )


def last_night(now: datetime) -> datetime:
    """The latest half past two in Beijing."""
    here = now.astimezone(BEIJING)
    tonight = datetime.combine(here.date(), NIGHT, BEIJING)
    return tonight if tonight <= here else tonight - timedelta(days=1)


@drain("hq.thresholds", due=due, key=RuleSet.rule_set_id, since=RuleSet.activated_at, batch=1, single_flight=True)
def reckon(session: Session, batch: Batch, now: datetime) -> Aside:
    """Reckon the bar; scoring everybody anew then applies it."""
    for each in batch:
        before = queries.last_bar(session, each.version)
        rules = Thresholds.parse(each.body)
        found = service.outlook(session, rules, ATLAS.network(session), before=before, now=now)
        service.keep(session, found, version=each.version, now=now)
        ring_after_commit(session, "hq.rescore_due")
    return NOTHING
