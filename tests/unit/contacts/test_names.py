"""Names are shown by surname until the store holds the lead."""

from __future__ import annotations

import pytest

from shared.contacts.names import mask_name, surname


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("陈小明", "陈**"),
        ("陈明", "陈*"),
        ("陈", "陈"),
        ("", ""),
        (" 陈明 ", "陈*"),
        ("欧阳锋", "欧阳*"),
        ("欧阳", "欧*"),
        ("Anna", "A**"),
        ("陈浩𠮷", "陈**"),
    ],
)
def test_only_the_surname_is_shown(name, masked):
    assert mask_name(name) == masked


def test_a_double_surname_is_one_surname():
    assert surname("司马相如") == "司马"
    assert surname("司机") == "司"
