"""No phone number gets into a log."""

from __future__ import annotations

import pytest

from shared.platform.logs import scrub


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("call 13800138000 now", "call ***8000 now"),
        ("+8613800138000", "***8000"),
        ("138 0013 8000, 139-1111-2222", "***8000, ***2222"),
        ("Key (phone)=(13800138000) exists", "Key (phone)=(***8000) exists"),
        ("01a2097f-9473-77f7-b5df-138001380001", "01a2097f-9473-77f7-b5df-138001380001"),
        ("request 13800138000a took 12.5 ms", "request 13800138000a took 12.5 ms"),
    ],
)
def test_phones_are_hidden_and_ids_are_not(text, kept):
    assert scrub(text) == kept
