"""Reading rules: those in force, and every version there was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.qualification.thresholds.models import ThresholdReckoning
from hq.rules import kinds
from hq.rules.models import RULE_KINDS, RuleSet
from shared.campaigns.models import Campaign
from shared.platform.errors import Missing


@dataclass(frozen=True, slots=True)
class InForce:
    """One kind of rules. Version 0 is what Koi comes with: `body` is None until somebody activates a version.

    Attributes:
        bar, reckoning_id: of thresholds, what was last reckoned from capacity, and the row that says how.
    """

    version: int
    body: Mapping[str, Any] | None
    bar: float | None = None
    reckoning_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a kind, as pages show it (see `RuleSet`)."""

    rule_set_id: UUID
    kind: str
    version: int
    status: str
    body: Mapping[str, Any]
    note: str
    author: str
    created_at: datetime
    based_on: int | None
    revision: int
    changed_by: str
    changed_at: datetime
    activated_by: str | None
    activated_at: datetime | None
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rules with all its versions, the newest first."""

    name: str
    versions: Sequence[Version]

    @property
    def active(self) -> Version | None:
        """The version in force."""
        return next((each for each in self.versions if each.status == "active"), None)

    @property
    def drafts(self) -> Sequence[Version]:
        """The open drafts, the newest first."""
        return [each for each in self.versions if each.status == "draft"]

    def find(self, version: int) -> Version:
        """One version.

        Raises:
            Missing: there is none of that number.
        """
        for each in self.versions:
            if each.version == version:
                return each
        raise Missing(kind=self.name, version=version)


def in_force(session: Session) -> Mapping[str, InForce]:
    """The active version of every kind that has one; one statement."""
    last = select(ThresholdReckoning.bar, ThresholdReckoning.reckoning_id).order_by(
        ThresholdReckoning.at.desc(), ThresholdReckoning.reckoning_id.desc()
    )
    reckoned = last.limit(1).subquery()
    rows = session.execute(
        select(RuleSet.kind, RuleSet.version, RuleSet.body, reckoned.c.bar, reckoned.c.reckoning_id)
        .outerjoin(reckoned, RuleSet.kind == "thresholds")
        .where(RuleSet.status == "active")
    )
    return {kind: InForce(*said) for kind, *said in rows}


def of_kind(rules: Mapping[str, InForce], kind: str) -> InForce:
    """The version of a kind, or version 0."""
    return rules.get(kind, InForce(0, None))


def all_kinds(session: Session) -> Sequence[Kind]:
    """Every kind with its versions; one statement."""
    found = _versions(session)
    return [Kind(name, [each for each in found if each.kind == name]) for name in RULE_KINDS]


def kind_of(session: Session, name: str) -> Kind:
    """A kind with its versions.

    Raises:
        Missing: there is no such kind.
    """
    return Kind(kinds.known(name), _versions(session, name))


def campaign_names(session: Session) -> Mapping[str, str]:
    """The names of all campaigns by key as text, the newest first."""
    query = select(Campaign.campaign_id, Campaign.name).order_by(Campaign.created_at.desc(), Campaign.campaign_id)
    return {str(campaign_id): name for campaign_id, name in session.execute(query)}


def _versions(session: Session, kind: str | None = None) -> Sequence[Version]:
    columns = [getattr(RuleSet, name) for name in Version.__slots__]
    query = select(*columns).order_by(RuleSet.kind, RuleSet.version.desc())
    rows = session.execute(query if kind is None else query.where(RuleSet.kind == kind))
    return [Version(*row) for row in rows]
