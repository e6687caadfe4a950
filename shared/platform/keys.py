"""Every key of an installation, derived from one secret (HKDF-SHA256, RFC 5869), each for one purpose."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CURRENT_KEY_ID = 1


class BadSecret(ValueError):
    """KOI_SECRET_KEY is not base64 of at least 32 bytes."""


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """The installation's secret; never printed."""

    material: bytes

    @classmethod
    def parse(cls, text: str) -> Secret:
        """Read base64 text.

        Raises:
            BadSecret: it is not base64, or shorter than 32 bytes.
        """
        try:
            material = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadSecret("KOI_SECRET_KEY must be base64") from error
        if len(material) < 32:
            raise BadSecret("KOI_SECRET_KEY must hold at least 32 bytes")
        return cls(material)

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """The key for one purpose, `length` bytes."""
        return HKDF(SHA256(), length, salt=b"koi", info=purpose.encode()).derive(self.material)


@dataclass(frozen=True, slots=True, repr=False)
class SmsKeys:
    """What it takes to hand over a message: every face writes them, only workers send them."""

    sealing: dict[int, bytes]  # number and words of a message
    codes: bytes  # HMAC of the codes that people type
    blind: bytes

    @classmethod
    def of(cls, secret: Secret) -> SmsKeys:
        return cls(sealing=_family(secret, "sms"), codes=secret.derive("sms:codes"), blind=secret.derive("blind"))


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class PublicKeys:
    """What the public face may know: enough to take a sign-up. Key families map a key id to 32 bytes."""

    contacts: dict[int, bytes]  # personal data of sign-ups and contacts
    blind: bytes  # HMAC of the blind indexes
    idempotency: bytes  # HMAC of request bodies
    sms: SmsKeys

    @classmethod
    def of(cls, secret: Secret) -> PublicKeys:
        return PublicKeys(
            contacts=_family(secret, "contacts"),
            blind=secret.derive("blind"),
            idempotency=secret.derive("idempotency"),
            sms=SmsKeys.of(secret),
        )


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Keyring(PublicKeys):
    """All keys, for HQ and the workers."""

    cards: dict[int, bytes]  # customer cards of stores
    files: dict[int, bytes]  # uploaded workbooks and rejected rows

    @classmethod
    def of(cls, secret: Secret) -> Keyring:
        return cls(
            contacts=_family(secret, "contacts"),
            blind=secret.derive("blind"),
            idempotency=secret.derive("idempotency"),
            sms=SmsKeys.of(secret),
            cards=_family(secret, "cards"),
            files=_family(secret, "files"),
        )


@dataclass(frozen=True, slots=True, repr=False)
class DealerKeys:
    """What the dealer face may open: the cards of its own customers, and its sign-in index."""

    cards: dict[int, bytes]
    blind: bytes
    sms: SmsKeys

    @classmethod
    def of(cls, secret: Secret) -> DealerKeys:
        return cls(cards=_family(secret, "cards"), blind=secret.derive("blind"), sms=SmsKeys.of(secret))


def _family(secret: Secret, purpose: str) -> dict[int, bytes]:
    return {CURRENT_KEY_ID: secret.derive(f"{purpose}:{CURRENT_KEY_ID}")}


def database_password(secret: Secret, role: str) -> str:
    """The password that `migrate` gives a database role, hex."""
    return secret.derive(f"db:{role}", 24).hex()
