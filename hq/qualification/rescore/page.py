"""The scores of a page of people, all at once: the same as `qualify` gives them one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from hq.qualification.profile import scoring_facts, wish_age_days
from hq.qualification.rescore.standing import NewScore, Person, Step, step
from hq.qualification.scoring.many import Scores, Told, reasons_many, score_many
from hq.qualification.scoring.scorecard import Scorecard, Value
from hq.qualification.thresholds.fates import Fated, Standing
from hq.routing.network import Network
from hq.routing.places import place_of

AGE = "wish_age_days"
"""The one fact that time alone changes."""


@dataclass(frozen=True, slots=True)
class Rescored:
    """A person with what card and thresholds say now; `score` is None for somebody without a lead."""

    person: Person
    step: Step
    score: NewScore | None
    fated: Fated


def rescored(
    people: Sequence[Person], card: Scorecard, thresholds: Standing, network: Network, as_of: datetime
) -> Iterator[Rescored]:
    """Score people for the moment `as_of`, in order; those whom a score cannot move are left out."""
    concerned = [person for person in people if person.concerned]
    facts = [scoring_facts(each.signups, _store_km(each, network), as_of) for each in concerned]
    columns = {name: Told.of([each[name] for each in facts]) for name in card.facts}
    count = len(concerned)
    scores = score_many(columns, card, count)
    fresh = {**columns, AGE: Told.of([_age_when_told(each) for each in concerned])}
    then = score_many(fresh, card, count) if AGE in columns else scores
    written = zip(
        concerned,
        scores.points.tolist(),
        *_said(scores),
        *_said(then),
        reasons_many(columns, card, count),
        strict=True,
    )
    fate_of = cache(thresholds.fate)  # there are as many chances as totals: few
    for person, points, grade, chance, grade_then, chance_then, reasons in written:
        campaign_id = person.campaign_id
        fated = fate_of(grade, chance, campaign_id)
        moved = step(person, now=fated, when_told=fate_of(grade_then, chance_then, campaign_id))
        lead = person.lead
        yield Rescored(person, moved, lead and NewScore(lead.lead_id, points, grade, chance, reasons), fated)


def _said(scores: Scores) -> tuple[list[str], list[float]]:
    """Grades and chances."""
    return scores.grade.tolist(), scores.probability.tolist()


def _store_km(person: Person, network: Network) -> float | None:
    """A lead says where it is; of somebody else the sign-ups are asked, as `qualify` does."""
    if person.lead is not None:
        lng, lat = person.lead.lng, person.lead.lat
    else:
        place = place_of(person.signups, network)
        lng, lat = place.get("lng"), place.get("lat")
    return None if lng is None or lat is None else network.nearest_km(lng, lat)


def _age_when_told(person: Person) -> Value:
    """Of somebody without a lead: how old the wish was when the latest sign-up was decided."""
    if person.lead is not None:
        return None
    return wish_age_days(person.signups, max(said.accepted_at for said in person.signups))
