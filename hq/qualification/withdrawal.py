"""Taking a consent back is shared with the page of one's own: see `shared.leads.withdrawal`."""

from shared.leads.withdrawal import hold_to, withdraw

__all__ = ["hold_to", "withdraw"]
