"""Two cards over the same people, all at once. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hq.qualification.replay.tally import Compared, PastPerson
from hq.qualification.scoring.many import Told, score_many
from hq.qualification.scoring.scorecard import Scorecard


def compared(people: Sequence[PastPerson], before: Scorecard, after: Scorecard) -> Iterator[Compared]:
    """Score people with both cards, in order."""
    names = dict.fromkeys((*before.facts, *after.facts))
    columns = {name: Told.of([each.facts.get(name) for each in people]) for name in names}
    old, new = (score_many(columns, card, len(people)) for card in (before, after))
    rows = zip(people, old.points.tolist(), new.points.tolist(), old.grade.tolist(), new.grade.tolist(), strict=True)
    for person, points_before, points, grade_before, grade in rows:
        went = person.brought or points_before >= before.threshold
        goes = person.brought or points >= after.threshold
        yield Compared(person, points_before, points, grade_before, grade, went, goes)
