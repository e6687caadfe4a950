"""What the brand decided: which notices go out by which way, when nothing does, and when many become one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from shared.notifications.kinds import KINDS

Span = tuple[int, int]  # minutes after midnight in Beijing; the end not included, and past midnight when it is earlier
_DAY: Final = 24 * 60


class Channel(StrEnum):
    """A way out of the portal."""

    SMS = "sms"
    MAIL = "mail"


class Pace(StrEnum):
    """How often e-mails come."""

    AT_ONCE = "at_once"
    HOURLY = "hourly"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class KindRule:
    """Whether a kind goes out by each way, and whether it waits for nothing."""

    sms: bool
    mail: bool
    urgent: bool

    def by(self, channel: Channel) -> bool:
        """Whether it goes out that way."""
        return self.sms if channel is Channel.SMS else self.mail


def _usual() -> Mapping[str, KindRule]:
    return {name: KindRule(kind.sms, kind.mail, kind.urgent) for name, kind in KINDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """The brand's settings.

    Attributes:
        kinds: a rule for every kind.
        grades: new leads of these grades go out by text message.
        quiet: when nothing goes out that can wait; None: never.
        spacing_minutes: between two text messages to one person; what comes meanwhile goes out as one.
        pace: of e-mails; digest_at: minutes after midnight of the daily one.
    """

    kinds: Mapping[str, KindRule] = field(default_factory=_usual)
    grades: frozenset[str] = frozenset("AB")
    quiet: Span | None = (21 * 60, 8 * 60)
    spacing_minutes: int = 15
    pace: Pace = Pace.DAILY
    digest_at: int = 8 * 60 + 30

    @classmethod
    def of(cls, body: Mapping[str, Any] | None) -> Brand:
        """Read what `as_body` wrote; what is missing is as it usually is, also kinds that came later."""
        usual = cls()
        if not body:
            return usual
        stored = body["kinds"]
        kinds = {name: KindRule(**stored[name]) if name in stored else rule for name, rule in usual.kinds.items()}
        return replace(
            usual,
            kinds=kinds,
            grades=frozenset(body["grades"]),
            quiet=(body["quiet"][0], body["quiet"][1]) if body["quiet"] else None,
            spacing_minutes=body["spacing_minutes"],
            pace=Pace(body["pace"]),
            digest_at=body["digest_at"],
        )

    def as_body(self) -> dict[str, Any]:
        """JSON values."""
        rules = {name: {"sms": r.sms, "mail": r.mail, "urgent": r.urgent} for name, r in self.kinds.items()}
        return {
            "kinds": rules,
            "grades": "".join(sorted(self.grades)),
            "quiet": list(self.quiet) if self.quiet else None,
            "spacing_minutes": self.spacing_minutes,
            "pace": self.pace.value,
            "digest_at": self.digest_at,
        }


class Quiet(StrEnum):
    """Whose quiet hours hold for a person."""

    BRAND = "brand"
    STORE = "store"  # while their store is shut
    OWN = "own"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a person decided otherwise than the brand.

    Attributes:
        ways: kind → way ("portal", "sms", "mail") → whether it is wanted; only what differs.
        quiet_span: for `Quiet.OWN`.
        pace: of e-mails; None: as the brand's.
    """

    ways: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    quiet: Quiet = Quiet.BRAND
    quiet_span: Span = (21 * 60, 8 * 60)
    pace: Pace | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Choices:
        """Read what `as_body` wrote; an empty one differs in nothing."""
        if not body:
            return cls()
        return cls(
            ways=body["ways"],
            quiet=Quiet(body["quiet"]),
            quiet_span=(body["quiet_span"][0], body["quiet_span"][1]),
            pace=Pace(body["pace"]) if body["pace"] else None,
        )

    def as_body(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "ways": {kind: dict(ways) for kind, ways in self.ways.items() if ways},
            "quiet": self.quiet.value,
            "quiet_span": list(self.quiet_span),
            "pace": self.pace.value if self.pace else None,
        }

    def wants(self, kind: str, channel: Channel, brand: Brand) -> bool:
        """Whether the person wants the kind that way."""
        return bool(self.ways.get(kind, {}).get(channel.value, brand.kinds[kind].by(channel)))

    @property
    def muted(self) -> tuple[str, ...]:
        """Kinds that do not count as unread for them."""
        return tuple(sorted(kind for kind, ways in self.ways.items() if ways.get("portal") is False))


def is_within(minute: int, span: Span) -> bool:
    """Whether a minute of the day lies in a span."""
    start, end = span
    return start <= minute < end if start <= end else minute >= start or minute < end % _DAY
