"""Writing rules: a new version takes the place of the active one; nothing is edited in place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hq.rules.models import RuleSet
from shared.platform.ids import new_id

_NOTE = "what Koi comes with"


def ensure_defaults(session: Session, defaults: Mapping[str, Mapping[str, Any]], *, now: datetime) -> None:
    """Activate version 1 of every kind that has no version yet, so that decisions name rules one can look up.

    Args:
        session: as headquarters.
        defaults: body by kind.
    """
    known = set(session.scalars(select(RuleSet.kind).distinct()))
    for kind in sorted(set(defaults) - known):
        session.execute(
            insert(RuleSet)
            .values(
                rule_set_id=new_id(now),
                kind=kind,
                version=1,
                status="active",
                body=dict(defaults[kind]),
                note=_NOTE,
                author="system",
                created_at=now,
                activated_at=now,
            )
            .on_conflict_do_nothing()
        )
