"""What there is to tell: every kind of notice, to whom it may go, and how it reaches people unless they choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Audience = Literal["store", "owner", "hq"]
Topic = Literal["new", "time", "ended", "desk"]
AUDIENCES: Final[tuple[Audience, ...]] = ("store", "owner", "hq")
TOPICS: Final[tuple[Topic, ...]] = ("new", "time", "ended", "desk")


class UnknownKind(ValueError):
    """Nobody has words for this kind, or not for this audience."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of notice.

    Attributes:
        topic: what the inbox sorts it under.
        to: audiences that it may be for.
        sms, mail: whether it goes out that way unless the brand or the person decides otherwise.
        urgent: it is sent at once and in quiet hours too, unless the brand decides otherwise.
        elsewhere: another place of the portal counts it already, so that it does not count as unread.
    """

    topic: Topic
    to: tuple[Audience, ...] = ("store",)
    sms: bool = False
    mail: bool = False
    urgent: bool = False
    elsewhere: bool = False


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        # Waiting offers stand on the first page, with their time; counting each again would drown the others.
        "offered": Kind(topic="new", sms=True, mail=True, elsewhere=True),
        "given": Kind(topic="new", sms=True, mail=True),
        "strengthened": Kind(topic="new", mail=True),
        "claim_soon": Kind(topic="time", sms=True),
        "contact_soon": Kind(topic="time"),
        "follow_up_soon": Kind(topic="time"),
        "claim_late": Kind(topic="time", to=("store", "owner"), sms=True, mail=True),
        "contact_late": Kind(topic="time", to=("store", "owner"), sms=True, mail=True),
        "follow_up_late": Kind(topic="time", to=("store", "owner"), sms=True, mail=True),
        "expired": Kind(topic="time", mail=True),
        "recycled": Kind(topic="ended", mail=True),
        "recalled": Kind(topic="ended", mail=True),
        "taken": Kind(topic="ended"),
        "escalated": Kind(topic="time", to=("store", "owner", "hq"), sms=True, mail=True, urgent=True),
        "desk": Kind(topic="desk", to=("hq",), mail=True),
    }
)


def kind_for(name: str, audience: Audience) -> Kind:
    """The kind of that name.

    Raises:
        UnknownKind: there is none, or it is not for this audience.
    """
    found = KINDS.get(name)
    if found is None or audience not in found.to:
        raise UnknownKind(f"{name} for {audience}")
    return found


def kinds_of(*audiences: Audience) -> tuple[str, ...]:
    """The names of all kinds that somebody of these audiences may be told, in the order of `KINDS`."""
    return tuple(name for name, kind in KINDS.items() if set(kind.to) & set(audiences))


def kinds_about(topic: str) -> tuple[str, ...]:
    """The names of the kinds of a topic; none for an unknown one."""
    return tuple(name for name, kind in KINDS.items() if kind.topic == topic)


def topics_of(*audiences: Audience) -> tuple[Topic, ...]:
    """What there may be notices about for somebody of these audiences, in the order of `TOPICS`."""
    about = {KINDS[name].topic for name in kinds_of(*audiences)}
    return tuple(topic for topic in TOPICS if topic in about)
