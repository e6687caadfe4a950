"""Why somebody cannot claim, and what cannot be shared out."""

from __future__ import annotations

from shared.platform.errors import Conflict, Invalid


class NotYourTurn(Conflict):
    """It is somebody else's turn, or the manager's. `params`: by (person, manager, later), name, free_at (ISO)."""

    code = "not_your_turn"


class SharesChanged(Conflict):
    """Who gets what is no longer what was shown: a lead went, somebody came or left."""

    code = "shares_changed"


class NobodyOnDuty(Conflict):
    """There is nobody among whom something could be shared out."""

    code = "nobody_on_duty"


class BadDay(Invalid):
    """Back on duty: after today, and within `params["days"]` days."""

    code = "bad_duty_day"
