"""What the page of a trial of routing rules shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hq.replay import queries
from hq.replay.models import Replay
from hq.replay.queries import StoreStep
from hq.replay.routed.demand import Asked
from hq.replay.routed.outcome import Outcome
from hq.replay.routed.picture import Farther, Picture, draw, farther
from hq.routing.network import ATLAS

SHOWN = 12
"""Counties that are named."""
_DRAWN = 200


@dataclass(frozen=True, slots=True)
class Page:
    """Both sets of rules on the same leads.

    Attributes:
        steps: one page of the stores that would get more leads or fewer, the largest step first, and one more when
            there is another page.
        gain, lose: how many stores would.
        farther: counties whose customers would have farther, `rises` in all.
    """

    asked: Asked
    before: Outcome
    after: Outcome
    steps: Sequence[StoreStep]
    gain: int
    lose: int
    farther: Sequence[Farther]
    rises: int
    picture: Picture | None


def page_of(session: Session, replay: Replay, *, skip: int) -> Page | None:
    """The page; None before a day was routed.

    Args:
        skip: so many stores stand on the pages before.
    """
    if not replay.tally:
        return None
    before, after = replay.tally["before"], replay.tally["after"]
    moved = queries.moved_stores(session, replay.replay_id)
    rises = farther(before["counties"], after["counties"])
    return Page(
        Asked.parse(replay.asked),
        Outcome.of(before),
        Outcome.of(after),
        queries.store_steps(session, replay.replay_id, skip=skip),
        sum(step > 0 for step in moved.values()),
        sum(step < 0 for step in moved.values()),
        rises[:SHOWN],
        len(rises),
        draw(ATLAS.network(session), moved, rises[:_DRAWN]),
    )
