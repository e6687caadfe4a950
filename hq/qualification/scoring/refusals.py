"""Why a scorecard cannot be used: a place and a reason, with words in both languages (`scoring.words`)."""

from __future__ import annotations

from typing import ClassVar

from shared.platform.errors import Invalid


class CardRefused(Invalid):
    """The card cannot be used.

    Attributes:
        field: the place, as in `attributes.2.bins.0.points` (counted from 0) or `base_odds`.
        reason: names the sentence; further parameters are what the sentence needs.
    """

    code: ClassVar[str] = "card_refused"

    def __init__(self, field: str, reason: str, **params: object) -> None:
        super().__init__(field=field, reason=reason, **params)
        self.field = field
        self.reason = reason
