"""An offer keeps its facts through its stored form, and nothing that names the person is in it."""

import json
from datetime import UTC, datetime

from shared.leads.offers import Offer


def test_the_stored_form_can_be_read_again():
    offer = Offer(
        phone="138****0000",
        name="陈**",
        district="西湖区",
        km=2.3,
        wish={"model": "S1"},
        signed_up_at=datetime(2026, 11, 20, 2, tzinfo=UTC),
        reasons=({"fact": "signups", "bin": "2+", "points": 8},),
        why={"code": "nearest"},
        stores=2,
    )
    assert Offer.from_json(json.loads(json.dumps(offer.as_json()))) == offer


def test_what_is_missing_is_unknown_and_what_is_new_is_passed_over():
    assert Offer.from_json({"phone": "138****0000", "later": 1}) == Offer(phone="138****0000")
    assert Offer.from_json({}) == Offer(phone="")
