"""A draft of thresholds is tried on the past: who would go to a store, into nurture or be closed."""

from __future__ import annotations

from sqlalchemy import select

from hq.qualification.thresholds.rules import GRADES
from hq.replay.models import ReplayMove
from tests.integration.pipeline.conftest import EAGER

COLD = {"purchase_horizon": "none"}


def test_it_shows_who_would_go_where_by_grade_campaign_and_bar(world, act, draft_of, tried):
    eager, cold = (world.sign_up(phone=f"1380013800{n}", interest=interest) for n, interest in enumerate((EAGER, COLD)))
    world.run("hq.qualify")
    chance = world.lead_of(eager).probability
    closed = {str(world.campaign.campaign_id): dict.fromkeys(GRADES, "close")}
    told = {}
    for name, changes in {
        "same": {},
        "open": {"bar": {"by": "none"}},
        "campaign": {"campaigns": closed},
        "bar": {"bar": {"by": "chance", "least": chance * 1.01}},
    }.items():
        replay = tried("thresholds", draft_of("thresholds", **changes))
        moves = world.rows.scalars(select(ReplayMove).filter_by(replay_id=replay.replay_id))
        told[name] = {each.signup_id: (each.before, each.after, each.reasons[0]["because"]) for each in moves}
    assert told == {
        "same": {},
        "open": {cold: ("nurture", "in_lead", "bar")},
        "campaign": {
            eager: ("in_lead", "below_threshold", "campaign"),
            cold: ("nurture", "below_threshold", "campaign"),
        },
        "bar": {eager: ("in_lead", "nurture", "bar")},
    }


def test_a_bar_from_capacity_is_the_one_of_the_day_of_the_trial(world, draft_of, tried):
    world.sign_up(phone="13800138000", interest=EAGER)
    world.run("hq.qualify")
    replay = tried("thresholds", draft_of("thresholds", bar={"by": "capacity", "fill": 100, "step": 50}))
    assert (replay.bar, replay.against_bar) == (0.0, None)
    assert replay.tally["cards"]["stores"] == [1, 1]
