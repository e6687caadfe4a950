"""What becomes of all that waits for one person and one way out: dropped, put off, or told in one message. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from shared.leads.lifecycle import HOLDING, Stage
from shared.notifications.brand import Brand, Channel, Choices
from shared.notifications.texts import Item

_TO_CLAIM: Final = ("offered", "claim_soon")
_TO_WORK: Final = ("contact_soon", "follow_up_soon", "contact_late", "follow_up_late")
_FRESH: Final = ("offered", "given")  # whoever was in the portal since has seen it there


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that waits, and what is to be known of it now.

    Attributes:
        stage, deadline_at: of the assignment, where it is about one.
        is_over: it no longer holds.
        worked: the store has worked on the lead since.
        with_other: it is for one person, and somebody else has the lead.
        is_read: the person has read it; was_there: they have used the portal since.
        is_active: their account may sign in; has_address: they can be reached that way.
    """

    delivery_id: UUID
    kind: str
    grade: str | None
    deadline: datetime | None
    stage: str | None
    deadline_at: datetime | None
    is_read: bool
    was_there: bool
    is_active: bool
    has_address: bool
    is_over: bool = False
    worked: bool = False
    with_other: bool = False


@dataclass(frozen=True, slots=True)
class Bundle:
    """The outcome. `dropped`: delivery → why; `put_off_to`: until then nothing of the rest goes out."""

    dropped: Mapping[UUID, str] = field(default_factory=dict)
    told: Sequence[Waiting] = ()
    put_off_to: datetime | None = None

    @property
    def items(self) -> list[Item]:
        """What the message tells of."""
        return [Item(each.kind, each.grade, each.deadline) for each in self.told]


def bundle(
    rows: Iterable[Waiting],
    channel: Channel,
    brand: Brand,
    choices: Choices,
    *,
    last_at: datetime | None,
    now: datetime,
) -> Bundle:
    """Decide on everything that waits for a person by a way. `last_at`: when they last got a message by it."""
    dropped: dict[UUID, str] = {}
    told: list[Waiting] = []
    for row in rows:
        if why := _needless(row, channel, brand, choices, now):
            dropped[row.delivery_id] = why
        else:
            told.append(row)
    spacing = timedelta(minutes=brand.spacing_minutes)
    urgent = any(brand.kinds[each.kind].urgent for each in told)
    if told and channel is Channel.SMS and not urgent and last_at is not None and last_at + spacing > now:
        return Bundle(dropped, (), last_at + spacing)
    return Bundle(dropped, told)


def _needless(row: Waiting, channel: Channel, brand: Brand, choices: Choices, now: datetime) -> str:
    """Why nobody has to be told any more; empty when somebody has."""
    if not row.is_active:
        return "left"
    if not row.has_address:
        return "no_address"
    if not choices.wants(row.kind, channel, brand):
        return "off"
    if row.is_over or _is_settled(row):
        return "over"
    over = row.deadline_at is not None and row.deadline_at <= now
    if row.kind in _TO_CLAIM and row.stage is not None and (row.stage != Stage.OFFERED or over):
        return "over"
    return "seen" if row.is_read or (row.kind in _FRESH and row.was_there) else ""


def _is_settled(row: Waiting) -> bool:
    """Whether a notice asks for nothing any more: the lead is gone, with somebody else, or worked on."""
    if row.stage is None or row.kind not in ("given", *_TO_WORK):
        return False
    return row.stage not in HOLDING or row.with_other or (row.worked and row.kind in _TO_WORK)
