"""What thresholds would change, and what their bar would be: shown before they are put in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import ngettext
from sqlalchemy.orm import Session

from hq.qualification.thresholds import queries, service
from hq.qualification.thresholds.fates import Standing
from hq.qualification.thresholds.groups import Moves, crowd, moves
from hq.qualification.thresholds.models import ThresholdReckoning
from hq.qualification.thresholds.rules import By, Thresholds
from hq.routing.network import ATLAS
from hq.rules.queries import Version
from shared.web import formats


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a version says of today.

    Attributes:
        reckoning: of its bar, where that comes from capacity: as it is kept, or as it would be.
        effects: sentences of what it would change at once; of a version that is in force none.
        history: the last reckonings, the latest first.
    """

    reckoning: ThresholdReckoning | None
    effects: Sequence[str]
    history: Sequence[ThresholdReckoning]


def outlook(session: Session, version: Version, *, now: datetime) -> Outlook:
    """What a version of thresholds says of today."""
    rules = Thresholds.parse(version.body)
    by_capacity = rules.bar.by is By.CAPACITY
    history = queries.reckonings(session)
    if version.status == "active":
        own = (each for each in history if each.version == version.version)
        return Outlook(next(own, None) if by_capacity else None, (), history)
    if not by_capacity:
        return Outlook(None, _effects(moves(crowd(session, now=now).groups, Standing(rules, version.version))), history)
    found = service.outlook(session, rules, ATLAS.network(session), before=None, now=now)
    standing = Standing(rules, version.version, found.reckoned.bar)
    row = service.as_row(found, version=version.version, now=now)
    return Outlook(row, _effects(moves(found.crowd.groups, standing)), history)


def _effects(found: Moves) -> list[str]:
    """What changes within minutes, in sentences; [] where nothing does."""
    told = (
        (found.enter, _enter),
        (found.leave, _leave),
        (found.close, _close),
        (found.reopen, _reopen),
    )
    return [say(people) for people, say in told if people]


def _enter(count: int) -> str:
    return str(
        ngettext(
            "%(people)s person who is nurtured or closed passes and gets a lead",
            "%(people)s people who are nurtured or closed pass and get a lead",
            count,
            people=formats.number(count),
        )
    )


def _leave(count: int) -> str:
    return str(
        ngettext(
            "%(people)s lead that waits for a store is nurtured or closed",
            "%(people)s leads that wait for a store are nurtured or closed",
            count,
            people=formats.number(count),
        )
    )


def _close(count: int) -> str:
    return str(
        ngettext(
            "%(people)s person who is nurtured is closed",
            "%(people)s people who are nurtured are closed",
            count,
            people=formats.number(count),
        )
    )


def _reopen(count: int) -> str:
    return str(
        ngettext(
            "%(people)s person who is closed is nurtured",
            "%(people)s people who are closed are nurtured",
            count,
            people=formats.number(count),
        )
    )
