"""The example people of docs/decisions/0071-default-scorecard.md: the page says what the card says."""

from __future__ import annotations

from pathlib import Path

import pytest

from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.scoring.scorecard import Scorecard, score
from hq.qualification.thresholds.fates import fate
from hq.qualification.thresholds.rules import DEFAULT_THRESHOLDS, Fate, Thresholds

PAGE = Path(__file__).resolve().parents[3] / "docs" / "decisions" / "0071-default-scorecard.md"
CARD = Scorecard.parse(DEFAULT_CARD)

PEOPLE = {
    "Scanned the store's code, was there, wants one now": {
        "purchase_horizon": "now",
        "current_vehicle": "none",
        "budget": "3500-5000",
        "touchpoint": "store_qr",
        "phone_verified": "wechat",
        "visited_store": True,
        "signups": 1,
        "draws": 1,
        "store_km": 3,
    },
    "Booked a test ride in the mini-program, within a month": {
        "purchase_horizon": "1m",
        "current_vehicle": "ebike_other",
        "budget": "2000-3500",
        "touchpoint": "mini_program",
        "phone_verified": "sms",
        "booked_test_ride": True,
        "signups": 1,
        "draws": 2,
        "store_km": 12,
    },
    "Within a month, nothing else told": {"purchase_horizon": "1m"},
    "Came back a second time, within three months": {
        "purchase_horizon": "3m",
        "current_vehicle": "ebike_other",
        "budget": "2000-3500",
        "touchpoint": "official_account",
        "phone_verified": "wechat",
        "signups": 2,
        "draws": 2,
        "store_km": 8,
    },
    "Asked in a group, half a year, bicycle": {
        "purchase_horizon": "6m",
        "current_vehicle": "bicycle",
        "budget": "2000-3500",
        "touchpoint": "community",
        "phone_verified": "wechat",
        "signups": 1,
        "draws": 1,
        "store_km": 20,
    },
    "Wants one now, but lives 150 km from any store": {
        "purchase_horizon": "now",
        "current_vehicle": "none",
        "budget": "3500-5000",
        "touchpoint": "moments",
        "phone_verified": "wechat",
        "signups": 1,
        "draws": 1,
        "store_km": 150,
    },
    "Told nothing at all": {},
    "Told nothing, unverified phone, from the live stream": {"touchpoint": "channels_live", "phone_verified": "none"},
    "Later, has a car, from the live stream": {
        "purchase_horizon": "later",
        "current_vehicle": "car",
        "budget": "3500-5000",
        "touchpoint": "channels_live",
        "phone_verified": "wechat",
        "signups": 1,
        "draws": 2,
        "store_km": 6,
    },
    "No plan to buy, eight draws": {
        "purchase_horizon": "none",
        "current_vehicle": "ebike_same_brand",
        "budget": "<2000",
        "touchpoint": "mini_program",
        "phone_verified": "wechat",
        "signups": 1,
        "draws": 8,
        "store_km": 5,
    },
    "No plan to buy, but visited the store": {
        "purchase_horizon": "none",
        "current_vehicle": "ebike_other",
        "touchpoint": "store_qr",
        "phone_verified": "wechat",
        "visited_store": True,
        "signups": 1,
        "draws": 0,
        "store_km": 2,
    },
    "Five sign-ups, later, small budget": {
        "purchase_horizon": "later",
        "current_vehicle": "none",
        "budget": "<2000",
        "touchpoint": "mini_program",
        "phone_verified": "wechat",
        "signups": 5,
        "draws": 11,
        "store_km": 5,
    },
}


def line(name: str) -> str:
    told = score(PEOPLE[name], CARD)
    fated = fate(told.grade, told.probability, None, Thresholds.parse(DEFAULT_THRESHOLDS))
    where = "dealer" if fated.fate is Fate.STORES else "nurture"
    return f"| {name} | {told.points} | {told.probability:.1%} | {told.grade} | {where} |"


@pytest.mark.parametrize("name", PEOPLE)
def test_the_page_shows_what_the_card_says(name):
    assert line(name) in PAGE.read_text(encoding="utf-8"), line(name)
