"""How often each reason for quarantine was right, by headquarters' own verdicts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

ENOUGH = 30
"""People judged below which a precision says little: its interval is then wider than a third."""
_Z = 1.959964  # 97.5 % point of the standard normal distribution: 95 % in the middle

# A person counts once per reason, with the last verdict that nobody took back.
_COUNTED = text(
    """
    WITH last AS (
        SELECT DISTINCT ON (coalesce(s.contact_id, s.signup_id)) v.codes, v.verdict
        FROM screening_verdicts v JOIN signups s ON s.signup_id = v.signup_id
        WHERE v.undone_at IS NULL
          AND (CAST(:since AS timestamptz) IS NULL OR v.at >= :since)
          AND (CAST(:campaign AS uuid) IS NULL OR s.campaign_id = :campaign)
        ORDER BY coalesce(s.contact_id, s.signup_id), v.at DESC, v.verdict_id DESC
    )
    SELECT code, count(*) FILTER (WHERE verdict = 'fraud'), count(*) FILTER (WHERE verdict = 'genuine')
    FROM last CROSS JOIN LATERAL unnest(CASE WHEN codes = '{}' THEN '{""}' ELSE codes END) AS code
    GROUP BY code
    """
)


@dataclass(frozen=True, slots=True)
class Precision:
    """One reason: of the people whom it stopped and headquarters judged, how many were prize hunters.

    Attributes:
        code: of the reason; empty for people whom nothing had stopped.
        share: fraud of all judged, 0 to 1.
        low, high: its 95 % interval.
    """

    code: str
    fraud: int
    genuine: int

    @property
    def judged(self) -> int:
        return self.fraud + self.genuine

    @property
    def share(self) -> float:
        return self.fraud / self.judged

    @property
    def low(self) -> float:
        return wilson(self.fraud, self.judged)[0]

    @property
    def high(self) -> float:
        return wilson(self.fraud, self.judged)[1]

    @property
    def enough(self) -> bool:
        """Whether so many were judged that the share says something."""
        return self.judged >= ENOUGH


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % score interval of a share.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American
    Statistical Association 22 (1927), 209-212: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).

    Args:
        hits: how many; of: out of how many, at least 1.

    Returns:
        Both ends, within 0 and 1; for small numbers and shares near 0 or 1 they are sound where p ± 2 √(p(1-p)/n)
        is not.
    """
    share, z2 = hits / of, _Z * _Z
    middle = share + z2 / (2 * of)
    wide = _Z * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    scale = 1 + z2 / of
    return max(0.0, (middle - wide) / scale), min(1.0, (middle + wide) / scale)


def precisions(session: Session, *, since: datetime | None, campaign: UUID | None) -> Sequence[Precision]:
    """Every reason with somebody judged since a moment in a campaign, that of most people first; one statement."""
    rows = session.execute(_COUNTED, {"since": since, "campaign": campaign})
    return sorted((Precision(*row) for row in rows), key=lambda each: (-each.judged, each.code))
