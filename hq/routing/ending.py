"""Ending assignments is shared with people who take their consent back: see `shared.leads.ending`."""

from shared.leads.ending import CONTACTED, Ending, Live, end, lock_live, notice, recall, where

__all__ = ["CONTACTED", "Ending", "Live", "end", "lock_live", "notice", "recall", "where"]
