"""What routing knows of a lead that waits."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID


class WaitingLead(NamedTuple):
    """A lead as the drain takes it."""

    lead_id: UUID
    contact_id: UUID
    scope_id: UUID
    state: str
    state_reason: Mapping[str, Any]
    grade: str
    probability: float
    reasons: list[Any]
    wish: Mapping[str, Any]
    place: Mapping[str, Any]
    store_code: str | None
    hops: int
    opened_at: datetime
    name: str | None
    campaign: str
    campaign_code: str
    consented: bool  # the consent stands


class Phone(NamedTuple):
    """A number of a contact, sealed; the best one first in a list."""

    phone_bidx: bytes
    sealed: bytes
    masked: str


class Sightings(NamedTuple):
    """The sign-ups that count for a lead."""

    signups: int
    latest: datetime | None
    touchpoint: str | None


class WasWith(NamedTuple):
    """The store that worked for a person lately."""

    dealer_id: UUID
    store_id: UUID


@dataclass(frozen=True, slots=True)
class LeadsFacts:
    """What belongs to a batch of leads, by lead or contact.

    Attributes:
        had: per lead the stores that had it, with the stage it ended in.
        scopes: per consent scope the dealers it names.
        was_with: per contact the store that worked on an earlier lead of the same person, while that is protected.
        sent_back: per lead the stores that sent the offer back without claiming it.
    """

    had: Mapping[UUID, Mapping[UUID, str]] = field(default_factory=dict)
    scopes: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)
    phones: Mapping[UUID, tuple[Phone, ...]] = field(default_factory=dict)
    sightings: Mapping[UUID, Sightings] = field(default_factory=dict)
    was_with: Mapping[UUID, WasWith] = field(default_factory=dict)
    sent_back: Mapping[UUID, Collection[UUID]] = field(default_factory=dict)
