"""The scores of a page of people, all at once: the same as `qualify` gives them one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from hq.qualification.profile import scoring_facts, wish_age_days
from hq.qualification.rescore.standing import NewScore, Person, Step, step
from hq.qualification.scoring.many import Told, reasons_many, score_many
from hq.qualification.scoring.scorecard import Scorecard, Value
from hq.routing.network import Network
from hq.routing.places import place_of

AGE = "wish_age_days"
"""The one fact that time alone changes."""


@dataclass(frozen=True, slots=True)
class Rescored:
    """A person with what the card says now; `score` is None for somebody without a lead."""

    person: Person
    step: Step
    score: NewScore | None


def rescored(people: Sequence[Person], card: Scorecard, network: Network, as_of: datetime) -> Iterator[Rescored]:
    """Score people for the moment `as_of`, in order; those whom a score cannot move are left out."""
    concerned = [person for person in people if person.concerned]
    facts = [scoring_facts(each.signups, _store_km(each, network), as_of) for each in concerned]
    columns = {name: Told.of([each[name] for each in facts]) for name in card.facts}
    count = len(concerned)
    scores = score_many(columns, card, count)
    points = scores.points.tolist()
    fresh = {**columns, AGE: Told.of([_age_when_told(each) for each in concerned])}
    then = score_many(fresh, card, count).points.tolist() if AGE in columns else points
    written = zip(
        concerned,
        points,
        then,
        scores.grade.tolist(),
        scores.probability.tolist(),
        reasons_many(columns, card, count),
        strict=True,
    )
    for person, total, total_then, grade, chance, reasons in written:
        moved = step(person, enough=total >= card.threshold, enough_when_told=total_then >= card.threshold)
        lead = person.lead
        yield Rescored(person, moved, lead and NewScore(lead.lead_id, total, grade, chance, reasons))


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
