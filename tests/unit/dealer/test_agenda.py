"""What a store's first page puts first."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from dealer.followups.steps import next_times
from dealer.inbox.agenda import Due, agenda, by_due, due
from shared.leads.lifecycle import Stage
from shared.leads.offers import Offer
from shared.leads.queries import Held, Step
from shared.platform.clock import BEIJING

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=BEIJING)  # a Friday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def lead(next_at=None, *, kind="call", result=None, touched=True, recycle_at=None):
    step = Step(kind=kind, result=result, note="", next_at=next_at, at=NOW) if touched else None
    return Held(
        assignment_id=uuid4(),
        store_id=uuid4(),
        store_name="文三路店",
        stage=Stage.CLAIMED,
        grade="A",
        name="陈小明",
        phone="138****0000",
        offer=Offer(phone="138****0000"),
        offered_at=NOW,
        deadline_at=NOW,
        moved_at=NOW,
        recycle_at=recycle_at,
        ended_at=None,
        end_reason={},
        assignee=None,
        assignee_name=None,
        step=step,
    )


@pytest.mark.parametrize(
    ("one", "group"),
    [
        (lead(NOW - HOUR), Due.LATE),
        (lead(NOW + HOUR), Due.TODAY),
        (lead(NOW + 14 * HOUR), Due.TOMORROW),
        (lead(NOW + DAY), Due.TOMORROW),
        (lead(NOW + 2 * DAY), Due.LATER),
        (lead(), Due.OPEN),
        (lead(touched=False), Due.TODAY),
        (lead(touched=False, recycle_at=NOW + 3 * DAY), Due.TODAY),
        (lead(touched=False, recycle_at=NOW - HOUR), Due.LATE),
    ],
)
def test_when_a_step_is_due(one, group):
    assert due(one, NOW) is group


def test_calls_and_visits_of_today_stand_apart_and_the_next_day_is_named():
    late, visit, ahead = lead(NOW - HOUR), lead(NOW + HOUR, result="appointment"), lead(NOW + DAY)
    found = agenda([late, visit, ahead, lead()], NOW)
    assert (list(found.calls), list(found.visits), found.ahead) == ([late], [visit], ahead)
    assert list(by_due([late, visit, ahead], NOW)) == [Due.LATE, Due.TODAY, Due.TOMORROW]


@pytest.mark.parametrize(
    ("now", "codes"),
    [
        (NOW, ["afternoon", "tomorrow", "in_two_days", "monday", "in_a_week"]),
        (NOW + 6 * HOUR, ["tomorrow", "in_two_days", "monday", "in_a_week"]),
        (NOW + 2 * DAY, ["afternoon", "tomorrow", "in_two_days", "in_a_week"]),
        (NOW + 3 * DAY, ["afternoon", "tomorrow", "in_two_days", "monday"]),
    ],
)
def test_a_form_proposes_times_that_lie_ahead_and_none_twice(now, codes):
    choices = next_times(now)
    assert [choice.code for choice in choices] == codes
    assert all(choice.when > now for choice in choices)
    assert len({choice.when for choice in choices}) == len(choices)
