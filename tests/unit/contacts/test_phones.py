"""Reading phone numbers: every form that people and spreadsheets write, and why some cannot be used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contacts.phones import Phone, PhoneProblem, is_virtual_operator, last4, mask, parse_phone

MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "138—0013—8000",
        "+86-138-0013-8000",
        "+8613800138000",
        "8613800138000",
        "008613800138000",
        "0086 138 0013 8000",
        "(+86)13800138000",
        "（+86）138 0013 8000",
        "１３８００１３８０００",
        "＋８６１３８００１３８０００",
        "013800138000",
        "13800138000  ",
        "\t13800138000\u3000",
        "\ufeff13800138000",
        "\u202d13800138000\u202c",
        "'13800138000",
        "‘13800138000",
        "13800138000.0",
        "1.3800138000E10",
        "1.3800138000e+10",
        13800138000,
        13800138000.0,
        "手机：13800138000",
        "13800138000转8",
        "13800138000(微信同号)",
    ],
)
def test_all_forms_of_one_number_are_one_number(text):
    assert parse_phone(text).e164 == "+8613800138000"


@pytest.mark.parametrize("between", ["/", "、", ";", "；", ",", "，", ", ", " ", "\n", "|", "或", "-", " / "])
def test_the_first_of_two_mobile_numbers_wins(between):
    found = parse_phone(f"13800138000{between}13900139000")
    assert found.e164 == "+8613800138000"
    assert "first_of_several" in found.repairs


def test_a_mobile_number_behind_a_landline_wins():
    assert parse_phone("021-81234567/13800138000") == Phone("+8613800138000", ("first_of_several",))


@pytest.mark.parametrize(
    ("text", "repairs"),
    [
        ("13800138000", ()),
        ("+8613800138000", ()),
        (13800138000, ()),
        ("13800138000 ", ("trimmed",)),
        ("'13800138000", ("apostrophe",)),
        ("１３８００１３８０００", ("fullwidth",)),
        ("138 0013 8000", ("separators",)),
        ("8613800138000", ("country_code",)),
        ("+86-138-0013-8000", ("separators", "country_code")),
        ("013800138000", ("dialling_zero",)),
        ("1.3800138000E10", ("number_form",)),
        (13800138000.0, ("number_form",)),
        ("电话13800138000", ("text_around",)),
    ],
)
def test_what_was_put_right_is_said(text, repairs):
    assert parse_phone(text).repairs == repairs


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "phone_missing"),
        ("", "phone_missing"),
        ("  \u3000", "phone_missing"),
        ("-", "phone_missing"),
        ("无", "phone_missing"),
        (float("nan"), "phone_missing"),
        (True, "phone_missing"),
        ("1380013800", "phone_length"),
        ("138001380", "phone_length"),
        ("138001380001", "phone_length"),
        ("86138001380001", "phone_length"),
        ("138\ufffd0138000", "phone_length"),
        ("138001380001380013800013800138000", "phone_length"),
        (13800138000.5, "phone_length"),
        ("1.3800138000E11", "phone_rounded"),
        ("12800138000", "phone_prefix"),
        ("22800138000", "phone_prefix"),
        ("+85291234567", "phone_prefix"),
        ("+14155550100", "phone_prefix"),
        ("021-81234567", "phone_landline"),
        ("010-81234567", "phone_landline"),
        ("0371-81234567", "phone_landline"),
        ("(0755)81234567", "phone_landline"),
        ("+86 21 8123 4567", "phone_landline"),
        ("400-123-4567", "phone_landline"),
        ("1.38E+10", "phone_rounded"),
        ("1.38001E+10", "phone_rounded"),
        ("8.6138E+12", "phone_rounded"),
    ],
)
def test_a_number_that_cannot_be_used_says_why(text, code):
    assert parse_phone(text) == PhoneProblem(code)


@given(MOBILES, st.sampled_from(["", "+86", "86", "0086", "+86 ", "0086-"]), st.sampled_from(["", " ", "-", "—", "."]))
def test_prefixes_and_separators_never_change_the_number(number, prefix, gap):
    typed = prefix + gap.join((number[:3], number[3:7], number[7:]))
    assert parse_phone(typed).e164 == "+86" + number
    assert parse_phone("".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in typed)).e164 == "+86" + number


@given(MOBILES)
def test_a_result_is_read_as_itself(number):
    assert parse_phone(parse_phone(number).e164) == Phone("+86" + number)
    assert parse_phone(float(number)).e164 == "+86" + number


@given(MOBILES)
def test_a_rounded_number_is_never_taken_for_a_whole_one(number):
    assert parse_phone(f"{float(number):.2E}") == PhoneProblem("phone_rounded")


@given(
    st.one_of(
        st.none(), st.text(max_size=40), st.integers(), st.floats(), st.text("0123456789+-/ .eE　１３", max_size=30)
    )
)
def test_any_cell_gives_a_mobile_number_or_a_known_problem(text):
    found = parse_phone(text)
    if isinstance(found, Phone):
        assert found.e164.startswith("+861")
        assert len(found.e164) == 14
        assert found.e164[1:].isascii()
        assert found.e164[1:].isdigit()
    else:
        assert found.code in {"phone_missing", "phone_length", "phone_prefix", "phone_landline", "phone_rounded"}


def test_virtual_operators_are_known_by_prefix():
    assert all(is_virtual_operator(f"+86{prefix}00001111") for prefix in (162, 165, 167, 170, 171))
    assert not any(is_virtual_operator(f"+86{prefix}00001111") for prefix in (138, 166, 172, 199))


def test_a_masked_number_shows_three_and_four_digits():
    assert mask("+8613800138000") == "138****8000"
    assert mask("13800138000") == "138****8000"
    assert last4("+8613800138000") == "8000"
    assert parse_phone("13800138000").national == "13800138000"
