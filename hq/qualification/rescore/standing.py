"""What another score means for one person: pure.

A store's lead stays where it is, whatever the score. What nobody holds follows the thresholds: a lead that waits and no
longer goes to a store by them is nurtured or closed, and comes back when it does. Whom they turned away before there
was a lead is decided again when they say something else now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from hq.qualification.facts import Said
from hq.qualification.thresholds.fates import OUTCOMES, Fated
from hq.qualification.thresholds.rules import Fate

REASONS = {Fate.NURTURE: "below_threshold", Fate.CLOSE: "closed_by_grade"}
"""`leads.state_reason` of a lead that was closed because it no longer goes to a store by the thresholds."""
TURNED_AWAY = frozenset(OUTCOMES.values())


class LeadRow(NamedTuple):
    """A lead that is open or was nurtured or closed by the thresholds, locked."""

    lead_id: UUID
    contact_id: UUID
    state: str
    points: int
    grade: str
    lng: float | None
    lat: float | None
    campaign_id: UUID


@dataclass(frozen=True, slots=True)
class Person:
    """A contact with its sign-ups that passed screening (oldest first, at least one), and its lead if it has one that
    is open, or was nurtured or closed by the thresholds."""

    contact_id: UUID
    signups: Sequence[Said]
    lead: LeadRow | None

    @property
    def turned_away(self) -> Said | None:
        """The sign-up that the thresholds nurtured or closed, where the person's latest word is such a one."""
        told = next((said for said in reversed(self.signups) if said.outcome != "duplicate"), None)
        return told if told is not None and told.outcome in TURNED_AWAY else None

    @property
    def campaign_id(self) -> UUID | None:
        """The campaign by whose thresholds the person is judged."""
        turned_away = self.turned_away
        return self.lead.campaign_id if self.lead else turned_away.campaign_id if turned_away else None

    @property
    def concerned(self) -> bool:
        """Whether a score can change anything: an open lead, one that was nurtured or closed, or such a sign-up."""
        return self.lead is not None or self.turned_away is not None


class Step(StrEnum):
    """What becomes of a person's place besides the score."""

    STAY = "stay"
    TURN_AWAY = "turn_away"
    REVIVE = "revive"
    LOOK_AGAIN = "look_again"


def step(person: Person, *, now: Fated, when_told: Fated) -> Step:
    """Where the person goes.

    Args:
        now: what the thresholds say of the score of now.
        when_told: what they say of that of the moment of the latest sign-up, by which sign-ups are decided. Who goes
            to a store only by growing older would be looked at every night and turned away every time.
    """
    lead, goes = person.lead, now.fate is Fate.STORES
    if lead is None:
        return _step_of_signup(person.turned_away, now, when_told)
    if lead.state == "closed":
        return Step.REVIVE if goes else Step.STAY
    brought = any(said.brought for said in person.signups)  # a store or headquarters wants the person anyway
    return Step.TURN_AWAY if lead.state == "waiting" and not goes and not brought else Step.STAY


def _step_of_signup(turned_away: Said | None, now: Fated, when_told: Fated) -> Step:
    """Looked at again where deciding again would say something else than stands there."""
    if turned_away is None or when_told.outcome == turned_away.outcome:
        return Step.STAY
    goes = when_told.fate is Fate.STORES
    return Step.LOOK_AGAIN if not goes or now.fate is Fate.STORES else Step.STAY


class NewScore(NamedTuple):
    """A lead's score as it is written; `reasons` is the JSON text."""

    lead_id: UUID
    points: int
    grade: str
    probability: float
    reasons: str


def told(lead: LeadRow, new: NewScore, version: int) -> dict[str, Any]:
    """The line of the lead's story."""
    return {
        "points_before": lead.points,
        "points": new.points,
        "grade_before": lead.grade,
        "grade": new.grade,
        "version": version,
    }
