"""All reads of scoring anew: of a page two statements, whatever its size."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from hq.qualification.facts import Said
from hq.qualification.links import LOOK_AGAIN
from hq.qualification.rescore.models import RescorePage, RescoreRun
from hq.qualification.rescore.standing import REASONS, LeadRow, Person
from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.scoring.scorecard import Scorecard
from hq.qualification.thresholds.models import ThresholdReckoning
from hq.qualification.thresholds.rules import By
from hq.rules.models import RuleSet
from shared.platform.clock import BEIJING

NIGHT = time(3)
"""When everybody is scored anew for another day of age, in Beijing."""
_HISTORY = 50  # sign-ups of one contact that are looked at, as `qualify` does

_CLOSED = ", ".join(f"'{code}'" for code in REASONS.values())
_RANGE = "contact_id >= :low AND (CAST(:high AS uuid) IS NULL OR contact_id < :high)"
# The locks keep others from strengthening a lead between its facts and its score.
_LEADS = text(
    f"""
    SELECT lead_id, contact_id, state, points, grade, CAST(place ->> 'lng' AS float8),
           CAST(place ->> 'lat' AS float8), campaign_id
    FROM leads l
    WHERE {_RANGE} AND (
        closed_at IS NULL OR state = 'closed' AND state_reason ->> 'code' IN ({_CLOSED}) AND NOT EXISTS (
            SELECT 1 FROM leads n
            WHERE n.contact_id = l.contact_id AND (n.opened_at, n.lead_id) > (l.opened_at, l.lead_id)))
    ORDER BY lead_id FOR NO KEY UPDATE
    """  # noqa: S608 (names of this module)
)
# Only what a score asks. JSON comes as text: people say the same few things, and each is read once.
_SIGNUPS = text(
    f"""
    SELECT contact_id, signup_id, campaign_id, outcome, occurred_at, accepted_at, touchpoint, store_code,
           CASE WHEN openid_bidx IS NOT NULL THEN CAST('known' AS bytea) END, phone_verified, CAST(region AS text),
           CAST(interest AS text), CAST(actions AS text), source
    FROM signups
    WHERE {_RANGE} AND outcome IS NOT NULL
    ORDER BY contact_id, accepted_at, signup_id
    """  # noqa: S608 (names of this module)
)
_UNFINISHED = ("running", "stopped")


def due_pages(_now: datetime) -> Select[Any]:
    """The pages of the run that goes on, in order."""
    columns: list[Any] = [
        *(getattr(RescorePage, name) for name in ("page_id", "run_id", "number", "low", "high", "people")),
        RescoreRun.version,
        RescoreRun.as_of,
    ]
    return (
        select(*columns)
        .join(RescoreRun, RescoreRun.run_id == RescorePage.run_id)
        .where(RescoreRun.state == "running", RescorePage.done_at.is_(None), RescorePage.aside_at.is_(None))
        .order_by(RescorePage.number)
    )


def stale_cards(now: datetime) -> Select[Any]:
    """The scorecard in force, when nobody was scored with it yet, or not since the last night or since other
    thresholds came into force and their bar is known. A run of it that somebody stopped is left alone."""
    stopped = exists().where(RescoreRun.state == "stopped", RescoreRun.version == RuleSet.version)
    thresholds = aliased(RuleSet)
    newer = (thresholds.kind == "thresholds", thresholds.status == "active")
    reckoned = exists().where(ThresholdReckoning.version == thresholds.version)
    settled = or_(thresholds.body["bar"]["by"].astext != By.CAPACITY.value, reckoned)
    moved = exists().where(*newer, thresholds.activated_at > RuleSet.rescored_at, settled)
    stale = or_(RuleSet.rescored_at.is_(None), RuleSet.rescored_at < last_night(now), moved)
    columns: list[Any] = [RuleSet.rule_set_id, RuleSet.version, RuleSet.rescored_at, RuleSet.activated_at]
    columns.append(moved.label("other_thresholds"))
    return (
        select(*columns)
        .where(RuleSet.kind == "scorecard", RuleSet.status == "active", stale, ~stopped)
        .order_by(RuleSet.rule_set_id)
    )


def last_night(now: datetime) -> datetime:
    """The latest three o'clock in Beijing."""
    here = now.astimezone(BEIJING)
    tonight = datetime.combine(here.date(), NIGHT, BEIJING)
    return tonight if tonight <= here else tonight - timedelta(days=1)


def card_of(session: Session, version: int) -> Scorecard:
    """The scorecard of a version; 0 is what Koi comes with."""
    query = select(RuleSet.body).where(RuleSet.kind == "scorecard", RuleSet.version == version)
    return Scorecard.parse(session.scalar(query) or DEFAULT_CARD)


def people_of(session: Session, *, low: UUID, high: UUID | None) -> Sequence[Person]:
    """The contacts from `low` to before `high` that have a sign-up which passed screening, by key; their leads
    that are open, or were nurtured or closed by the thresholds, are locked."""
    within = {"low": low, "high": high}
    leads = {lead.contact_id: lead for lead in map(LeadRow._make, session.execute(_LEADS, within).all())}
    people = []
    for contact_id, rows in groupby(session.execute(_SIGNUPS, within).all(), key=itemgetter(0)):
        passed = [_said(*row) for row in list(rows)[-_HISTORY:] if row[3] in LOOK_AGAIN]
        if passed:
            people.append(Person(contact_id, passed, leads.get(contact_id)))
    return people


def _said(
    contact_id: UUID,
    signup_id: UUID,
    campaign_id: UUID,
    outcome: str,
    occurred_at: datetime,
    accepted_at: datetime,
    touchpoint: str | None,
    store_code: str | None,
    openid: bytes | None,
    phone_verified: str,
    region: str,
    interest: str,
    actions: str,
    source: str,
) -> Said:
    """A row of `_SIGNUPS`; what no score asks is left empty, and of an openid only whether there is one."""
    return Said(
        signup_id,
        campaign_id,
        occurred_at,
        accepted_at,
        touchpoint,
        store_code,
        None,
        openid,
        phone_verified,
        _read(region),
        _read(interest),
        _read(actions),
        None,
        outcome,
        None,
        contact_id,
        source,
    )


@lru_cache(maxsize=20_000)
def _read(told: str) -> Mapping[str, Any]:
    read: Mapping[str, Any] = json.loads(told)
    return read


def unfinished(session: Session) -> RescoreRun | None:
    """The run that goes on or was stopped."""
    return session.scalars(select(RescoreRun).where(RescoreRun.state.in_(_UNFINISHED))).one_or_none()


def aside(session: Session, run_id: UUID) -> int:
    """Pages of a run that were put aside: it cannot end before somebody has them tried again."""
    pages = select(func.count()).where(RescorePage.run_id == run_id, RescorePage.aside_at.is_not(None))
    return session.scalar(pages.where(RescorePage.done_at.is_(None))) or 0


def latest(session: Session, most: int = 20) -> Sequence[RescoreRun]:
    """The last runs, the latest first."""
    return session.scalars(
        select(RescoreRun).order_by(RescoreRun.started_at.desc(), RescoreRun.run_id.desc()).limit(most)
    ).all()


def as_mapping(run: RescoreRun) -> Mapping[str, Any]:
    """For machines."""
    return {column.key: getattr(run, column.key) for column in RescoreRun.__table__.columns}
