"""Reading the rules in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.rules.models import RuleSet


@dataclass(frozen=True, slots=True)
class InForce:
    """One kind of rules. Version 0 is what Koi comes with: `body` is None until somebody activates a version."""

    version: int
    body: Mapping[str, Any] | None


def in_force(session: Session) -> Mapping[str, InForce]:
    """The active version of every kind that has one; one statement."""
    rows = session.execute(select(RuleSet.kind, RuleSet.version, RuleSet.body).where(RuleSet.status == "active"))
    return {kind: InForce(version, body) for kind, version, body in rows}


def of_kind(rules: Mapping[str, InForce], kind: str) -> InForce:
    """The version of a kind, or version 0."""
    return rules.get(kind, InForce(0, None))
