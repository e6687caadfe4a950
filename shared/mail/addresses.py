"""E-mail addresses as people type them."""

from __future__ import annotations

import re
from typing import Final

from shared.platform.errors import Invalid

LONGEST: Final = 254  # RFC 5321, section 4.5.3.1.3
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")


class BadAddress(Invalid):
    """Not an e-mail address that a message can be sent to."""

    code = "mail_address_unreadable"


def read_address(text: str) -> str:
    """The address as it is kept.

    Raises:
        BadAddress: it is none.
    """
    typed = text.strip()
    if len(typed) > LONGEST or not _ADDRESS.fullmatch(typed) or ".." in typed:
        raise BadAddress(field="mail")
    name, _, host = typed.rpartition("@")
    return f"{name}@{host.lower()}"


def mask(address: str) -> str:
    """An address to be shown: its first sign and its host."""
    name, _, host = address.rpartition("@")
    return f"{name[:1]}***@{host}"
