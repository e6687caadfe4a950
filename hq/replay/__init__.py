"""Trying rules before they are used: a past period is decided with them and with those in force.

`people`: a scorecard, screening rules and thresholds, beside what became of the people. `routed`: routing rules, on the
leads of the period or on demand that never was. `service` begins, stops and writes, `jobs` does the steps.
"""
