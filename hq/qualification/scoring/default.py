"""The scorecard that a new installation starts with: a dealer's common sense, typed by hand, learnt from nothing.

The reasons for the numbers and what they say of a dozen example people: docs/decisions/0071-default-scorecard.md.
"""

from typing import Any

DEFAULT_CARD: dict[str, Any] = {
    "base_points": 100,
    "base_odds": 0.03,
    "double_odds": 20,
    "threshold": 75,
    "grades": [["A", 150], ["B", 120], ["C", 95]],
    "factors": [
        {
            "fact": "purchase_horizon",
            "choices": {"now": 40, "1m": 30, "3m": 12, "6m": -8, "later": -25, "none": -45},
            "missing": -5,
        },
        {
            "fact": "current_vehicle",
            "choices": {
                "none": 8,
                "ebike_other": 10,
                "ebike_same_brand": 5,
                "petrol_motorcycle": 5,
                "car": -10,
                "bicycle": 5,
            },
            "missing": 0,
        },
        {
            "fact": "budget",
            "choices": {"<2000": -15, "2000-3500": 5, "3500-5000": 10, "5000-8000": 8, ">8000": 0},
            "missing": -3,
        },
        {
            "fact": "touchpoint",
            "choices": {
                "store_qr": 20,
                "community": 8,
                "official_account": 3,
                "mini_program": 0,
                "moments": -8,
                "channels_live": -12,
            },
            "missing": 0,
        },
        {"fact": "phone_verified", "choices": {"sms": 5, "wechat": 0, "none": -10}, "missing": -5},
        {"fact": "booked_test_ride", "choices": {"yes": 25, "no": 0}, "missing": 0},
        {"fact": "visited_store", "choices": {"yes": 30, "no": 0}, "missing": 0},
        {"fact": "signups", "steps": [[1, 0], [2, 8], [4, 12]], "missing": 0},
        {"fact": "draws", "steps": [[0, 0], [3, -5], [6, -15], [10, -25]], "missing": 0},
        {"fact": "store_km", "steps": [[0, 5], [10, 0], [30, -8], [100, -20]], "missing": -5},
    ],
}
