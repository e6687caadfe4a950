"""Sealing personal data, and finding it again without opening it.

Sealed bytes are `version (1) · key id (2, big-endian) · nonce (12) · AES-256-GCM ciphertext and tag`.
The AAD ties them to their place (table, row, field, key), so that they cannot be moved to another row.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.platform.errors import DomainError

_VERSION = 1
_HEADER = 3
_NONCE = 12  # NIST SP 800-38D, section 8.2.2: 96 random bits, at most 2^32 messages a key
_TAG = 16

#: Bytes of a blind index. 16 of the 32 bytes of HMAC-SHA256 halve the index in memory, and with 10^9
#: values two different ones still meet with a chance of only 1.5·10^-21 (n²/2^129).
INDEX_BYTES = 16


class Unreadable(DomainError):
    """Sealed bytes cannot be opened; `params["reason"]`: form, key_missing, or changed (bytes or place)."""

    code = "unreadable"
    status = 500


class Vault:
    """Seals with the current key and opens with any key it holds."""

    __slots__ = ("_ciphers", "_current", "_header", "_random")

    def __init__(
        self,
        keys: Mapping[int, bytes],
        current: int,
        *,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """Hold keys of 32 bytes by id (0 to 65535).

        Raises:
            ValueError: a key is not 32 bytes long, or the current one is missing.
        """
        if current not in keys or any(len(key) != 32 for key in keys.values()):
            raise ValueError("every key has 32 bytes and the current one is among them")
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = current
        self._header = bytes([_VERSION]) + current.to_bytes(2, "big")
        self._random = random

    @property
    def current_key_id(self) -> int:
        """The id of the key that `seal` uses."""
        return self._current

    def seal(self, plain: bytes, *, aad: str) -> bytes:
        """Encrypt under the current key. `aad` names the place; the key id is added to it here."""
        nonce = self._random(_NONCE)
        bound = f"{aad}|{self._current}".encode()
        return self._header + nonce + self._ciphers[self._current].encrypt(nonce, plain, bound)

    def open(self, sealed: bytes, *, aad: str) -> bytes:
        """Decrypt what `seal` made for the same place.

        Raises:
            Unreadable: too short or of another version, a key that is not held, or changed bytes or place.
        """
        key_id = sealed_with(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise Unreadable(reason="key_missing", key_id=key_id)
        body = _HEADER + _NONCE
        try:
            return cipher.decrypt(bytes(sealed[_HEADER:body]), bytes(sealed[body:]), f"{aad}|{key_id}".encode())
        except InvalidTag:
            raise Unreadable(reason="changed", key_id=key_id) from None


def sealed_with(sealed: bytes) -> int:
    """The id of the key that sealed these bytes (what a rotation looks for).

    Raises:
        Unreadable: they are not sealed bytes.
    """
    if len(sealed) < _HEADER + _NONCE + _TAG or sealed[0] != _VERSION:
        raise Unreadable(reason="form")
    return int.from_bytes(sealed[1:_HEADER], "big")


class BlindIndex:
    """Keyed digests of values: equal values meet in an index that tells nothing without the key."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        """Hold the HMAC key.

        Raises:
            ValueError: fewer than 32 bytes.
        """
        if len(key) < 32:
            raise ValueError("a blind index key has at least 32 bytes")
        self._key = key

    def of(self, kind: str, value: str) -> bytes:
        """The digest of a value of a kind (`openid`, `device`, …), INDEX_BYTES long; kinds never meet."""
        return hmac.digest(self._key, f"{kind}|{value}".encode(), sha256)[:INDEX_BYTES]

    def phone(self, e164: str) -> bytes:
        """The digest of a whole number."""
        return self.of("phone", e164)

    def last4(self, digits: str) -> bytes:
        """The digest of the last four digits: 10,000 values, so it narrows a search but hides nothing from the key."""
        return self.of("last4", digits)
