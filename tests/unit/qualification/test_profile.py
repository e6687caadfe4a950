"""What a person has said and done, as a scorecard sees it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from hq.qualification.facts import Said
from hq.qualification.profile import scoring_facts
from hq.qualification.scoring.catalogue import CATALOGUE, Moment
from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.scoring.scorecard import Scorecard, score

NIGHT = datetime(2026, 11, 27, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
CARD = Scorecard.parse(DEFAULT_CARD)


def said(at=NIGHT, **more):
    told = {
        "signup_id": UUID(int=1),
        "campaign_id": UUID(int=2),
        "occurred_at": at,
        "accepted_at": at,
        "touchpoint": "moments",
        "store_code": None,
        "phone_bidx": b"p",
        "openid_bidx": None,
        "phone_verified": "none",
        "region": {},
        "interest": {},
        "actions": {},
        "share_text_id": None,
        "outcome": None,
        "lead_id": None,
        "contact_id": None,
    }
    return Said(**{**told, **more})


def test_every_fact_is_declared_and_none_is_the_dealers():
    facts = scoring_facts([said()], 3.0, NIGHT)
    assert [name for name in facts if CATALOGUE[name].moment is Moment.CONTACTED] == []
    assert [name for name, fact in CATALOGUE.items() if fact.choosable and name not in facts] == []


def test_hour_and_weekday_are_beijings():
    facts = scoring_facts([said(NIGHT.astimezone(ZoneInfo("UTC")))], None, NIGHT)
    assert (facts["hour"], facts["weekday"]) == (23, "5")


def test_what_never_changes_is_the_first_sign_ups_and_what_was_told_the_latest():
    first = said(interest={"model": "Q1", "budget": "<2000"}, store_code="S1")
    last = said(NIGHT + timedelta(days=40), interest={"budget": ">8000"}, openid_bidx=b"o", touchpoint="store_qr")
    facts = scoring_facts([first, last], None, NIGHT + timedelta(days=41))
    assert (facts["touchpoint"], facts["model"], facts["budget"]) == ("moments", "Q1", ">8000")
    assert (facts["scanned_store"], facts["wechat_known"], facts["signups"]) == (True, True, 2)
    assert facts["wish_age_days"] == 1


@pytest.mark.parametrize(("days", "lost"), [(0, 0), (29, 0), (30, 6), (89, 6), (90, 15), (400, 15)])
def test_an_old_wish_is_weaker(days, lost):
    fresh = score(scoring_facts([said()], 3.0, NIGHT), CARD).points
    assert fresh - score(scoring_facts([said()], 3.0, NIGHT + timedelta(days=days)), CARD).points == lost


def test_a_wish_is_never_younger_than_new():
    assert scoring_facts([said()], None, NIGHT - timedelta(hours=5))["wish_age_days"] == 0


def test_a_test_ride_booked_later_raises_the_score():
    before, after = [said()], [said(), said(actions={"booked_test_ride": True})]
    points = [score(scoring_facts(each, 3.0, NIGHT), CARD).points for each in (before, after)]
    assert points[1] - points[0] == 25 + 8  # and signing up again is worth 8
