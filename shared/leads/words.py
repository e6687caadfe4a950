"""The codes a store uses: why it sends a lead back, what came of a call, why a sale was lost."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shared.leads.lifecycle import Move


class DeclineReason(StrEnum):
    """Why a store does not want a lead."""

    BUSY = "busy"
    TOO_FAR = "too_far"
    NO_STOCK = "no_stock"
    KNOWN = "known"
    NOT_REAL = "not_real"
    OTHER = "other"


class GiveBackReason(StrEnum):
    """Why a store sends back a lead that it has claimed."""

    WRONG_NUMBER = "wrong_number"
    NEVER_SIGNED_UP = "never_signed_up"
    PRIZE_ONLY = "prize_only"
    DUPLICATE = "duplicate"
    TOO_FAR = "too_far"
    NO_STOCK = "no_stock"
    BUSY = "busy"
    OTHER = "other"


class Outcome(StrEnum):
    """What came of a call, a message or a visit."""

    INTERESTED = "interested"
    NO_ANSWER = "no_answer"
    APPOINTMENT = "appointment"
    WECOM_ADDED = "wecom_added"
    VISITED = "visited"
    NOTED = "noted"


class LostReason(StrEnum):
    """Why there will be no sale."""

    BOUGHT_OTHER = "bought_other"
    PRICE = "price"
    NO_STOCK = "no_stock"
    NO_LONGER_WANTS = "no_longer_wants"
    UNREACHABLE = "unreachable"
    WRONG_NUMBER = "wrong_number"
    NEVER_SIGNED_UP = "never_signed_up"
    PRIZE_ONLY = "prize_only"
    OTHER = "other"


#: What only a store can say that has the number: nobody real is behind the lead. Evidence for screening.
INVALID = frozenset((GiveBackReason.WRONG_NUMBER, GiveBackReason.NEVER_SIGNED_UP, GiveBackReason.PRIZE_ONLY))


class Kind(StrEnum):
    """How somebody followed up; `follow_ups.kind`."""

    CALL = "call"
    MESSAGE = "message"
    VISIT = "visit"
    APPOINTMENT = "appointment"
    NOTE = "note"


_OF_KIND: Mapping[Kind, Move | None] = MappingProxyType(
    {
        Kind.CALL: Move.CONTACT,
        Kind.MESSAGE: Move.CONTACT,
        Kind.VISIT: Move.VISIT,
        Kind.APPOINTMENT: Move.APPOINT,
        Kind.NOTE: None,
    }
)


def move_of(kind: Kind, outcome: Outcome | None) -> Move | None:
    """How a follow-up moves the assignment: by its outcome where that says more, else by its kind.

    A note moves nothing, nor does a call that nobody answered: the person has not been reached yet.
    """
    if outcome is Outcome.NO_ANSWER:
        return None
    if outcome is Outcome.APPOINTMENT:
        return Move.APPOINT
    if outcome is Outcome.VISITED:
        return Move.VISIT
    return _OF_KIND[kind]
