"""Trying rules before they are used: a past period is decided with them and with those in force, beside what became of
the people.

A scorecard scores people by their leads (`scored`, `comparing`); other rules decide about whole people by the decision
that `qualify` makes, writing nothing (`past`, `deciding`). `tally` and `ruling` count, `service` begins, stops and
writes, `jobs` does the steps.
"""
