"""Two cards over the same people, all at once, and the same thresholds after both. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hq.qualification.scoring.many import Told, score_many
from hq.qualification.scoring.scorecard import Scorecard, Value
from hq.qualification.thresholds.fates import Standing
from hq.replay.people.tally import IN_LEAD, Compared, PastPerson, Stand


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody with what was known then.

    Attributes:
        campaign_id: of the sign-up that was decided, by whose thresholds the person is judged.
        brought: a store or headquarters wanted the person; no threshold decided.
    """

    person: PastPerson
    facts: Mapping[str, Value]
    campaign_id: UUID
    brought: bool


def compared(people: Sequence[Known], before: Scorecard, after: Scorecard, thresholds: Standing) -> Iterator[Compared]:
    """Score people with both cards, in order, and judge them by the same thresholds."""
    stands = zip(_stands(people, before, thresholds), _stands(people, after, thresholds), strict=True)
    for each, (old, new) in zip(people, stands, strict=True):
        yield Compared(each.person, old, new)


def _stands(people: Sequence[Known], card: Scorecard, thresholds: Standing) -> Iterator[Stand]:
    columns = {name: Told.of([each.facts.get(name) for each in people]) for name in dict.fromkeys(card.facts)}
    scores = score_many(columns, card, len(people))
    rows = zip(people, scores.points.tolist(), scores.grade.tolist(), scores.probability.tolist(), strict=True)
    for each, points, grade, chance in rows:
        outcome = None if each.brought else thresholds.fate(grade, chance, each.campaign_id).outcome
        yield Stand(outcome or IN_LEAD, grade, points)
