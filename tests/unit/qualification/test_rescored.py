"""Scoring many people anew: nobody's score depends on who else is scored, on their order, or on how they are shared."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as some

from hq.qualification.facts import Said
from hq.qualification.rescore.page import Rescored, rescored
from hq.qualification.rescore.standing import LeadRow, Person
from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.scoring.scorecard import Scorecard
from hq.qualification.thresholds.fates import Standing
from hq.qualification.thresholds.rules import DEFAULT_THRESHOLDS, Thresholds
from hq.routing.network import Network
from shared.platform.ids import NIL
from tests.factories.counting import NOW

CARD = Scorecard.parse(DEFAULT_CARD)
THRESHOLDS = Standing(Thresholds.parse(DEFAULT_THRESHOLDS), 0)
NOWHERE = Network.of([])


@some.composite
def persons(draw) -> Person:
    """Somebody with one to three sign-ups, with a lead or without."""
    number = draw(some.integers(0, 10_000))
    signups = [
        Said(
            UUID(int=number * 10 + turn),
            NIL,
            NOW - timedelta(days=draw(some.integers(0, 120))),
            NOW,
            draw(some.sampled_from(["store_qr", "moments", None])),
            None,
            None,
            None,
            draw(some.sampled_from(["sms", "wechat", "none"])),
            {},
            {"purchase_horizon": draw(some.sampled_from(["now", "3m", "none", "nonsense"]))},
            {"draws": draw(some.integers(0, 12))},
            None,
            draw(some.sampled_from(["in_lead", "nurture", "below_threshold", "duplicate"])),
            None,
            UUID(int=number),
        )
        for turn in range(draw(some.integers(1, 3)))
    ]
    state = draw(some.sampled_from(["waiting", "placed", "desk", "closed", None]))
    lead = LeadRow(UUID(int=number), UUID(int=number), state, 0, "D", None, None, NIL) if state else None
    return Person(UUID(int=number), signups, lead)


def _scored(people: list[Person]) -> list[Rescored]:
    return list(rescored(people, CARD, THRESHOLDS, NOWHERE, NOW))


@given(some.lists(persons(), max_size=12), some.integers(1, 5), some.randoms(use_true_random=False))
def test_a_score_does_not_depend_on_the_batch_or_the_order(people, size, chance):
    whole = _scored(people)
    parts = [found for at in range(0, len(people), size) for found in _scored(people[at : at + size])]
    assert parts == whole
    mixed = people[:]
    chance.shuffle(mixed)
    assert sorted(map(repr, _scored(mixed))) == sorted(map(repr, whole))
