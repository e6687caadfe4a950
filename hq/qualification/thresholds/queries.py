"""Reading the thresholds in force, and the bars that were reckoned."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hq.qualification.thresholds.fates import Standing
from hq.qualification.thresholds.models import ThresholdReckoning
from hq.qualification.thresholds.rules import DEFAULT_THRESHOLDS, Thresholds
from hq.rules.queries import InForce, in_force, of_kind


def standing(session: Session) -> Standing:
    """The thresholds in force; one statement."""
    return standing_of(of_kind(in_force(session), "thresholds"))


def standing_of(found: InForce) -> Standing:
    """The thresholds of a version in force; of version 0 those that Koi starts with."""
    return Standing(Thresholds.parse(found.body or DEFAULT_THRESHOLDS), found.version, found.bar, found.reckoning_id)


def last_bar(session: Session, version: int) -> float | None:
    """The bar that was last reckoned for a version of the thresholds."""
    last = _reckonings().where(ThresholdReckoning.version == version).limit(1)
    found = session.scalars(last).one_or_none()
    return None if found is None else found.bar


def reckonings(session: Session, most: int = 28) -> Sequence[ThresholdReckoning]:
    """The last reckonings, the latest first."""
    return session.scalars(_reckonings().limit(most)).all()


def _reckonings() -> Select[ThresholdReckoning]:
    return select(ThresholdReckoning).order_by(ThresholdReckoning.at.desc(), ThresholdReckoning.reckoning_id.desc())
