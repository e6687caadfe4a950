"""What a replay refuses."""

from __future__ import annotations

from shared.platform.errors import Invalid


class EmptyPeriod(Invalid):
    """Nobody became a lead or was turned away by points then; `params`: field, since, until (days)."""

    code = "replay_empty"


class BadPeriod(Invalid):
    """No two days in order, or longer than `most` days; `params`: field, most."""

    code = "replay_period"


class NothingToCompare(Invalid):
    """The version is the one in force."""

    code = "replay_same"
