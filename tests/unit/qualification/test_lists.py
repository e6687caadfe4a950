"""What somebody types or sends in a file becomes entries of a list, or is refused with its line."""

from __future__ import annotations

import pytest

from hq.qualification.lists.reading import read
from hq.qualification.screening.agents import is_script


def of(text, what="auto"):
    return read(enumerate(text.splitlines(), start=1), what)


def test_numbers_and_addresses_are_told_apart_by_their_form():
    found = of("138 0013 8000\n\n203.0.113.7\n２０３.0.113.0/24".replace("２０３", "203")).entries
    assert [(each.row, each.what, each.value) for each in found] == [
        (1, "phone", "+8613800138000"),
        (3, "address", "203.0.113.7/32"),
        (4, "address", "203.0.113.0/24"),
    ]


def test_a_value_twice_is_one_entry():
    assert len(of("13800138000\n+86 138-0013-8000").entries) == 1


def test_only_the_masked_value_is_shown():
    (phone,), (openid,) = of("13800138000").entries, of("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "openid").entries
    assert "00138" not in phone.shown
    assert openid.shown == "…eS6o"


@pytest.mark.parametrize(
    ("text", "what", "code"),
    [
        ("12345", "phone", "not_a_phone"),
        ("hello", "auto", "neither"),
        ("300.1.2.3", "auto", "not_an_address"),
        ("10.0.0.0/8", "address", "too_wide"),
        ("2001:db8::/16", "auto", "too_wide"),
        ("a b c d e f", "openid", "not_an_id"),
        ("abc", "device", "not_an_id"),
    ],
)
def test_what_cannot_be_used_says_why_and_in_which_line(text, what, code):
    read_ = of(f"\n{text}", what)
    assert read_.entries == ()
    assert [(each.row, each.code) for each in read_.problems] == [(2, code)]


def test_a_wrong_number_is_not_shown_whole():
    (problem,) = of("1380013800", "phone").problems
    assert problem.text == "138…0"


@pytest.mark.parametrize("agent", ["python-requests/2.31.0", "curl/8.0", "Mozilla/5.0 HeadlessChrome/120"])
def test_programs_say_so(agent):
    assert is_script(agent)


@pytest.mark.parametrize("agent", [None, "", "Mozilla/5.0 (iPhone) MicroMessenger/8.0.40", "javascript:x"])
def test_browsers_do_not(agent):
    assert not is_script(agent)
