"""The forms of how one wants to be told, and of what the brand decides: what is ticked, as settings. No session."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from shared.notifications.brand import Brand, Channel, Choices, KindRule, Pace, Quiet, Span
from shared.notifications.kinds import KINDS
from shared.platform.errors import Invalid

PORTAL: Final = "portal"
WAYS: Final = (PORTAL, *(channel.value for channel in Channel))
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_MOST_SPACING: Final = 240
_GRADES: Final = "ABCD"
_E = TypeVar("_E", Quiet, Pace)


class BadChoice(Invalid):
    """Something in the form cannot be read; `params["field"]` names it."""

    code = "notices_choice_unreadable"


@dataclass(frozen=True, slots=True)
class Row:
    """A kind in the form: by which ways it is wanted, in the order of `WAYS`. `urgent`: it waits for nothing."""

    kind: str
    wanted: Sequence[bool]
    urgent: bool


def rows(kinds: Iterable[str], choices: Choices, brand: Brand) -> list[Row]:
    """What a person's form shows."""
    return [Row(kind, [_wanted(kind, way, choices, brand) for way in WAYS], brand.kinds[kind].urgent) for kind in kinds]


def brand_rows(brand: Brand) -> list[Row]:
    """What the brand's form shows: the portal always has everything."""
    return [Row(kind, (True, rule.sms, rule.mail), rule.urgent) for kind, rule in brand.kinds.items()]


def read_choices(form: Mapping[str, str], kinds: Iterable[str], before: Choices, brand: Brand) -> Choices:
    """A person's choices as ticked; only what differs from the brand's is kept, and kinds not asked about stay.

    Raises:
        BadChoice: a time or a word that is none.
    """
    ways = {kind: dict(kept) for kind, kept in before.ways.items()}
    for kind in kinds:
        ticked = {way: f"{kind}.{way}" in form for way in WAYS}
        usual = Choices()
        ways[kind] = {way: on for way, on in ticked.items() if on != _wanted(kind, way, usual, brand)}
    quiet = _one_of(form, "quiet", Quiet)
    pace = form.get("pace", "")
    return Choices(
        ways={kind: kept for kind, kept in ways.items() if kept},
        quiet=quiet,
        quiet_span=_span(form) if quiet is Quiet.OWN else before.quiet_span,
        pace=None if pace == "" else _one_of(form, "pace", Pace),
    )


def read_brand(form: Mapping[str, str], before: Brand) -> Brand:
    """The brand's settings as ticked.

    Raises:
        BadChoice: a time, number or word that is none.
    """
    kinds = {kind: KindRule(f"{kind}.sms" in form, f"{kind}.mail" in form, f"{kind}.urgent" in form) for kind in KINDS}
    spacing = form.get("spacing", "")
    if not spacing.isdecimal() or int(spacing) > _MOST_SPACING:
        raise BadChoice(field="spacing")
    return replace(
        before,
        kinds=kinds,
        grades=frozenset(grade for grade in _GRADES if f"grade.{grade}" in form),
        quiet=_span(form) if "quiet" in form else None,
        spacing_minutes=int(spacing),
        pace=_one_of(form, "pace", Pace),
        digest_at=_minute(form, "digest_at"),
    )


def clock_text(minute: int) -> str:
    """A minute of the day as a time field has it."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _wanted(kind: str, way: str, choices: Choices, brand: Brand) -> bool:
    if way == PORTAL:
        return kind not in choices.muted
    return choices.wants(kind, Channel(way), brand)


def _span(form: Mapping[str, str]) -> Span:
    return _minute(form, "quiet_from"), _minute(form, "quiet_until")


def _minute(form: Mapping[str, str], name: str) -> int:
    found = _CLOCK.fullmatch(form.get(name, ""))
    if found is None:
        raise BadChoice(field=name)
    return int(found[1]) * 60 + int(found[2])


def _one_of(form: Mapping[str, str], name: str, words: type[_E]) -> _E:
    try:
        return words(form.get(name, ""))
    except ValueError:
        raise BadChoice(field=name) from None
