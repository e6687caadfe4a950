"""Reading what somebody wants to put on a list: pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

from shared.contacts.phones import Phone, mask, parse_phone
from shared.platform.errors import Invalid

AUTO: Final = "auto"
MOST: Final = 50_000
_LONGEST = 128
_WIDEST = {4: 16, 6: 32}
"""The shortest prefix of a range of addresses: a wider one blocks whole towns."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value for a list: E.164, an openid, a device's id, or a range of addresses in CIDR form."""

    row: int
    what: str
    value: str
    shown: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that cannot be used, and why (`listed.<code>`)."""

    row: int
    text: str
    code: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a list says, each value once."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def read(lines: Iterable[tuple[int, str]], what: str) -> Reading:
    """Read lines as phones, openids, devices or addresses; `AUTO` tells phones and addresses apart by their form.

    Args:
        lines: number of the line as the person sees it, and its text; empty ones are passed over.
    """
    entries: dict[tuple[str, str], Entry] = {}
    problems: list[Problem] = []
    for row, text in lines:
        said = text.strip()
        if not said:
            continue
        try:
            entry = _entry(row, said, what)
        except Invalid as refusal:
            problems.append(Problem(row, _hidden(said), str(refusal.params["reason"])))
            continue
        entries.setdefault((entry.what, entry.value), entry)
    return Reading(tuple(entries.values()), tuple(problems))


def _entry(row: int, said: str, what: str) -> Entry:
    if what == "address" or (what == AUTO and ("." in said or ":" in said)):
        return _address(row, said)
    if what in ("phone", AUTO):
        phone = parse_phone(said)
        if not isinstance(phone, Phone):
            raise Invalid(field="lines", reason="not_a_phone" if what == "phone" else "neither")
        return Entry(row, "phone", phone.e164, mask(phone.e164))
    if len(said) > _LONGEST or len(said) < 6 or any(not each.isprintable() or each.isspace() for each in said):
        raise Invalid(field="lines", reason="not_an_id")
    return Entry(row, what, said, f"…{said[-4:]}")


def _address(row: int, said: str) -> Entry:
    try:
        network = ip_network(said, strict=False)
    except ValueError:
        raise Invalid(field="lines", reason="not_an_address") from None
    if network.prefixlen < _WIDEST[network.version]:
        raise Invalid(field="lines", reason="too_wide")
    return Entry(row, "address", str(network), str(network))


def _hidden(said: str) -> str:
    """What the person wrote, as far as it may be shown again: a wrong number may still be somebody's."""
    return said if len(said) <= 4 else f"{said[:3]}…{said[-1:]}"
