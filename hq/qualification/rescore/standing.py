"""What another score means for one person: pure.

A store's lead stays where it is, whatever the score. What nobody holds follows the threshold: a lead that waits and no
longer reaches it is nurtured, and one that was nurtured so, or a person who never became a lead, comes back when it is
reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from hq.qualification.facts import Said

NURTURED = "below_threshold"
"""`leads.state_reason` of a lead that was closed because its score no longer reaches the threshold."""


class LeadRow(NamedTuple):
    """A lead that is open or was nurtured, locked."""

    lead_id: UUID
    contact_id: UUID
    state: str
    points: int
    grade: str
    lng: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class Person:
    """A contact with its sign-ups that passed screening (oldest first, at least one), and its lead if it has one that
    is open or nurtured."""

    contact_id: UUID
    signups: Sequence[Said]
    lead: LeadRow | None

    @property
    def below(self) -> UUID | None:
        """The sign-up that stands below the threshold, where the person's latest word is such a one."""
        told = next((said for said in reversed(self.signups) if said.outcome != "duplicate"), None)
        return told.signup_id if told is not None and told.outcome == "below_threshold" else None

    @property
    def concerned(self) -> bool:
        """Whether a score can change anything: an open or nurtured lead, or a sign-up below the threshold."""
        return self.lead is not None or self.below is not None


class Step(StrEnum):
    """What becomes of a person's place besides the score."""

    STAY = "stay"
    NURTURE = "nurture"
    REVIVE = "revive"
    LOOK_AGAIN = "look_again"


def step(person: Person, *, enough: bool, enough_when_told: bool) -> Step:
    """Where the person goes.

    Args:
        enough: the score of now reaches the threshold.
        enough_when_told: so does that of the moment of the latest sign-up, by which sign-ups are decided. Who reaches
            it only by growing older would be looked at every night and turned away every time.
    """
    lead = person.lead
    if lead is None:
        return Step.LOOK_AGAIN if enough and enough_when_told and person.below else Step.STAY
    if lead.state == "closed":
        return Step.REVIVE if enough else Step.STAY
    brought = any(said.brought for said in person.signups)  # a store or headquarters wants the person anyway
    return Step.NURTURE if lead.state == "waiting" and not enough and not brought else Step.STAY


class NewScore(NamedTuple):
    """A lead's score as it is written; `reasons` is the JSON text."""

    lead_id: UUID
    points: int
    grade: str
    probability: float
    reasons: str


def told(lead: LeadRow, new: NewScore, version: int, least: int) -> dict[str, Any]:
    """The line of the lead's story; `least`: the threshold of that version."""
    return {
        "points_before": lead.points,
        "points": new.points,
        "grade_before": lead.grade,
        "grade": new.grade,
        "version": version,
        "threshold": least,
    }
