"""The drains `hq.rescore_due` (the scorecard, the thresholds or the day is another:
begin a run) and `hq.rescore` (do its pages)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from hq.qualification.rescore import queries, service
from hq.qualification.rescore.models import RescorePage
from hq.qualification.thresholds.queries import standing
from hq.routing.network import ATLAS
from hq.rules.models import RuleSet
from shared.identity.actor import system
from shared.work.aside import NOTHING, Aside
from shared.work.doorbell import ring_after_commit
from shared.work.drains import Batch, drain

_DUE = "hq.rescore_due"


@drain(_DUE, due=queries.stale_cards, key=RuleSet.rule_set_id, since=RuleSet.activated_at, batch=1, single_flight=True)
def begin(session: Session, batch: Batch, now: datetime) -> Aside:
    """Begin to score everybody with the scorecard in force."""
    for card in batch:
        cause = "activated" if card.rescored_at is None else "thresholds" if card.other_thresholds else "aged"
        service.start(session, cause=cause, actor=system(_DUE), now=now)
    return NOTHING


@drain(service.DRAIN, due=queries.due_pages, key=RescorePage.page_id, batch=1)
def rescore(session: Session, batch: Batch, now: datetime) -> Aside:
    """Score the people of a page anew."""
    # numpy is loaded where everybody is scored, not with every web server that lists this work
    from hq.qualification.rescore import writing
    from hq.qualification.rescore.page import rescored

    for page in batch:
        card, thresholds = queries.card_of(session, page.version), standing(session)
        people = queries.people_of(session, low=page.low, high=page.high)
        found = list(rescored(people, card, thresholds, ATLAS.network(session), page.as_of))
        done = writing.write(session, found, version=page.version, thresholds=thresholds, now=now)
        if done.nurtured or done.revived or done.again:
            ring_after_commit(session, "hq.qualify", "hq.route")
        writing.finish(session, page_id=page.page_id, run_id=page.run_id, people=page.people, done=done, now=now)
    return NOTHING
