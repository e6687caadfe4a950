"""Logins in their one form, and passwords that will do."""

from __future__ import annotations

import pytest

from shared.identity import passwords
from shared.identity.errors import BadLogin, WeakPassword
from shared.identity.logins import read_login

KEY = b"k" * 32


@pytest.mark.parametrize(
    "typed",
    ["13800138000", "138 0013 8000", "+86-138-0013-8000", "008613800138000", "１３８００１３８０００", " 13800138000 "],
)
def test_a_phone_is_one_login_in_all_its_forms(typed):
    login = read_login(typed)

    assert login.value == "+8613800138000"
    assert login.masked == "138****8000"
    assert login.index(KEY) == read_login("13800138000").index(KEY)


def test_names_and_addresses_ignore_case():
    assert read_login("Shen.Qing@Example.com").value == "shen.qing@example.com"
    assert read_login("Shen.Qing@Example.com").masked == "sh***@example.com"
    assert read_login("abc").masked == "a***"


@pytest.mark.parametrize("typed", ["", "ab", "two words", "a" * 121, "😀😀😀"])
def test_what_can_be_no_login_is_refused(typed):
    with pytest.raises(BadLogin):
        read_login(typed)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "short"),
        ("x" * 129, "long"),
        ("password123", "common"),
        ("!!admin1234!!", "common"),
        ("1234567890", "common"),
        ("13912345678", "common"),
        ("aaaaaaaaaaaa", "common"),
        ("abcdefghijkl", "common"),
        ("qwertyuiop", "common"),
        ("13800138000", "login"),
        ("+86 138 0013 8000", "login"),
        ("林浩林浩林浩林浩林浩", "login"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password, reason):
    with pytest.raises(WeakPassword) as refusal:
        _check(password)

    assert refusal.value.params["reason"] == reason


@pytest.mark.parametrize(
    "password", ["correct horse battery", "电瓶车 最好骑的 一辆", "tR0ub4dor3x", "k7mq-9xwz-3nhc-p2vd"]
)
def test_a_password_that_is_hard_to_guess_will_do(password):
    _check(password)


def test_generated_passwords_will_do():
    for _ in range(50):
        _check(passwords.generated())


def _check(password):
    index = read_login("13800138000").index(KEY)
    passwords.check(password, name="林浩林浩林浩林浩林浩", login_bidx=index, blind_key=KEY)
