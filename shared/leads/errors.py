"""Why a store cannot do something with a lead now."""

from __future__ import annotations

from shared.platform.errors import Conflict, Invalid, Missing


class AlreadyTaken(Conflict):
    """Somebody else has the lead. `params`: by (store, colleague), stores (how many it was offered to)."""

    code = "already_taken"


class OfferExpired(Conflict):
    """The deadline has passed; the lead goes to another store. `params["deadline"]` is the deadline, ISO."""

    code = "offer_expired"


class OfferGone(Conflict):
    """The store sent the lead back, or headquarters took it back. `params["stage"]` says which."""

    code = "offer_gone"


class NotHeld(Conflict):
    """The store does not have the lead (any more). `params["stage"]` says where it stands."""

    code = "not_held"


class PoolRefused(Conflict):
    """A store may not do this in the pool now; nothing was changed.

    `params["why"]`: gone, paused, declined, former, cooling, claims, views; `params["retry_at"]` (ISO): when it will be
    possible, if it will.
    """

    code = "pool_refused"


class LeftPool(Missing):
    """The lead is not in the pool (any more), or was never there for this store: nobody is told which."""

    code = "left_pool"


class OnItsWay(Conflict):
    """The customer's number is being sealed for the store; it is there within moments."""

    code = "on_its_way"


class ReasonMissing(Invalid):
    """A decline or a loss needs one of the known reasons."""

    code = "reason_missing"


class NoteTooLong(Invalid):
    """`params["limit"]` characters are enough for a note."""

    code = "note_too_long"


class BadNextStep(Invalid):
    """The next step lies in the past or more than a year ahead, or an appointment has no time."""

    code = "bad_next_step"
