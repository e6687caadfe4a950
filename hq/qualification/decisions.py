"""What `qualify` decided, ready to be written."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hq.qualification.facts import Received, Said
from hq.qualification.matching.engine import Matching
from hq.qualification.scoring.scorecard import Score, Scorecard
from hq.qualification.screening.rules import ScreeningRules
from hq.qualification.thresholds.fates import Standing
from shared.work.aside import Aside

Place = Mapping[str, Any]
"""`lng`, `lat` (WGS-84), `source`, `uncertainty_km`, division code; {} when unknown (see `leads.place`)."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules of one run and the versions that a decision names."""

    screening: ScreeningRules
    card: Scorecard
    thresholds: Standing
    versions: Mapping[str, int]

    @property
    def versions_text(self) -> str:
        """The versions as JSON, for `signup_decisions.rules`."""
        return json.dumps(self.versions)


@dataclass(frozen=True, slots=True)
class Geography:
    """Where people are, given from outside: their best place from all sign-ups, and km to the nearest store."""

    place: Callable[[Sequence[Said]], Place]
    store_km: Callable[[Place], float | None]


@dataclass(frozen=True, slots=True)
class Decided:
    """One sign-up's outcome with every step that led to it."""

    received: Received
    outcome: str
    contact_id: UUID | None
    lead_id: UUID | None
    steps: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LeadChange:
    """A lead to open, or an open one that got stronger, by `by`."""

    lead_id: UUID
    contact_id: UUID
    by: Received
    score: Score
    points_before: int | None  # None: it is opened
    wish: Mapping[str, Any]
    place: Place
    store_code: str | None


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A lead whose person stands in quarantine: ended by itself, or (`ask`) a matter for headquarters."""

    lead_id: UUID
    contact_id: UUID
    by: UUID
    ask: bool
    reasons: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class PersonDecisions:
    """What is to be written about one person, all of it or nothing.

    Attributes:
        contact_id: None when nobody could be named.
        relook: sign-ups decided earlier that are to be decided again.
    """

    contact_id: UUID | None
    decided: tuple[Decided, ...]
    change: LeadChange | None
    suspicion: Suspicion | None
    relook: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class BatchDecisions:
    """Everything to write; `relook` are strangers to the batch whom its crowds cast in a new light, `relook_contacts`
    people who turn out to have invited each other in a circle."""

    matching: Matching
    people: tuple[PersonDecisions, ...]
    relook: frozenset[UUID]
    relook_contacts: frozenset[UUID]
    aside: Aside
