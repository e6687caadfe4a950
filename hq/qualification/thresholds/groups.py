"""People on whom thresholds have a say, counted by what decides about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.rescore.standing import REASONS
from hq.qualification.thresholds.fates import Standing
from hq.qualification.thresholds.reckoning import DAYS, Demand
from hq.qualification.thresholds.rules import Fate, Thresholds

LATELY = timedelta(days=28)
"""Whose sign-ups tell how many people come."""
_LEAST = timedelta(days=1)
_HALF_DIGIT = 0.00005  # decisions keep four decimals: who may have been rounded up passes with those of that number

# Of somebody with a lead the lead says the score, of somebody else the last decision. Whom a store or headquarters
# brought no thresholds decide about.
_BROUGHT = "s.source = 'store' OR s.source = 'hand' AND s.store_code IS NOT NULL"
_TURNED_AWAY = ", ".join(f"'{code}'" for code in REASONS.values())
_GROUPS = text(
    f"""
    WITH with_lead AS (
        SELECT l.contact_id, l.campaign_id, l.grade, l.probability, l.state, first.at AS at,
               l.state = 'closed' AND l.state_reason ->> 'code' IN ({_TURNED_AWAY}) AS turned_away
        FROM leads l
        CROSS JOIN LATERAL (SELECT min(s.accepted_at) AS at, coalesce(bool_or({_BROUGHT}), true) AS brought
                            FROM signups s WHERE s.lead_id = l.lead_id) AS first
        WHERE NOT first.brought AND (l.opened_at >= :since OR l.state = 'waiting'
              OR l.state = 'closed' AND l.state_reason ->> 'code' IN ({_TURNED_AWAY}))
    ),
    turned AS (
        SELECT DISTINCT ON (s.contact_id) s.contact_id, s.campaign_id, d.steps -> 'scoring' ->> 'grade' AS grade,
               CAST(d.steps -> 'scoring' ->> 'probability' AS float8) AS probability, s.accepted_at AS at,
               s.outcome = 'below_threshold' AS shut
        FROM signups s JOIN signup_decisions d ON d.signup_id = s.signup_id AND d.run = s.runs
        WHERE s.outcome IN ('nurture', 'below_threshold') AND s.state = 'decided' AND s.aside_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM leads l WHERE l.contact_id = s.contact_id AND (
                              l.closed_at IS NULL OR l.state_reason ->> 'code' IN ({_TURNED_AWAY})))
        ORDER BY s.contact_id, s.accepted_at DESC, s.signup_id DESC
    )
    SELECT campaign_id, grade, probability,
           CASE WHEN state = 'waiting' THEN 'waiting' WHEN turned_away THEN 'resting' ELSE 'past' END AS place,
           at >= :since AS lately, count(*) AS people
    FROM with_lead GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT campaign_id, grade, probability, CASE WHEN shut THEN 'closed' ELSE 'nurtured' END, at >= :since, count(*)
    FROM turned WHERE grade IS NOT NULL GROUP BY 1, 2, 3, 4, 5
    ORDER BY 1, 2, 3, 4, 5
    """  # noqa: S608 (text and codes of this program)
)
_FIRST = text("SELECT min(accepted_at) FROM signups")


class Group(NamedTuple):
    """People who are alike to thresholds.

    Attributes:
        place: `waiting` (a lead that no store has yet), `resting` (one that thresholds closed), `nurtured` and
            `closed` (a sign-up), or `past` (a lead with a store, or over).
        lately: they signed up within `LATELY`.
    """

    campaign_id: UUID
    grade: str
    chance: float
    place: str
    lately: bool
    people: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody on whom thresholds have a say, and the days that `lately` covers."""

    groups: Sequence[Group]
    days: float

    @property
    def seen(self) -> int:
        """People who signed up lately and whom thresholds decided about."""
        return sum(each.people for each in self.groups if each.lately)

    def demand(self, rules: Thresholds) -> list[Demand]:
        """Those whose grade goes to stores, by chance."""
        going = [each for each in self.groups if rules.of(each.campaign_id)[each.grade] is Fate.STORES]
        return [
            Demand(
                max(0.0, each.chance - _HALF_DIGIT),
                each.people * DAYS / self.days if each.lately else 0.0,
                each.people if each.place in ("resting", "nurtured", "closed") else 0,
            )
            for each in going
        ]


@dataclass(frozen=True, slots=True)
class Moves:
    """What thresholds would change at once, in people.

    Attributes:
        enter: nurtured or closed now, to stores then.
        leave: leads that wait for a store now, nurtured or closed then.
        close, reopen: sign-ups that are nurtured now and closed then, and the other way round.
    """

    enter: int
    leave: int
    close: int
    reopen: int


def crowd(session: Session, *, now: datetime) -> Crowd:
    """Count everybody; two statements."""
    since = now - LATELY
    first = session.execute(_FIRST).scalar_one() or now
    days = (now - max(since, min(first, now - _LEAST))) / timedelta(days=1)
    return Crowd([Group(*row) for row in session.execute(_GROUPS, {"since": since})], days)


def moves(groups: Iterable[Group], thresholds: Standing) -> Moves:
    """What thresholds would change for people who are nurtured, closed, or wait for a store."""
    counts = dict.fromkeys(Moves.__slots__, 0)
    for each in groups:
        fate = thresholds.fate(each.grade, each.chance, each.campaign_id).fate
        move = _MOVES.get((each.place, fate))
        if move:
            counts[move] += each.people
    return Moves(**counts)


_MOVES = {
    ("resting", Fate.STORES): "enter",
    ("nurtured", Fate.STORES): "enter",
    ("closed", Fate.STORES): "enter",
    ("waiting", Fate.NURTURE): "leave",
    ("waiting", Fate.CLOSE): "leave",
    ("nurtured", Fate.CLOSE): "close",
    ("closed", Fate.NURTURE): "reopen",
}
