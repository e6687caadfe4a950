"""Passwords: argon2id hashes, and which ones are refused.

Parameters after OWASP's Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane; 29 to 41 ms here.
"""

from __future__ import annotations

import functools
import itertools
import re
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.identity.errors import BadLogin, WeakPassword
from shared.identity.logins import read_login

SHORTEST = 10
LONGEST = 128
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# each takes 19 MiB and a processor: a crowd at the door waits here instead of filling the memory
_AT_ONCE = threading.BoundedSemaphore(4)
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
# fmt: off
_COMMON_STEMS = frozenset({
    "1314520", "1q2w3e4r", "1q2w3e4r5t", "1qaz2wsx", "5201314", "a1b2c3d4", "aa", "abc", "abcd", "abcde",
    "abcdef", "abcdefg", "abcdefgh", "abcdefghij", "admin", "administrator", "asdfghjkl", "bb", "changeme",
    "dealer", "default", "dragon", "football", "guest", "hello", "iloveyou", "jinli", "koi", "letmein", "login",
    "manager", "master", "mima", "monkey", "nihao", "p@ssw0rd", "p@ssword", "passw0rd", "passwd", "password",
    "princess", "q1w2e3r4", "qazwsx", "qazwsxedc", "qq", "qwerty", "qwertyuiop", "root", "secret", "store",
    "sunshine", "superman", "test", "user", "welcome", "woaini", "woaini1314", "woaiwojia", "wodemima", "www",
    "zaq12wsx", "zxcvbnm",
})
# fmt: on
_EDGES = re.compile(r"^[\d\W_]+|[\d\W_]+$")


def hash_password(password: str) -> str:
    """An argon2id hash with its own salt."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether a password fits; takes as long when there is no hash to compare with."""
    known = password_hash or _stand_in()
    try:
        with _AT_ONCE:
            fits = _HASHER.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False
    return fits and password_hash is not None


@functools.cache
def _stand_in() -> str:
    """The hash of a password that nobody has."""
    return hash_password(secrets.token_urlsafe(32))


def warm_up() -> None:
    """Make the stand-in, so that the first unknown login does not take longer than others."""
    _stand_in()


def generated() -> str:
    """A password to print once: 16 signs that are not mistaken for one another, about 79 bits."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))


def check(password: str, *, name: str, login_bidx: bytes, blind_key: bytes) -> None:
    """Refuse a password that is easy to guess (NIST SP 800-63B, 3.1.1.2: length and a blocklist, no recipes).

    Args:
        password: the wish.
        name: whose it is.
        login_bidx: blind index of the login, which is not kept in clear; blind_key: its key.

    Raises:
        WeakPassword: `reason` is short, long, common or login.
    """
    if len(password) < SHORTEST:
        raise WeakPassword(reason="short", field="password", shortest=SHORTEST)
    if len(password) > LONGEST:
        raise WeakPassword(reason="long", field="password", longest=LONGEST)
    folded = password.casefold()
    if folded == name.casefold() or _is_login(password, login_bidx, blind_key):
        raise WeakPassword(reason="login", field="password")
    if _is_common(folded):
        raise WeakPassword(reason="common", field="password")


def _is_login(password: str, login_bidx: bytes, blind_key: bytes) -> bool:
    try:
        return read_login(password).index(blind_key) == login_bidx
    except BadLogin:
        return False


def _is_common(folded: str) -> bool:
    if len(set(folded)) < 4 or folded.isdigit():
        return True
    stem = _EDGES.sub("", folded)
    return folded in _COMMON_STEMS or stem in _COMMON_STEMS or _is_run(folded)


def _is_run(folded: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(folded)}
    return steps in ({1}, {-1})
