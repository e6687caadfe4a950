"""Trying a scorecard before it is used: a past period is scored with it and with the one in force, beside what became
of the people.

`comparing` and `tally` compare and count (pure), `queries` reads the past, `service` begins and writes, `jobs` does
the steps.
"""
