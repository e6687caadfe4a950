"""Codes by text message: whoever types one in has the phone at hand.

    codes = Codes(engine, settings.keys.sms)                    # once per process and face

    codes.ask(Asker(phone="+8613800138000", purpose="own_page", address=request.remote_addr, device=device),
              language="zh")                                    # raises CodeTooSoon
    codes.check("+8613800138000", "own_page", "123456", use=form_nonce)   # raises CodeWrong, CodeGone

Both are transactions of their own on connections of their own: a wrong code must count although the request that
brought it ends in an error and is rolled back. So do not call them with work of the request at stake in between.

- The message is an intent in `sms_messages`, committed before anybody is called; `shared.sms.jobs` sends it.
- `ask` costs the same and says the same whether the number is known or not: give `deliver=False` for one that is not.
- A code is good for its purpose's minutes, for five tries and for one use. `use` names the form that uses it: the same
  form sent twice (a double click) is one use; of two forms one wins.
- Limits per number, device and address stand in `shared/db/sms_codes.py`; they are counted in the database, so they
  hold without Redis. `CodeTooSoon` says how many seconds to wait; `shared.sms.words` has sentences.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Literal

from sqlalchemy import Engine, event

from shared.contacts.crypto import BlindIndex
from shared.db.links import Link, Links
from shared.platform.ids import new_id
from shared.platform.keys import SmsKeys
from shared.sms.errors import CodeGone, CodeTooSoon, CodeWrong
from shared.sms.send import DRAIN, Message, seal
from shared.work.doorbell import ring

Purpose = Literal["signup", "own_page", "staff_sign_in", "reset", "new_phone", "notices"]
DIGITS: Final = 6
MINUTES: Final[dict[Purpose, int]] = {
    "signup": 10,
    "own_page": 10,
    "staff_sign_in": 5,
    "reset": 10,
    "new_phone": 10,
    "notices": 10,
}
_CONNECTIONS = 4
_ASK = "SELECT * FROM koi_sms_ask(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_CHECK = "SELECT * FROM koi_sms_check(%s, %s, %s, %s)"


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Asker:
    """Who asks for a code, and what for.

    Attributes:
        phone: E.164.
        address: of the network, as the trusted proxies report it; an IPv6 address counts with its /64.
        device: what the browser is known by, if anything.
    """

    phone: str
    purpose: Purpose
    address: str | None
    device: str | None = None


def _chance() -> int:
    return secrets.randbelow(10**DIGITS)


class Codes:
    """Asks for codes and checks them. Safe to share between threads."""

    def __init__(self, engine: Engine, keys: SmsKeys, *, random: Callable[[], int] = _chance) -> None:
        """`engine`: of the face; connections are opened with its login and closed with it. `random`: below 10^6."""
        self._links = Links(engine.url, connections=_CONNECTIONS)
        event.listen(engine, "engine_disposed", lambda _engine: self._links.close())
        self._keys = keys
        self._index = BlindIndex(keys.blind)
        self._random = random

    def ask(self, asker: Asker, *, language: str = "zh", deliver: bool = True) -> None:
        """Have a code sent, or do everything but that (`deliver=False`).

        Raises:
            CodeTooSoon: a limit is reached; nothing was sent.
            Busy: the database did not answer in time.
        """
        now = datetime.now(UTC)  # only for the ids; the database stamps the times
        code = f"{self._random():0{DIGITS}}"
        minutes = MINUTES[asker.purpose]
        params = {"code": code, "minutes": str(minutes)}
        message_id, template = new_id(now), f"code_{asker.purpose}"
        values = (
            message_id,
            new_id(now),
            self._index.phone(asker.phone),
            self._index.of("device", asker.device) if asker.device else None,
            self._index.of("address", network_of(asker.address)),
            asker.purpose,
            minutes,
            self._digest(asker.purpose, asker.phone, code) if deliver else secrets.token_bytes(sha256().digest_size),
            template,
            seal(Message(asker.phone, template, language, params), message_id, self._keys),
            deliver,
        )
        limited_by, seconds = self._links.run(lambda link: _one(link, _ASK, values))
        if limited_by is not None:
            raise CodeTooSoon(reason=limited_by, seconds=seconds)
        ring(DRAIN)

    def check(self, phone: str, purpose: Purpose, code: str, *, use: str) -> None:
        """Use a code up.

        Args:
            phone: E.164, as when it was asked for.
            code: as typed; spaces and full-width digits are fine.
            use: names the form; sent again with the same right code it is right again.

        Raises:
            CodeWrong: not this one; there are tries left.
            CodeGone: a new one must be asked for.
            Busy: the database did not answer in time.
        """
        typed = "".join(sign for sign in unicodedata.normalize("NFKC", code) if sign.isdigit())
        used_by = hmac.digest(self._keys.codes, f"use|{use}".encode(), sha256)
        values = (self._index.phone(phone), purpose, self._digest(purpose, phone, typed), used_by)
        result, left = self._links.run(lambda link: _one(link, _CHECK, values))
        if result == "gone":
            raise CodeGone(field="code")
        if result != "right":
            raise CodeWrong(field="code", left=left)

    def _digest(self, purpose: str, phone: str, code: str) -> bytes:
        return hmac.digest(self._keys.codes, f"{purpose}|{phone}|{code}".encode(), sha256)


def network_of(address: str | None) -> str:
    """What an address counts as: itself, or the /64 of an IPv6 address, which is one household's."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _one(link: Link, statement: str, values: tuple[object, ...]) -> tuple[str | None, int]:
    row = link.execute(statement, values).fetchone()
    if row is None:
        raise LookupError(statement)
    return row[0], row[1]
