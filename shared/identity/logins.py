"""What people sign in with: a phone, an e-mail address or a name; kept as blind index and masked text only."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from shared.contacts.crypto import BlindIndex
from shared.contacts.phones import Phone, mask, parse_phone
from shared.identity.errors import BadLogin

_NAME = re.compile(r"[\w.+@-]{3,120}")
_PHONE_LIKE = re.compile(r"[+\d][\d\s().-]{6,}")
_KIND = "login"


@dataclass(frozen=True, slots=True)
class Login:
    """A login in its one form.

    Attributes:
        value: `+8613800138000`, or a name in lower case.
        masked: what may be shown and stored.
    """

    value: str
    masked: str

    def index(self, blind_key: bytes) -> bytes:
        """Its blind index."""
        return BlindIndex(blind_key).of(_KIND, self.value)

    def phone_index(self, blind_key: bytes) -> bytes | None:
        """The blind index by which a contact with this number would be found; None for a name."""
        return BlindIndex(blind_key).phone(self.value) if self.value.startswith("+") else None


def read_login(text: str) -> Login:
    """Bring what somebody typed into its one form.

    Raises:
        BadLogin: it can be no login.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    phone = parse_phone(plain) if _PHONE_LIKE.fullmatch(plain) else None
    if isinstance(phone, Phone):
        return Login(phone.e164, mask(phone.e164))
    name = plain.casefold()
    if not _NAME.fullmatch(name):
        raise BadLogin(field="login")
    return Login(name, _mask_name(name))


def _mask_name(name: str) -> str:
    local, at, domain = name.partition("@")
    shown = 1 if len(local) < 4 else 2
    return f"{local[:shown]}***{at}{domain}"
