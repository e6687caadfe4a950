"""What the quarantine desk refuses."""

from __future__ import annotations

from shared.platform.errors import Invalid


class TooManyAtOnce(Invalid):
    """More people than one act may judge; `params["most"]`."""

    code = "verdict_too_many"
