"""Reading the thresholds in force."""

from __future__ import annotations

from sqlalchemy.orm import Session

from hq.qualification.thresholds.fates import Standing
from hq.qualification.thresholds.rules import DEFAULT_THRESHOLDS, Thresholds
from hq.rules.queries import InForce, in_force, of_kind


def standing(session: Session) -> Standing:
    """The thresholds in force; one statement."""
    return standing_of(of_kind(in_force(session), "thresholds"))


def standing_of(found: InForce) -> Standing:
    """The thresholds of a version in force; of version 0 those that Koi starts with."""
    return Standing(Thresholds.parse(found.body or DEFAULT_THRESHOLDS), found.version)
