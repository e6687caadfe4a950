"""What may still be changed about a campaign that has begun."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.campaigns.face import Face, Prize, worsened
from tests.factories.counting import NOW

BIKE = Prize(tier="一等奖", name="M3", value=Decimal(4999), count=1)
HELMET = Prize(tier="二等奖", name="头盔", value=Decimal("19.90"), count=20)
FACE = Face(
    headline="0 元开回家", organiser="青屿", draw_at=NOW, draw_method="摇号", rules="甲。", prizes=(BIKE, HELMET)
)


def test_a_face_survives_storage() -> None:
    assert Face.parse(FACE.as_body()) == FACE
    assert (BIKE.price, HELMET.price) == ("4,999", "19.90")


@pytest.mark.parametrize(
    "change",
    [
        {"prizes": (BIKE, replace(HELMET, count=30))},
        {"prizes": (replace(BIKE, value=Decimal(5999)), HELMET)},
        {"prizes": (BIKE, HELMET, BIKE)},
        {"rules": "甲。乙。"},
        {"redemption": "到店领取"},  # it was empty
        {"contact": "400-000-0000", "picture": "campaigns/x.jpg"},
    ],
)
def test_more_is_in_the_consumers_favour(change: dict[str, Any]) -> None:
    assert worsened(FACE, replace(FACE, **change)) == {}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"prizes": (BIKE,)}, "prizes"),
        ({"prizes": (HELMET, BIKE)}, "prizes"),
        ({"prizes": (replace(BIKE, value=Decimal("4998.99")), HELMET)}, "prizes"),
        ({"prizes": (BIKE, replace(HELMET, count=19))}, "prizes"),
        ({"rules": "乙。甲。"}, "rules"),
        ({"rules": ""}, "rules"),
        ({"draw_at": NOW + timedelta(days=1)}, "draw_at"),
        ({"draw_method": "抽签"}, "draw_method"),
        ({"headline": "1 元开回家"}, "headline"),
        ({"organiser": "别家"}, "organiser"),
    ],
)
def test_what_was_promised_stays(change: dict[str, Any], field: str) -> None:
    assert list(worsened(FACE, replace(FACE, **change))) == [field]


def test_what_the_law_asks_for_is_missed() -> None:
    assert FACE.missing == ("contact", "redemption")
    assert len(Face().missing) == 7
