"""How strong a customer's keys are: the strongest of the sign-ups that brought each (decision 222)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hq.qualification.matching.engine import ACCOUNTS, PHONE, Key
from shared.contacts.models import Identity
from shared.signups.models import Signup

STRENGTHS = ("wechat", "sms", "typed", "staff", "imported")
"""The strongest first."""
_BY_SOURCE = {"import": "imported", "hand": "staff", "store": "staff"}
_COLUMNS = {PHONE: "phone_bidx", **ACCOUNTS}


@dataclass(frozen=True, slots=True)
class KeyKnown:
    """A key of a customer.

    Attributes:
        masked: of a number.
        strength: one of `STRENGTHS`; None when no sign-up tells.
        signup: the first that gave the key this strength.
        signups: how many had it.
        crowd: phones seen with an account that names nobody, else None.
    """

    identity: Identity
    masked: str | None
    strength: str | None
    signup: Signup | None
    signups: int
    crowd: int | None


def strength_of(kind: str, signup: Signup) -> str:
    """What one sign-up says of a key: an account is WeChat's own word where the person was signed in there."""
    if signup.source in _BY_SOURCE:
        return _BY_SOURCE[signup.source]
    if kind != "phone":
        return "wechat"
    return signup.phone_verified if signup.phone_verified in STRENGTHS else "typed"


def keys_known(
    identities: Iterable[Identity],
    signups: Sequence[Signup],
    masked: Mapping[bytes, str],
    crowds: Mapping[Key, int],
) -> list[KeyKnown]:
    """Every key with its strength; `signups` the latest first."""
    return [_known(each, signups, masked, crowds) for each in identities]


def _known(
    identity: Identity, signups: Sequence[Signup], masked: Mapping[bytes, str], crowds: Mapping[Key, int]
) -> KeyKnown:
    column, value = _COLUMNS.get(identity.kind), bytes(identity.value_bidx)
    had = [each for each in signups if column and bytes(getattr(each, column) or b"") == value]
    best = min(reversed(had), key=lambda each: STRENGTHS.index(strength_of(identity.kind, each)), default=None)
    return KeyKnown(
        identity,
        masked.get(value) if identity.kind == "phone" else None,
        strength_of(identity.kind, best) if best else None,
        best,
        len(had),
        crowds.get(Key(identity.kind, value)),
    )
