"""Why no card can be learnt from a file."""

from __future__ import annotations

from typing import ClassVar

from shared.platform.errors import Invalid


class FitRefused(Invalid):
    """Nothing can be learnt.

    Attributes:
        reason: names the sentence (`scoring.words`); the parameters are what it needs.
    """

    code: ClassVar[str] = "fit_refused"

    def __init__(self, reason: str, **params: object) -> None:
        super().__init__(field=str(params.get("column", "file")), reason=reason, **params)
        self.reason = reason
