"""The scorecard that a new installation starts with: a dealer's common sense, typed by hand, learnt from nothing.

The reasons for the numbers and what they say of a dozen example people: docs/decisions/0071-default-scorecard.md.
"""

from typing import Any

DEFAULT_CARD: dict[str, Any] = {
    "base_points": 100,
    "base_odds": 0.03,
    "double_odds": 20,
    "grades": [["A", 150], ["B", 120], ["C", 95]],
    "attributes": [
        {
            "fact": "purchase_horizon",
            "bins": [
                {"values": ["now"], "points": 40},
                {"values": ["1m"], "points": 30},
                {"values": ["3m"], "points": 12},
                {"values": ["6m"], "points": -8},
                {"values": ["later"], "points": -25},
                {"values": ["none"], "points": -45},
                {"missing": True, "points": -5},
            ],
        },
        {
            "fact": "current_vehicle",
            "bins": [
                {"values": ["none"], "points": 8},
                {"values": ["ebike_other"], "points": 10},
                {"values": ["ebike_same_brand", "petrol_motorcycle", "bicycle"], "points": 5},
                {"values": ["car"], "points": -10},
                {"missing": True, "points": 0},
            ],
        },
        {
            "fact": "budget",
            "bins": [
                {"values": ["<2000"], "points": -15},
                {"values": ["2000-3500"], "points": 5},
                {"values": ["3500-5000"], "points": 10},
                {"values": ["5000-8000"], "points": 8},
                {"values": [">8000"], "points": 0},
                {"missing": True, "points": -3},
            ],
        },
        {
            "fact": "touchpoint",
            "bins": [
                {"values": ["store_qr"], "points": 20},
                {"values": ["community"], "points": 8},
                {"values": ["official_account"], "points": 3},
                {"values": ["mini_program", "walk_in", "phone_call"], "points": 0},
                {"values": ["moments"], "points": -8},
                {"values": ["channels_live"], "points": -12},
                {"missing": True, "points": 0},
            ],
        },
        {
            "fact": "phone_verified",
            "bins": [
                {"values": ["sms"], "points": 5},
                {"values": ["wechat"], "points": 0},
                {"values": ["none"], "points": -10},
                {"missing": True, "points": -5},
            ],
        },
        {
            "fact": "booked_test_ride",
            "bins": [
                {"values": ["yes"], "points": 25},
                {"values": ["no"], "points": 0},
                {"missing": True, "points": 0},
            ],
        },
        {
            "fact": "visited_store",
            "bins": [
                {"values": ["yes"], "points": 30},
                {"values": ["no"], "points": 0},
                {"missing": True, "points": 0},
            ],
        },
        {
            "fact": "signups",
            "bins": [
                {"below": 2, "points": 0},
                {"from": 2, "below": 4, "points": 8},
                {"from": 4, "points": 12},
                {"missing": True, "points": 0},
            ],
        },
        {
            "fact": "draws",
            "bins": [
                {"below": 3, "points": 0},
                {"from": 3, "below": 6, "points": -5},
                {"from": 6, "below": 10, "points": -15},
                {"from": 10, "points": -25},
                {"missing": True, "points": 0},
            ],
        },
        {
            "fact": "store_km",
            "bins": [
                {"below": 10, "points": 5},
                {"from": 10, "below": 30, "points": 0},
                {"from": 30, "below": 100, "points": -8},
                {"from": 100, "points": -20},
                {"missing": True, "points": -5},
            ],
        },
        {
            "fact": "wish_age_days",
            "bins": [
                {"below": 30, "points": 0},
                {"from": 30, "below": 90, "points": -6},
                {"from": 90, "points": -15},
                {"missing": True, "points": 0},
            ],
        },
    ],
}
