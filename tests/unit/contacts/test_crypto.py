"""Sealed personal data opens only under its key, in its place; blind indexes meet only for equal values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contacts.crypto import INDEX_BYTES, BlindIndex, Unreadable, Vault, sealed_with

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
PLACE = "contacts|0190|phone"


@given(st.binary(max_size=2000), st.text(max_size=60))
def test_what_is_sealed_opens_in_its_place(plain, aad):
    vault = Vault({1: OLD}, 1)
    assert vault.open(vault.seal(plain, aad=aad), aad=aad) == plain


def test_the_layout_is_version_key_nonce_ciphertext():
    sealed = Vault({258: OLD}, 258, random=lambda n: b"n" * n).seal(b"abc", aad=PLACE)
    assert sealed[:3] == b"\x01\x01\x02"
    assert sealed[3:15] == b"n" * 12
    assert len(sealed) == 15 + 3 + 16
    assert sealed_with(sealed) == 258


def test_the_same_text_is_never_sealed_to_the_same_bytes():
    vault = Vault({1: OLD}, 1)
    assert len({vault.seal(b"13800138000", aad=PLACE) for _ in range(100)}) == 100


def test_moved_to_another_row_it_is_unreadable():
    vault = Vault({1: OLD}, 1)
    with pytest.raises(Unreadable) as refusal:
        vault.open(vault.seal(b"x", aad=PLACE), aad="contacts|0191|phone")
    assert refusal.value.params["reason"] == "changed"


@given(st.data())
def test_one_changed_byte_makes_it_unreadable(data):
    vault = Vault({1: OLD}, 1)
    sealed = bytearray(vault.seal(b"13800138000", aad=PLACE))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Unreadable):
        vault.open(bytes(sealed), aad=PLACE)


def test_after_a_rotation_old_bytes_open_and_new_ones_use_the_new_key():
    before = Vault({1: OLD}, 1).seal(b"x", aad=PLACE)
    vault = Vault({1: OLD, 2: NEW}, 2)
    assert vault.open(before, aad=PLACE) == b"x"
    assert sealed_with(vault.seal(b"x", aad=PLACE)) == 2


def test_a_key_that_is_not_held_is_named():
    with pytest.raises(Unreadable) as refusal:
        Vault({2: NEW}, 2).open(Vault({1: OLD}, 1).seal(b"x", aad=PLACE), aad=PLACE)
    assert refusal.value.params == {"reason": "key_missing", "key_id": 1}


@given(st.binary(max_size=30))
def test_bytes_that_were_never_sealed_are_unreadable(noise):
    with pytest.raises(Unreadable):
        Vault({1: OLD}, 1).open(noise, aad=PLACE)


def test_a_vault_refuses_short_keys_and_a_missing_current_key():
    with pytest.raises(ValueError, match="32 bytes"):
        Vault({1: OLD[:16]}, 1)
    with pytest.raises(ValueError, match="current"):
        Vault({1: OLD}, 2)
    with pytest.raises(ValueError, match="32 bytes"):
        BlindIndex(OLD[:16])


def test_equal_values_of_one_kind_meet_and_others_do_not():
    index = BlindIndex(OLD)
    assert index.phone("+8613800138000") == index.of("phone", "+8613800138000")
    assert len(index.phone("+8613800138000")) == INDEX_BYTES
    assert index.of("openid", "8000") != index.last4("8000")
    assert BlindIndex(NEW).phone("+8613800138000") != index.phone("+8613800138000")
