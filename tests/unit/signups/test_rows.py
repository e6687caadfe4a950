"""A submission as columns: what stands in plain holds no phone number, and what is sealed opens only in its place."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from shared.contacts.crypto import Unreadable
from shared.signups.rows import Sealer, payload_place
from shared.signups.submission import Submission
from tests import factories as make

ID, OTHER = UUID(int=7), UUID(int=8)
SEALER = Sealer(make.RING)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王小明13800138000", "王小明***"),
        ("138 0013 8000 王", "*** 王"),
        ("+86-138-0013-8000", "***"),
        ("008613800138000", "***"),
        ("１３８００１３８０００", "***"),
        ("王小明", "王小明"),
        ("工号1234567890123456", "工号1234567890123456"),
        ("", None),
        (None, None),
    ],
)
def test_a_number_written_into_the_name_does_not_stand_in_plain(typed: str | None, kept: str | None) -> None:
    assert SEALER.row(ID, Submission(name=typed)).name == kept


def test_coordinates_are_left_alone() -> None:
    point = {"lng": 113.13812345678, "lat": 13.912345678901, "coord_sys": "GCJ-02"}
    assert json.loads(SEALER.row(ID, Submission(region=point)).region) == point


def test_what_is_sealed_opens_in_its_own_place_only() -> None:
    said = Submission(phone="138 0013 8000", openid="o1", name="陈小明13800138000", note="晚上打")
    row = SEALER.row(ID, said)
    assert SEALER.open(ID, row.sealed) == {
        "phone": "+8613800138000",
        "openid": "o1",
        "name": "陈小明13800138000",
        "note": "晚上打",
    }
    with pytest.raises(Unreadable):
        SEALER.open(OTHER, row.sealed)
    assert payload_place(ID) != payload_place(OTHER)


def test_a_number_that_cannot_be_used_is_kept_sealed_as_typed() -> None:
    row = SEALER.row(ID, Submission(phone="1380013800"))
    assert (row.phone_bidx, row.phone_problem) == (None, "phone_length")
    assert SEALER.open(ID, row.sealed)["phone"] == "1380013800"


def test_who_invited_is_found_by_the_index_of_openids() -> None:
    row = SEALER.row(ID, Submission(openid="o1", invited_by="o1", device_id="o1"))
    assert row.openid_bidx == row.inviter_bidx
    assert row.device_bidx != row.openid_bidx


def test_the_city_of_a_number_helps_only_those_who_name_no_place() -> None:
    guessing = Sealer(make.RING, phone_city=lambda _phone: "330100")
    assert json.loads(guessing.row(ID, Submission(phone="13800138000")).region) == {"phone_city": "330100"}
    named = Submission(phone="13800138000", region={"province": "浙江省"})
    assert json.loads(guessing.row(ID, named).region) == {"province": "浙江省"}
    assert json.loads(guessing.row(ID, Submission(phone="12")).region) == {}
