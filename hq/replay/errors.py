"""What a replay refuses."""

from __future__ import annotations

from shared.platform.errors import Conflict, Invalid


class EmptyPeriod(Invalid):
    """Nobody was decided about then whom these rules could touch; `params`: field, since, until (days)."""

    code = "replay_empty"


class BadPeriod(Invalid):
    """No two days in order, or longer than `most` days; `params`: field, most."""

    code = "replay_period"


class NothingToCompare(Invalid):
    """The version is the one in force."""

    code = "replay_same"


class Unreadable(Invalid):
    """The version cannot be used as it is; `params`: version."""

    code = "replay_unreadable"


class ReplayMoved(Conflict):
    """It is over, or somebody stopped it; `params`: state."""

    code = "replay_moved"


class TooLarge(Invalid):
    """More leads than can be routed again; `params`: field, leads, most."""

    code = "replay_too_large"


class NoLeads(EmptyPeriod):
    """No lead was opened in these days."""

    code = "replay_no_leads"


class NoPopulation(Invalid):
    """Headquarters has brought no table of population along; `params`: field."""

    code = "replay_no_population"


class NoPlaces(Invalid):
    """Nobody knows where an active store stands; `params`: field."""

    code = "replay_no_places"


class TooFew(Invalid):
    """So few times as many of the leads of these days that none are left; `params`: field."""

    code = "replay_too_few"


class BadFactor(Invalid):
    """Not so many times as many; `params`: field, least, most."""

    code = "replay_factor"
