"""Why headquarters cannot offer a lead now."""

from shared.platform.errors import Conflict


class NotFree(Conflict):
    """A store has the lead or was offered it, or the person's consent does not stand. `params["state"]`."""

    code = "lead_not_free"


class StoreCannot(Conflict):
    """A store cannot be offered the lead; `params`: store (its code), why_not."""

    code = "store_cannot"


class PoolCannot(Conflict):
    """A lead cannot lie in the open pool; `params["why"]`: no_place, too_far, not_sold, …, or not_free."""

    code = "pool_cannot"


class UndoTooLate(Conflict):
    """The act was too long ago, or something happened since; nothing was changed. `params["act"]` names it."""

    code = "undo_too_late"
