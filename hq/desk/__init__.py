"""The leads that wait for room: by county, what becomes of them, and what headquarters may do about it."""
