"""Choosing the store of a lead, and following what stores did with it."""
